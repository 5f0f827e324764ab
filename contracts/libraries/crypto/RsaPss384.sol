// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RsaPss} from "./RsaPss.sol";
import {Sha384} from "./Sha384.sol";

/// @notice RSASSA-PSS as in `RsaPss`, but with SHA-384, MGF1 of SHA-384 and a salt of 48 bytes (AMD's certificates).
/// @dev The hash is worked out in Solidity, so that the mask of a 4096-bit signature costs ten of them. Apart from `RsaPss`
/// because whoever needs SHA-256 alone shall not carry the code of SHA-384.
library RsaPss384 {
    /// @dev Length of hash and of salt, bytes.
    uint256 private constant HASH = 48;

    /// @notice Whether `signature` is one of `message`. Never reverts, but for want of gas.
    function verify(
        bytes memory message,
        uint32 exponent,
        bytes calldata modulus,
        bytes calldata signature
    ) internal view returns (bool) {
        if (!RsaPss.isKey(exponent, modulus) || signature.length != modulus.length) return false;
        if (!RsaPss.isBelow(signature, modulus)) return false;
        (bool ok, bytes memory encoded) = RsaPss.power(signature, exponent, modulus);
        return ok && _isEncoding(encoded, _hash(message));
    }

    /// @dev EMSA-PSS-VERIFY. With the modulus's top bit set the encoding is as long as the modulus, less its top bit.
    function _isEncoding(bytes memory encoded, bytes memory messageHash) private pure returns (bool) {
        uint256 length = encoded.length;
        uint256 dbLength = length - HASH - 1;
        if (uint8(encoded[length - 1]) != 0xbc || uint8(encoded[0]) >= 0x80) return false;
        bytes memory received = _slice(encoded, dbLength, HASH);
        // Hashes of the seed and a counter of four bytes, as many as it takes.
        bytes memory mask;
        for (uint32 i = 0; mask.length < dbLength; ++i) mask = bytes.concat(mask, _hash(abi.encodePacked(received, i)));
        // Zeros, a one, and the salt.
        uint256 zeros = dbLength - HASH - 1;
        uint8 bits = uint8(encoded[0] ^ mask[0]) & 0x7f;
        for (uint256 i = 1; i < zeros; ++i) bits |= uint8(encoded[i] ^ mask[i]);
        if (bits != 0 || encoded[zeros] ^ mask[zeros] != 0x01) return false;
        bytes memory salt = new bytes(HASH);
        for (uint256 i = 0; i < HASH; ++i) salt[i] = encoded[zeros + 1 + i] ^ mask[zeros + 1 + i];
        bytes memory expected = _hash(abi.encodePacked(bytes8(0), messageHash, salt));
        return keccak256(expected) == keccak256(received);
    }

    function _hash(bytes memory data) private pure returns (bytes memory) {
        (uint256 hi, uint256 lo) = Sha384.hash(data);
        // `hi` is the first 16 bytes.
        return abi.encodePacked(uint128(hi), lo);
    }

    function _slice(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = data[from + i];
    }
}
