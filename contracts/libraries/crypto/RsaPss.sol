// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice RSASSA-PSS (RFC 8017, section 8.1.2) with SHA-256, MGF1 of SHA-256 and a salt of 32 bytes, for moduli of 2048
/// to 4096 bits whose length is a multiple of 8.
/// @dev Stricter than the RFC where keys are concerned: the modulus is odd and has its top bit set, the exponent is odd,
/// from 3 to 2^32 - 1, and the signature is as long as the modulus and below it. Not checked: that the modulus is a
/// product of two primes nobody knows.
library RsaPss {
    uint256 private constant MIN_BYTES = 256;
    uint256 private constant MAX_BYTES = 512;

    /// @dev Length of hash and of salt, bytes.
    uint256 private constant HASH = 32;

    /// @notice Whether `signature` is one of the message with SHA-256 `messageHash`. Never reverts, but for want of gas.
    function verifySha256(
        bytes32 messageHash,
        uint32 exponent,
        bytes calldata modulus,
        bytes calldata signature
    ) internal view returns (bool) {
        if (!isKey(exponent, modulus) || signature.length != modulus.length) return false;
        if (!isBelow(signature, modulus)) return false;
        (bool ok, bytes memory encoded) = power(signature, exponent, modulus);
        return ok && _isEncoding(encoded, messageHash);
    }

    /// @notice Whether a key has the form that this library takes.
    function isKey(uint32 exponent, bytes calldata modulus) internal pure returns (bool) {
        uint256 length = modulus.length;
        if (length < MIN_BYTES || length > MAX_BYTES || exponent < 3 || exponent & 1 == 0) return false;
        return uint8(modulus[0]) >= 0x80 && uint8(modulus[length - 1]) & 1 == 1;
    }

    /// @notice base^exponent mod modulus, as long as the modulus; not ok where the precompile fails. Not checked here: the
    /// form of the key, and the length of the base, which is that of the modulus.
    function power(
        bytes calldata base,
        uint32 exponent,
        bytes calldata modulus
    ) internal view returns (bool ok, bytes memory result) {
        assembly ("memory-safe") {
            let length := modulus.length
            let buffer := mload(0x40)
            mstore(buffer, length)
            mstore(add(buffer, 0x20), 4)
            mstore(add(buffer, 0x40), length)
            calldatacopy(add(buffer, 0x60), base.offset, length)
            let at := add(add(buffer, 0x60), length)
            mstore(at, shl(224, exponent))
            calldatacopy(add(at, 4), modulus.offset, length)
            // MODEXP. The result takes the place of the input.
            result := buffer
            ok := staticcall(gas(), 0x05, buffer, add(0x64, mul(2, length)), add(result, 0x20), length)
            ok := and(ok, eq(returndatasize(), length))
            mstore(result, length)
            mstore(0x40, and(add(add(result, 0x3f), length), not(0x1f)))
        }
    }

    /// @dev EMSA-PSS-VERIFY. With the modulus's top bit set the encoding is as long as the modulus, less its top bit.
    function _isEncoding(bytes memory encoded, bytes32 messageHash) private view returns (bool valid) {
        uint256 length = encoded.length;
        uint256 dbLength = length - HASH - 1;
        if (uint8(encoded[length - 1]) != 0xbc || uint8(encoded[0]) >= 0x80) return false;
        bytes32 salt;
        bytes32 expected;
        bytes32 received;
        assembly ("memory-safe") {
            let db := add(encoded, 0x20)
            let free := mload(0x40)
            received := mload(add(db, dbLength))
            // db ^= MGF1(received): hashes of the seed and a counter of four bytes.
            mstore(free, received)
            let ok := 1
            for {
                let i := 0
            } lt(mul(i, 0x20), dbLength) {
                i := add(i, 1)
            } {
                mstore(add(free, 0x20), shl(224, i))
                ok := and(ok, staticcall(gas(), 0x02, free, 0x24, add(free, 0x40), 0x20))
                ok := and(ok, eq(returndatasize(), 0x20))
                let word := add(db, mul(i, 0x20))
                mstore(word, xor(mload(word), mload(add(free, 0x40))))
            }
            // The mask's top bit does not count. What the last mask spilt lies past the data block, and is read no more.
            mstore(db, and(mload(db), not(shl(255, 1))))
            // Zeros, a one, and the salt in the last 32 bytes.
            let body := sub(dbLength, 0x21)
            let bits := 0
            let end := add(db, and(body, not(0x1f)))
            for {
                let at := db
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                bits := or(bits, mload(at))
            }
            // The zeros left over, and the one after them, are the first bytes of the next word.
            let rest := and(body, 0x1f)
            bits := or(bits, xor(shr(mul(8, sub(0x1f, rest)), mload(end)), 1))
            valid := and(ok, iszero(bits))
            salt := mload(add(db, sub(dbLength, 0x20)))
            // H' = hash of eight zero bytes, the message's hash and the salt.
            mstore(free, 0)
            mstore(add(free, 0x08), messageHash)
            mstore(add(free, 0x28), salt)
            valid := and(valid, staticcall(gas(), 0x02, free, 0x48, 0x00, 0x20))
            valid := and(valid, eq(returndatasize(), 0x20))
            expected := mload(0x00)
        }
        return valid && expected == received;
    }

    /// @notice Whether `a` is less than `b`, of the same length, as big-endian numbers.
    function isBelow(bytes calldata a, bytes calldata b) internal pure returns (bool) {
        uint256 length = a.length;
        for (uint256 i = 0; i < length; i += 32) {
            // Past the end a slice is padded with zeros, alike in both.
            (bytes32 left, bytes32 right) = (bytes32(a[i:]), bytes32(b[i:]));
            if (left != right) return left < right;
        }
        return false;
    }
}
