// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Constants are used in assembly, where solhint does not look.
// solhint-disable no-unused-import

import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {P384Field, P384_INVERSE_W, P384_M2, P384_P2, Point384, Word384} from "./P384Field.sol";
import {P384Ladder} from "./P384Ladder.sol";
import {
    P384_AT_END,
    P384_AT_FIRST,
    P384_AT_FIXED,
    P384_AT_SLOPES,
    P384_AT_STEPS,
    P384_AT_VARIABLE,
    P384_AT_XL,
    P384_AT_YL,
    P384_SHIFT_2_LESS_1,
    P384_SHIFT_W
} from "./P384Layout.sol";
import {P384Points} from "./P384Points.sol";
import {P384Scalars, P384_N_HI, P384_N_LO} from "./P384Scalars.sol";
import {P384Table} from "./P384Table.sol";

/// @dev Bytes of hints: scalars and the point U, then 15 slopes of the table, then 2 for each of 192 steps.
uint256 constant P384_HEAD_BYTES = 241;
uint256 constant P384_HINT_BYTES = P384_HEAD_BYTES + (15 + 2 * 192) * 48;

/// @notice ECDSA over P-384 for a digest of 384 bits, with hints.
/// @dev The head of the hints, big-endian: flags (1 byte), U's y (48), w (24), v (24), t (48), and the quotients of two
/// congruences (32 and 64). docs/decisions/015-p384-hints.md has the whole argument and what was measured.
library P384 {
    using P384Field for Word384;

    /// @notice Thrown when memory that `P384Ladder` uses is taken already.
    error P384MemoryTaken(uint256 free);

    /// @notice Keeps the memory below `P384_AT_END` for `verify`; call it first, before anything is in memory.
    function reserve() internal pure {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
            mstore(0x40, P384_AT_END)
        }
        require(free <= P384_AT_FIRST, P384MemoryTaken(free));
    }

    /// @notice As `IP384Verifier.verify`, for a digest.
    /// @dev Left to the caller: `reserve` before, and that signature and key have 96 bytes and hints `P384_HINT_BYTES`.
    function verify(
        Word384 memory digest,
        bytes calldata signature,
        bytes calldata publicKey,
        bytes calldata hints
    ) internal pure returns (bool) {
        uint256 at;
        assembly ("memory-safe") {
            at := signature.offset
        }
        Word384 memory r = P384Field.load(at);
        Word384 memory s = P384Field.load(at + 48);
        if (!P384Scalars.isScalar(r) || !P384Scalars.isScalar(s)) return false;
        assembly ("memory-safe") {
            at := publicKey.offset
        }
        Point384 memory q = Point384(P384Field.load(at), P384Field.load(at + 48));
        if (!P384Field.enter(q)) return false;
        assembly ("memory-safe") {
            at := hints.offset
        }
        return _verify(at, digest, r, s, q);
    }

    function _verify(
        uint256 hint,
        Word384 memory digest,
        Word384 memory r,
        Word384 memory s,
        Point384 memory q
    ) private pure returns (bool) {
        uint256 flags;
        assembly ("memory-safe") {
            flags := shr(248, calldataload(hint))
        }
        (uint256 w, uint256 v, Word384 memory t) = _scalars(hint, flags & 1 == 1, digest, r, s);
        Point384 memory u = _point(hint, flags, r);
        return _isInfinity(hint + P384_HEAD_BYTES, q, u, w, v, t);
    }

    /// @dev w, v below 2^192, v not 0, and t with w * s = f * v * r and t * s = f * v * digest modulo n, where f is -1 for
    /// `negative` and else 1. As s and v are invertible, t * G + w * Q = f * v * (u1 * G + u2 * Q).
    function _scalars(
        uint256 hint,
        bool negative,
        Word384 memory digest,
        Word384 memory r,
        Word384 memory s
    ) private pure returns (uint256 w, uint256 v, Word384 memory t) {
        Word384 memory k;
        Word384 memory l;
        assembly ("memory-safe") {
            w := shr(64, calldataload(add(hint, 49)))
            v := shr(64, calldataload(add(hint, 73)))
            mstore(add(k, 0x20), calldataload(add(hint, 145)))
            mstore(l, calldataload(add(hint, 177)))
            mstore(add(l, 0x20), calldataload(add(hint, 209)))
        }
        t = P384Field.load(hint + 97);
        Word384 memory factor = Word384(0, v);
        bool ok = v != 0 && l.hi >> 144 == 0;
        ok = ok && P384Scalars.isMultiple(Word384(0, w), s, factor, negative ? r : P384Scalars.negate(r), k);
        ok = ok && P384Scalars.isMultiple(t, s, factor, negative ? digest : P384Scalars.negate(digest), l);
        require(ok, IP384Verifier.HintInvalid(0));
    }

    /// @dev The point U with x = r, or r + n where the flag 2 says so and that is below p, and the hint's y.
    function _point(uint256 hint, uint256 flags, Word384 memory r) private pure returns (Point384 memory u) {
        u = Point384(Word384(r.hi, r.lo), P384Field.load(hint + 1));
        if (flags & 2 == 2) {
            unchecked {
                u.x.lo += P384_N_LO;
                // At most 2^129.
                u.x.hi += P384_N_HI + (u.x.lo < P384_N_LO ? 1 : 0);
            }
        }
        require(flags < 4 && P384Field.enter(u), IP384Verifier.HintInvalid(1));
    }

    /// @dev Whether t * G + w * Q + v * U is infinity.
    ///
    /// The sum is taken as 96 rounds of P -> 2 * (2P + T) + T', from P = S. In round i = 95..0, T = F + (a * G +
    /// b * 2^192 * G) / 2 for the i-th base-4 digits a and b of t's halves, and T' = V + c * Q + d * U for those of w and v.
    /// So P ends as E + t * G + w * Q + v * U, where E is what S, F and V give: the sum is infinity exactly when P = E.
    ///
    /// With constants nobody knows a logarithm of in every T and in P, no step is special: a step has no hint only where
    /// P = T or P = -T, or 2P + T is infinity, and who has a signature and knows the key has then found a relation
    /// between S, F, V and G.
    function _isInfinity(
        uint256 slopes,
        Point384 memory q,
        Point384 memory u,
        uint256 w,
        uint256 v,
        Word384 memory t
    ) private pure returns (bool) {
        bytes memory constants = P384Points.ALL;
        for (uint256 i = 0; i < 16; ++i) {
            P384Table.prepareConstant(P384_AT_FIXED + (i << 8), constants, i);
        }
        P384Table.build(slopes, P384Points.at(constants, 16), q, u);
        _writeSteps(w, v, t);
        (uint256 xl, uint256 x2, uint256 yl, uint256 y2) = P384Table.residues(P384Points.at(constants, 17));
        assembly ("memory-safe") {
            mstore(P384_AT_XL, xl)
            mstore(add(P384_AT_XL, 0x20), x2)
            mstore(P384_AT_YL, yl)
            mstore(add(P384_AT_YL, 0x20), y2)
            mstore(P384_AT_SLOPES, slopes)
        }
        P384Ladder.run(slopes + 15 * 48);
        (xl, x2, yl, y2) = P384Table.residues(P384Points.at(constants, 18));
        return _isSame(P384_AT_XL, xl, x2) && _isSame(P384_AT_YL, yl, y2);
    }

    /// @dev The offsets of the points to add: for every round that of F + ..., then that of V + ...
    function _writeSteps(uint256 w, uint256 v, Word384 memory t) private pure {
        uint256 high = (t.hi << 64) | (t.lo >> 192);
        uint256 low = t.lo & type(uint192).max;
        assembly ("memory-safe") {
            // A digit stands where it counts entries of 0x100 bytes: bits 8 and 9, or 10 and 11.
            w := shl(10, w)
            v := shl(8, v)
            low := shl(10, low)
            high := shl(8, high)
            let at := P384_AT_STEPS
            for {
                let shift := 192
            } shift {} {
                shift := sub(shift, 2)
                mstore(at, or(P384_AT_FIXED, or(and(shr(shift, low), 0xc00), and(shr(shift, high), 0x300))))
                mstore(add(at, 0x20), or(P384_AT_VARIABLE, or(and(shr(shift, w), 0xc00), and(shr(shift, v), 0x300))))
                at := add(at, 0x40)
            }
        }
    }

    /// @dev Whether a = b modulo p, for |a - b| < 2^32 * p: then a - b + 2^32 * p = k * p with 0 <= k < 2^33.
    function _isSame(uint256 at, uint256 bl, uint256 b2) private pure returns (bool same) {
        assembly ("memory-safe") {
            let k := mul(P384_INVERSE_W, add(sub(mload(at), bl), P384_SHIFT_W))
            let d := addmod(addmod(mload(add(at, 0x20)), not(b2), P384_M2), P384_SHIFT_2_LESS_1, P384_M2)
            same := and(iszero(shr(33, k)), eq(d, mul(k, P384_P2)))
        }
    }
}
