// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Writes DER as PEM (RFC 7468), the way Intel's quotes carry certificates: lines of 64 letters, each ended by a
/// line feed alone.
library Pem {
    bytes private constant ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes private constant HEAD = "-----BEGIN CERTIFICATE-----\n";
    bytes private constant FOOT = "-----END CERTIFICATE-----\n";

    /// @notice The PEM text of the certificate `der`.
    function encode(bytes memory der) internal pure returns (bytes memory) {
        return bytes.concat(HEAD, _lines(der), FOOT);
    }

    /// @dev Base64 (RFC 4648) in lines of 64, the last one ended too.
    function _lines(bytes memory data) private pure returns (bytes memory text) {
        uint256 letters = ((data.length + 2) / 3) * 4;
        text = new bytes(letters + (letters + 63) / 64);
        bytes memory alphabet = ALPHABET;
        uint256 length = data.length;
        assembly ("memory-safe") {
            // The last byte of the word at `table + i` is letter i.
            let table := add(alphabet, 1)
            let from := add(data, 0x20)
            let end := add(from, length)
            let to := add(text, 0x20)
            for {} lt(from, end) {} {
                // 48 bytes fill a line.
                let lineEnd := add(from, 48)
                if gt(lineEnd, end) {
                    lineEnd := end
                }
                for {} lt(from, lineEnd) {
                    from := add(from, 3)
                    to := add(to, 4)
                } {
                    // Past the end of `data` other bytes may lie; they are taken care of below.
                    let word := shr(232, mload(from))
                    mstore8(to, mload(add(table, shr(18, word))))
                    mstore8(add(to, 1), mload(add(table, and(shr(12, word), 0x3f))))
                    mstore8(add(to, 2), mload(add(table, and(shr(6, word), 0x3f))))
                    mstore8(add(to, 3), mload(add(table, and(word, 0x3f))))
                }
                mstore8(to, 0x0a)
                to := add(to, 1)
            }
            // One or two bytes left over: their last bits again with zeros after them, then padding and the line feed.
            let left := mod(length, 3)
            if left {
                let word := and(shr(232, mload(sub(end, left))), shl(mul(8, sub(3, left)), 0xffff))
                to := sub(to, 5)
                mstore8(add(to, 1), mload(add(table, and(shr(12, word), 0x3f))))
                mstore8(add(to, 2), 0x3d)
                if eq(left, 2) {
                    mstore8(add(to, 2), mload(add(table, and(shr(6, word), 0x3f))))
                }
                mstore8(add(to, 3), 0x3d)
            }
        }
    }
}
