// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @notice Verifies ECDSA signatures on P-256 (secp256r1): by the precompile at 0x100 (EIP-7951, RIP-7212) where the
/// chain has it, in Solidity where it has not.
/// @dev Both `s` and `n - s` are accepted, since half of the signatures that Intel's and Amazon's hardware makes have the
/// greater one. Signatures are thus malleable: never tell two pieces of evidence apart by them.
/// @dev Not checked here: what `hash` is a hash of.
library P256Verify {
    /// @dev EIP-7951.
    address private constant PRECOMPILE = address(0x100);

    /// @dev Half of the order of the curve, rounded down.
    uint256 private constant HALF_N = P256.N / 2;

    /// @dev Hash, r, s, x, y of a signature that is valid: Wycheproof's test 60 for this curve, with r = 5 and s = 1.
    /// A chain without the precompile answers a call to it with success and no bytes, as one with it answers a bad
    /// signature.
    bytes32 private constant GOOD_HASH = 0xbb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023;
    bytes32 private constant GOOD_R = bytes32(uint256(5));
    bytes32 private constant GOOD_S = bytes32(uint256(1));
    bytes32 private constant GOOD_X = 0xa71af64de5126a4a4e02b7922d66ce9415ce88a4c9d25514d91082c8725ac957;
    bytes32 private constant GOOD_Y = 0x5d47723c8fbe580bb369fec9c2665d8e30a435b9932645482e7c9f11e872296b;

    /// @notice Thrown when what is at 0x100 takes signatures that are none.
    error PrecompileUnsound();

    /// @notice Whether (r, s) is a signature of `hash` by the key (x, y). False too for halves that are zero or not below
    /// the order, and for a key that is not a point of the curve.
    function verify(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        if (r == 0 || uint256(r) >= P256.N || s == 0 || uint256(s) >= P256.N) return false;
        if (_call(hash, r, s, x, y)) return true;
        if (hasPrecompile()) return false;
        return verifySolidity(hash, r, s, x, y);
    }

    /// @notice Whether the precompile knows a signature that is good.
    function hasPrecompile() internal view returns (bool) {
        return _call(GOOD_HASH, GOOD_R, GOOD_S, GOOD_X, GOOD_Y);
    }

    /// @notice Reverts where something that is not the precompile says yes at 0x100, whose word `verify` takes. For
    /// constructors.
    function requireSound() internal view {
        // The good signature, made a bad one in two ways.
        bool taken = _call(GOOD_HASH, GOOD_R, bytes32(uint256(GOOD_S) + 1), GOOD_X, GOOD_Y);
        require(!taken && !_call(~GOOD_HASH, GOOD_R, GOOD_S, GOOD_X, GOOD_Y), PrecompileUnsound());
    }

    /// @notice The same as `verify`, in Solidity alone. About 330,000 gas.
    function verifySolidity(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        // OpenZeppelin takes the lesser s only; s < n was checked by the caller or is refused by it.
        if (uint256(s) > HALF_N && uint256(s) < P256.N) s = bytes32(P256.N - uint256(s));
        return P256.verifySolidity(hash, r, s, x, y);
    }

    /// @dev True only where 0x100 answers with the word 1: a call that fails, or answers anything else, is a no.
    function _call(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) private view returns (bool valid) {
        address precompile = PRECOMPILE;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, hash)
            mstore(add(at, 0x20), r)
            mstore(add(at, 0x40), s)
            mstore(add(at, 0x60), x)
            mstore(add(at, 0x80), y)
            mstore(0x00, 0)
            let ok := staticcall(gas(), precompile, at, 0xa0, 0x00, 0x20)
            valid := and(and(ok, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }
}
