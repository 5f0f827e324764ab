// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Packs what a circuit binds into public words below the BN254 scalar modulus.
library PublicWords {
    /// @dev Bytes in a word: 248 bits are always below the modulus, so a word has one meaning.
    uint256 internal constant BYTES = 31;

    /// @notice Cuts `context || input || output` into 31-byte big-endian words, the last padded with zeros on the right.
    /// @param context First 31 bytes of the statement digest, in the upper 248 bits; the lowest 8 bits are ignored.
    function pack(
        bytes32 context,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory words) {
        uint256 length = input.length + output.length;
        uint256 n = 1 + (length + BYTES - 1) / BYTES;
        words = new uint256[](n);
        assembly ("memory-safe") {
            // The stream lies in free memory for the time of the loop, followed by zeros for the last word's padding.
            let stream := mload(0x40)
            calldatacopy(stream, input.offset, input.length)
            calldatacopy(add(stream, input.length), output.offset, output.length)
            mstore(add(stream, length), 0)
            let slot := add(words, 0x20)
            mstore(slot, shr(8, context))
            for {
                let end := add(stream, length)
            } lt(stream, end) {
                stream := add(stream, BYTES)
            } {
                slot := add(slot, 0x20)
                mstore(slot, shr(8, mload(stream)))
            }
        }
    }
}
