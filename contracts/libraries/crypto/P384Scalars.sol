// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P384Field, Word384} from "./P384Field.sol";

/// @dev The group's order n, a prime.
uint256 constant P384_N_HI = 0xffffffffffffffffffffffffffffffff;
uint256 constant P384_N_LO = 0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973;

/// @notice Exact checks on integers of about 784 bits, through their remainders.
library P384Scalars {
    using P384Field for Word384;

    /// @notice Whether 0 < a < n.
    function isScalar(Word384 memory a) internal pure returns (bool) {
        return (a.hi | a.lo) != 0 && a.isBelow(Word384(P384_N_HI, P384_N_LO));
    }

    /// @notice 2n - a, for a below 2^384, which is below 2n.
    function negate(Word384 memory a) internal pure returns (Word384 memory b) {
        unchecked {
            // 2n = (2 * P384_N_HI + 1) * 2^256 + (2 * P384_N_LO - 2^256); the hi of the result is at most 2^129.
            b.lo = 2 * P384_N_LO - a.lo;
            b.hi = 2 * P384_N_HI + 1 - a.hi - (2 * P384_N_LO < a.lo ? 1 : 0);
        }
    }

    /// @notice Whether a * b + c * d = k * n, as integers.
    /// @dev Operands below 2^400. Both sides are then below 2^801, and they are compared modulo 2^256, 2^256 - 1, 2^256 - 3
    /// and 2^256 - 5, which have no common factor in pairs and a product above 2^1023: equal there is equal.
    function isMultiple(
        Word384 memory a,
        Word384 memory b,
        Word384 memory c,
        Word384 memory d,
        Word384 memory k
    ) internal pure returns (bool) {
        unchecked {
            // Modulo 2^256, where wrapping is the point.
            if (a.lo * b.lo + c.lo * d.lo != k.lo * P384_N_LO) return false;
        }
        return _isMultiple(a, b, c, d, k, 1) && _isMultiple(a, b, c, d, k, 3) && _isMultiple(a, b, c, d, k, 5);
    }

    /// @dev The same modulo m = 2^256 - `short`.
    function _isMultiple(
        Word384 memory a,
        Word384 memory b,
        Word384 memory c,
        Word384 memory d,
        Word384 memory k,
        uint256 short
    ) private pure returns (bool) {
        uint256 m = type(uint256).max - short + 1;
        uint256 left = addmod(
            mulmod(_reduced(a, short, m), _reduced(b, short, m), m),
            mulmod(_reduced(c, short, m), _reduced(d, short, m), m),
            m
        );
        return left == mulmod(_reduced(k, short, m), _reduced(Word384(P384_N_HI, P384_N_LO), short, m), m);
    }

    function _reduced(Word384 memory a, uint256 short, uint256 m) private pure returns (uint256) {
        return addmod(mulmod(a.hi, short, m), a.lo, m);
    }
}
