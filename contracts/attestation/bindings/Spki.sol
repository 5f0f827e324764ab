// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {KEY_P256, KEY_RSA_PSS, KEY_SECP256K1} from "../../interfaces/IReceiptKey.sol";

/// @notice Public keys as SubjectPublicKeyInfo (RFC 5280) in DER, of which each key has one.
library Spki {
    /// @dev Up to the point: two object identifiers, and the head of a bit string with an uncompressed point.
    bytes private constant P256_HEAD = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    bytes private constant SECP256K1_HEAD = hex"3056301006072a8648ce3d020106052b8104000a03420004";

    /// @dev rsaEncryption, with the NULL that it wants.
    bytes private constant RSA_ALGORITHM = hex"300d06092a864886f70d0101010500";

    /// @notice DER of a key; empty for an unknown kind. Not checked here: the form of `data`: x | y for both curves,
    /// exponent (4 bytes) | modulus with its top bit set for RSA.
    function encode(uint8 kind, bytes calldata data) internal pure returns (bytes memory) {
        if (kind == KEY_P256) return bytes.concat(P256_HEAD, data);
        if (kind == KEY_SECP256K1) return bytes.concat(SECP256K1_HEAD, data);
        if (kind != KEY_RSA_PSS) return "";
        // The top bit is set, so the number has a zero before it.
        bytes memory modulus = bytes.concat(_head(0x02, data.length - 3), hex"00", data[4:]);
        bytes memory key = bytes.concat(modulus, _exponent(uint32(bytes4(data))));
        key = bytes.concat(_head(0x30, key.length), key);
        key = bytes.concat(RSA_ALGORITHM, _head(0x03, key.length + 1), hex"00", key);
        return bytes.concat(_head(0x30, key.length), key);
    }

    /// @dev INTEGER of the fewest bytes, the first of which is below 0x80.
    function _exponent(uint32 value) private pure returns (bytes memory) {
        if (value < 1 << 7) return abi.encodePacked(bytes2(0x0201), uint8(value));
        if (value < 1 << 15) return abi.encodePacked(bytes2(0x0202), uint16(value));
        if (value < 1 << 23) return abi.encodePacked(bytes2(0x0203), uint24(value));
        if (value < 1 << 31) return abi.encodePacked(bytes2(0x0204), value);
        return abi.encodePacked(bytes2(0x0205), uint40(value));
    }

    /// @dev Tag and length, below 65,536, in the fewest bytes.
    function _head(uint8 tag, uint256 length) private pure returns (bytes memory) {
        if (length < 0x80) return abi.encodePacked(tag, uint8(length));
        if (length < 0x100) return abi.encodePacked(tag, uint8(0x81), uint8(length));
        return abi.encodePacked(tag, uint8(0x82), uint16(length));
    }
}
