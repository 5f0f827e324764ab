// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Constants are used in assembly, where solhint does not look.
// solhint-disable no-unused-import

import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {P384_INVERSE_M, P384_INVERSE_W, P384_LO, P384_M, P384_M2, P384_NEG_P2, P384_P2} from "./P384Field.sol";

import {
    P384_AT_A2,
    P384_AT_AH,
    P384_AT_AL,
    P384_AT_AP,
    P384_AT_E2,
    P384_AT_EL,
    P384_AT_END,
    P384_AT_SLOPES,
    P384_AT_STEPS,
    P384_AT_X2,
    P384_AT_XL,
    P384_AT_Y2,
    P384_AT_YL,
    P384_BACK_2_LESS_1,
    P384_BACK_W,
    P384_SHIFT_2_LESS_2,
    P384_SHIFT_W
} from "./P384Layout.sol";

/// @notice The sum of points, by two slopes from the caller for each step, each checked.
///
/// A step takes P = (x, y) and T = (X, Y) to 2P + T = (P + T) + P, with the slope a for the first addition and b for the
/// second. It checks
///
/// 1. X - x is not 0 modulo p, and a * (X - x) = Y - y: so a is the slope of the line through P and T, and P + T is a point
///    other than infinity with the x-coordinate x3 = a^2 - x - X. (With X = x, either T = P, and any a would pass, which is
///    why it is refused; or T = -P, and no a does, as y is not 0: a group of odd order has no point with y = 0.)
/// 2. (a + b) * (x - x3) = 2y: so x3 is not x, again because y is not 0, and b = 2y / (x - x3) - a is the slope of the line
///    through P + T, whose y is a * (x - x3) - y, and P. The sum is a point other than infinity.
///
/// and sets x' = b^2 - x3 - x = b^2 - a^2 + X and y' = b * (x - x') - y. A slope is any number below 2^384; only what it is
/// modulo p matters. Nothing here depends on chance or on a hash: wrong slopes do not exist that pass.
///
/// @dev Coordinates are integers that are right modulo p, known modulo W = 2^256 and modulo W - 2, as in `P384Field`; those
/// two remainders say which integer it is, if that is from 0 to below 2^510. In units of 2^384, with e = X + 19p - a^2:
///
///   a^2, b^2           -1 to 3       see `P384Field.mul`; the upper words of a and b are below 2^128
///   X                 -15 to 16      see `P384Table.build`; constants 0 to 1
///   x' = b^2 + e        0 to 39      -1 - 3 - 15 + 19 and 3 + 1 + 16 + 19; at the start 0 to 1
///   X + 55p - x         1 to 71
///   2x + e = x - x3     1 to 114     modulo p; 2x - 3 - 15 + 19 and 78 + 1 + 16 + 19
///   x + 40p - x'        1 to 79
///
/// For products with these, the upper words of slopes are cut by 10 bits, so that the product of upper words fits into one:
/// below 2^119 * 2^135. That makes qt too small by less than 2^17, or 2^18 for a sum of two slopes, and the result larger by
/// as many p. So y' is below 193 * 2^18 in these units.
/// What must be 0 modulo p, a number z with |z| < 2^32 * p, is tested exactly: k = (z + 2^32 * p) / p modulo W must be below
/// 2^33, and z + 2^32 * p = k * p modulo W - 2.
library P384Ladder {
    /// @notice Replaces the point P at `P384_AT_XL` by 2P + T for each of the 192 points T at `P384_AT_STEPS` in turn.
    /// @dev Not marked memory-safe, though it writes to its own places only: so marked, the compiler recomputes values
    /// instead of keeping them on the stack, and a step costs 2,900 gas instead of 1,730.
    /// @param slopes Calldata offset of two slopes for each step, 48 bytes each.
    function run(uint256 slopes) internal pure {
        bytes4 selector = IP384Verifier.HintInvalid.selector;
        assembly {
            function refuse(slope, sel) {
                mstore(0x00, sel)
                mstore(0x04, add(2, div(sub(slope, mload(P384_AT_SLOPES)), 48)))
                revert(0x00, 0x24)
            }
            let xl := mload(P384_AT_XL)
            let x2 := mload(P384_AT_X2)
            for {
                let steps := P384_AT_STEPS
            } lt(steps, P384_AT_END) {
                steps := add(steps, 0x20)
                slopes := add(slopes, 96)
            } {
                let dl
                let d2
                {
                    let t := mload(steps)
                    let ah := shr(128, calldataload(slopes))
                    let al := calldataload(add(slopes, 0x10))
                    let a2 := addmod(al, add(ah, ah), P384_M2)
                    let ap := addmod(al, ah, P384_M)
                    // e = X + 19p - a^2
                    {
                        let qb := ap
                        ap := mulmod(ap, P384_INVERSE_M, P384_M)
                        qb := mulmod(qb, ap, P384_M)
                        let qt := shr(128, mul(ah, ah))
                        mstore(P384_AT_EL, sub(add(mload(add(t, 0x40)), mul(al, al)), mul(sub(qb, qt), P384_LO)))
                        qb := mulmod(addmod(qb, qt, P384_M2), P384_P2, P384_M2)
                        qb := addmod(qb, sub(P384_M2, mulmod(a2, a2, P384_M2)), P384_M2)
                        mstore(P384_AT_E2, addmod(mload(add(t, 0x60)), qb, P384_M2))
                    }
                    mstore(P384_AT_AL, al)
                    mstore(P384_AT_AH, shr(10, ah))
                    mstore(P384_AT_AP, ap)
                    mstore(P384_AT_A2, a2)
                    // a * (X + 55p - x) = Y - y
                    dl := sub(mload(t), xl)
                    d2 := addmod(mload(add(t, 0x20)), not(x2), P384_M2)
                    if lt(sub(0, dl), shl(136, 1)) {
                        let k := mul(dl, P384_INVERSE_W)
                        if and(lt(k, 128), eq(d2, mul(k, P384_P2))) {
                            refuse(slopes, selector)
                        }
                    }
                    {
                        let qt := shr(1, addmod(not(dl), d2, P384_M2))
                        let qb := mulmod(mload(P384_AT_AP), addmod(dl, qt, P384_M), P384_M)
                        qt := shr(118, mul(mload(P384_AT_AH), qt))
                        dl := sub(mul(sub(qb, qt), P384_LO), mul(mload(P384_AT_AL), dl))
                        qb := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                        d2 := addmod(mulmod(mload(P384_AT_A2), d2, P384_M2), qb, P384_M2)
                    }
                    dl := mul(P384_INVERSE_W, add(add(dl, mload(P384_AT_YL)), mload(add(t, 0x80))))
                    d2 := addmod(d2, addmod(mload(P384_AT_Y2), mload(add(t, 0xa0)), P384_M2), P384_M2)
                }
                if or(shr(33, dl), xor(d2, mul(dl, P384_P2))) {
                    refuse(slopes, selector)
                }
                {
                    let bl := calldataload(add(slopes, 0x40))
                    let bh := shr(128, calldataload(add(slopes, 0x30)))
                    let b2 := addmod(bl, add(bh, bh), P384_M2)
                    let bp := addmod(bl, bh, P384_M)
                    {
                        let qb := bp
                        bp := mulmod(bp, P384_INVERSE_M, P384_M)
                        qb := mulmod(qb, bp, P384_M)
                        let qt := shr(128, mul(bh, bh))
                        mstore(P384_AT_XL, add(sub(mul(sub(qb, qt), P384_LO), mul(bl, bl)), mload(P384_AT_EL)))
                        qb := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                        qb := addmod(mulmod(b2, b2, P384_M2), qb, P384_M2)
                        mstore(P384_AT_X2, addmod(qb, mload(P384_AT_E2), P384_M2))
                    }
                    bh := shr(10, bh)
                    // (a + b) * (2x + e) = 2y
                    dl := add(add(xl, xl), mload(P384_AT_EL))
                    d2 := addmod(addmod(x2, x2, P384_M2), mload(P384_AT_E2), P384_M2)
                    {
                        let qt := shr(1, addmod(not(dl), d2, P384_M2))
                        let qb := mulmod(addmod(mload(P384_AT_AP), bp, P384_M), addmod(dl, qt, P384_M), P384_M)
                        qt := shr(118, mul(add(mload(P384_AT_AH), bh), qt))
                        dl := sub(mul(sub(qb, qt), P384_LO), mul(add(mload(P384_AT_AL), bl), dl))
                        qb := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                        d2 := addmod(mulmod(addmod(mload(P384_AT_A2), b2, P384_M2), d2, P384_M2), qb, P384_M2)
                    }
                    {
                        let y := mload(P384_AT_YL)
                        dl := mul(P384_INVERSE_W, add(sub(dl, add(y, y)), P384_SHIFT_W))
                        y := not(mload(P384_AT_Y2))
                        d2 := addmod(d2, addmod(y, y, P384_M2), P384_M2)
                    }
                    if or(shr(33, dl), xor(addmod(d2, P384_SHIFT_2_LESS_2, P384_M2), mul(dl, P384_P2))) {
                        refuse(add(slopes, 48), selector)
                    }
                    // y' = b * (x - x') - y
                    dl := xl
                    d2 := x2
                    xl := mload(P384_AT_XL)
                    x2 := mload(P384_AT_X2)
                    dl := add(sub(dl, xl), P384_BACK_W)
                    d2 := addmod(addmod(d2, not(x2), P384_M2), P384_BACK_2_LESS_1, P384_M2)
                    {
                        let qt := shr(1, addmod(not(dl), d2, P384_M2))
                        let qb := mulmod(bp, addmod(dl, qt, P384_M), P384_M)
                        qt := shr(118, mul(bh, qt))
                        mstore(P384_AT_YL, sub(sub(mul(sub(qb, qt), P384_LO), mul(bl, dl)), mload(P384_AT_YL)))
                        d2 := addmod(mulmod(b2, d2, P384_M2), sub(P384_M2, mload(P384_AT_Y2)), P384_M2)
                        qb := mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2)
                        mstore(P384_AT_Y2, addmod(d2, qb, P384_M2))
                    }
                }
            }
        }
    }
}
