// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev keccak256(uint8 kind | data) of a `ReceiptKey`, packed.
type KeyId is bytes32;

/// @dev Kinds of `ReceiptKey`. `KEY_SECP256K1`: data is the address, 20 bytes; signatures are r | s | v, 65 bytes, `s` in
/// the lower half, `v` 27 or 28.
uint8 constant KEY_SECP256K1 = 1;

/// @dev Data is x | y, 64 bytes; signatures are r | s, 64 bytes, of the digest itself. High `s` is taken: hardware makes it.
uint8 constant KEY_P256 = 2;

/// @dev Data is exponent (4 bytes) | modulus (256 to 512 bytes); signatures are RSASSA-PSS with SHA-256, MGF1 of SHA-256
/// and a salt of 32 bytes, over the 32 bytes of the digest (so what is padded is sha256(digest)).
uint8 constant KEY_RSA_PSS = 3;

/// @notice A public key that signs statements.
/// @param kind A KEY_ constant.
/// @param data The key in the one form of its kind.
struct ReceiptKey {
    uint8 kind;
    bytes data;
}

using {eqKeyId as ==, neqKeyId as !=} for KeyId global;

function eqKeyId(KeyId a, KeyId b) pure returns (bool) {
    return KeyId.unwrap(a) == KeyId.unwrap(b);
}

function neqKeyId(KeyId a, KeyId b) pure returns (bool) {
    return KeyId.unwrap(a) != KeyId.unwrap(b);
}
