// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Order of secp256k1; a private key is from 1 to one less.
uint256 constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

/// @notice Brings `value` into `least..most`, both included, `most - least` below the maximum of the type.
function bounded(uint256 value, uint256 least, uint256 most) pure returns (uint256) {
    return least + (value % (most - least + 1));
}

/// @notice A private key made of `seed`.
function privateKey(uint256 seed) pure returns (uint256) {
    return bounded(seed, 1, CURVE_ORDER - 1);
}
