// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Constants are used in assembly, where solhint does not look.
// solhint-disable no-unused-import

import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {
    Point384,
    P384_INVERSE_M,
    P384_INVERSE_W,
    P384_LO,
    P384_M,
    P384_M2,
    P384_NEG_P2,
    P384_P2
} from "./P384Field.sol";
import {
    P384_AT_KEY,
    P384_AT_POINT,
    P384_AT_ROW,
    P384_AT_VARIABLE,
    P384_BACK_2_LESS_1,
    P384_BACK_W,
    P384_FAR_2_LESS_1,
    P384_FAR_W,
    P384_NEAR_2,
    P384_NEAR_W,
    P384_SHIFT_2_LESS_1,
    P384_SHIFT_W
} from "./P384Layout.sol";
import {P384Points} from "./P384Points.sol";

/// @notice The points to add, as `P384Ladder` reads them.
library P384Table {
    /// @notice Writes the six words of a summand (X, Y): X + 55p, X + 19p and 2^32 * p - Y, each modulo 2^256 and modulo
    /// 2^256 - 2, but X + 55p - 1 for the latter.
    /// @dev x2, y2 below 2^256 - 2.
    function prepare(uint256 at, uint256 xl, uint256 x2, uint256 yl, uint256 y2) internal pure {
        assembly ("memory-safe") {
            mstore(at, add(xl, P384_FAR_W))
            mstore(add(at, 0x20), addmod(x2, P384_FAR_2_LESS_1, P384_M2))
            mstore(add(at, 0x40), add(xl, P384_NEAR_W))
            mstore(add(at, 0x60), addmod(x2, P384_NEAR_2, P384_M2))
            mstore(add(at, 0x80), sub(P384_SHIFT_W, yl))
            mstore(add(at, 0xa0), addmod(not(y2), P384_SHIFT_2_LESS_1, P384_M2))
        }
    }

    /// @notice The same for constant number `index` of `all`.
    function prepareConstant(uint256 at, bytes memory all, uint256 index) internal pure {
        (uint256 xl, uint256 x2, uint256 yl, uint256 y2) = residues(P384Points.at(all, index));
        prepare(at, xl, x2, yl, y2);
    }

    /// @notice The coordinates of a point modulo 2^256 and modulo 2^256 - 2.
    function residues(Point384 memory a) internal pure returns (uint256 xl, uint256 x2, uint256 yl, uint256 y2) {
        (xl, yl) = (a.x.lo, a.y.lo);
        // Twice a number of 128 bits.
        unchecked {
            x2 = addmod(xl, 2 * a.x.hi, P384_M2);
            y2 = addmod(yl, 2 * a.y.hi, P384_M2);
        }
    }

    /// @notice Writes V + c * Q + d * U at index 4c + d of `P384_AT_VARIABLE`, c and d in 0..3: each row begins with the row
    /// before plus Q, each other entry is the one before plus U. One slope to an addition.
    /// @dev A sum P + T is as in `P384Ladder`, which has the argument. An entry is at most six additions from V, so by
    /// x' = a^2 - x - X with -1 < a^2 < 3 and 0 <= X < 1, in units of 2^384, entries' x stay between -15 and 16.
    /// @param slopes Calldata offset of the 15 slopes.
    function build(uint256 slopes, Point384 memory first, Point384 memory q, Point384 memory u) internal pure {
        (uint256 xl, uint256 x2, uint256 yl, uint256 y2) = residues(q);
        prepare(P384_AT_KEY, xl, x2, yl, y2);
        (xl, x2, yl, y2) = residues(u);
        prepare(P384_AT_POINT, xl, x2, yl, y2);
        (xl, x2, yl, y2) = residues(first);
        prepare(P384_AT_VARIABLE, xl, x2, yl, y2);
        _keepRow(xl, x2, yl, y2);
        for (uint256 index = 1; index < 16; ++index) {
            bool isRow = index & 3 == 0;
            if (isRow) {
                assembly ("memory-safe") {
                    xl := mload(P384_AT_ROW)
                    x2 := mload(add(P384_AT_ROW, 0x20))
                    yl := mload(add(P384_AT_ROW, 0x40))
                    y2 := mload(add(P384_AT_ROW, 0x60))
                }
            }
            bool right;
            (right, xl, x2, yl, y2) = _add(isRow ? P384_AT_KEY : P384_AT_POINT, slopes, xl, x2, yl, y2);
            require(right, IP384Verifier.HintInvalid(index + 1));
            if (isRow) _keepRow(xl, x2, yl, y2);
            prepare(P384_AT_VARIABLE + (index << 8), xl, x2, yl, y2);
            slopes += 48;
        }
    }

    function _keepRow(uint256 xl, uint256 x2, uint256 yl, uint256 y2) private pure {
        assembly ("memory-safe") {
            mstore(P384_AT_ROW, xl)
            mstore(add(P384_AT_ROW, 0x20), x2)
            mstore(add(P384_AT_ROW, 0x40), yl)
            mstore(add(P384_AT_ROW, 0x60), y2)
        }
    }

    /// @dev P + T for the prepared T at `t`, by the slope at calldata offset `slope`.
    function _add(
        uint256 t,
        uint256 slope,
        uint256 xl,
        uint256 x2,
        uint256 yl,
        uint256 y2
    ) private pure returns (bool right, uint256 sl, uint256 s2, uint256 ul, uint256 u2) {
        assembly ("memory-safe") {
            let ah := shr(128, calldataload(slope))
            let al := calldataload(add(slope, 0x10))
            let a2 := addmod(al, add(ah, ah), P384_M2)
            let ap := addmod(al, ah, P384_M)
            // x' = a^2 - x - X
            {
                let qb := ap
                ap := mulmod(ap, P384_INVERSE_M, P384_M)
                qb := mulmod(qb, ap, P384_M)
                let qt := shr(128, mul(ah, ah))
                sl := sub(sub(mul(sub(qb, qt), P384_LO), mul(al, al)), xl)
                sl := add(sub(sl, mload(add(t, 0x40))), P384_NEAR_W)
                s2 := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                s2 := addmod(mulmod(a2, a2, P384_M2), s2, P384_M2)
                qb := addmod(x2, mload(add(t, 0x60)), P384_M2)
                s2 := addmod(s2, addmod(sub(P384_M2, qb), P384_NEAR_2, P384_M2), P384_M2)
            }
            ah := shr(10, ah)
            // a * (X - x) = Y - y, and X - x not 0
            {
                let dl := sub(mload(t), xl)
                let d2 := addmod(mload(add(t, 0x20)), not(x2), P384_M2)
                let k := mul(dl, P384_INVERSE_W)
                right := iszero(and(lt(k, 128), eq(d2, mul(k, P384_P2))))
                let qt := shr(1, addmod(not(dl), d2, P384_M2))
                let qb := mulmod(ap, addmod(dl, qt, P384_M), P384_M)
                qt := shr(118, mul(ah, qt))
                dl := sub(mul(sub(qb, qt), P384_LO), mul(al, dl))
                k := mul(P384_INVERSE_W, add(add(dl, yl), mload(add(t, 0x80))))
                qb := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                d2 := addmod(mulmod(a2, d2, P384_M2), qb, P384_M2)
                d2 := addmod(d2, addmod(y2, mload(add(t, 0xa0)), P384_M2), P384_M2)
                right := and(right, iszero(or(shr(33, k), xor(d2, mul(k, P384_P2)))))
            }
            // y' = a * (x - x') - y
            {
                let dl := add(sub(xl, sl), P384_BACK_W)
                let d2 := addmod(addmod(x2, not(s2), P384_M2), P384_BACK_2_LESS_1, P384_M2)
                let qt := shr(1, addmod(not(dl), d2, P384_M2))
                let qb := mulmod(ap, addmod(dl, qt, P384_M), P384_M)
                qt := shr(118, mul(ah, qt))
                ul := sub(sub(mul(sub(qb, qt), P384_LO), mul(al, dl)), yl)
                d2 := addmod(mulmod(a2, d2, P384_M2), sub(P384_M2, y2), P384_M2)
                u2 := addmod(d2, mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2), P384_M2)
            }
        }
    }
}
