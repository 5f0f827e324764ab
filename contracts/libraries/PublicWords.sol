// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BINDING_FINGERPRINT, BINDING_INPUT_COMMITTED, BINDING_OUTPUT_COMMITTED} from "../interfaces/IZkVerifier.sol";

/// @notice Makes the public words of a circuit, each below the BN254 scalar modulus, from a statement's input and output.
library PublicWords {
    /// @dev Modulus of the field of public words.
    uint256 internal constant MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @dev Bytes in a word: 248 bits are always below the modulus, so a word has one meaning.
    uint256 internal constant BYTES = 31;

    /// @notice Cuts `context || input || output` into 31-byte big-endian words, the last padded with zeros on the right.
    /// @param context First 31 bytes of the statement digest, in the upper 248 bits; the lowest 8 bits are ignored.
    function pack(
        bytes32 context,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory words) {
        return _pack(context, input, output, 0);
    }

    /// @notice Public words under any binding, see `IZkVerifier`.
    /// @dev Not checked here: that `c` and the commitments are below the modulus, and that a committed port has 32 bytes.
    /// @param binding A binding that `CircuitProbe` takes.
    /// @param context First 31 bytes of the statement digest, in the upper 248 bits; the lowest 8 bits are ignored.
    /// @param c Hash of the open words, under `BINDING_FINGERPRINT`; else ignored.
    function bind(
        uint8 binding,
        bytes32 context,
        uint256 c,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory words) {
        bytes calldata openInput = binding & BINDING_INPUT_COMMITTED != 0 ? input[:0] : input;
        bytes calldata openOutput = binding & BINDING_OUTPUT_COMMITTED != 0 ? output[:0] : output;
        uint256 room = (binding & BINDING_INPUT_COMMITTED) / 2 + (binding & BINDING_OUTPUT_COMMITTED) / 4;
        if (binding & BINDING_FINGERPRINT == 0) {
            words = _pack(context, openInput, openOutput, room);
        } else {
            words = new uint256[](3 + room);
            words[0] = c;
            words[1] = challenge(context, c);
            words[2] = fingerprint(openInput, openOutput, words[1]);
        }
        if (binding & BINDING_INPUT_COMMITTED != 0) words[words.length - room] = uint256(bytes32(input));
        if (binding & BINDING_OUTPUT_COMMITTED != 0) words[words.length - 1] = uint256(bytes32(output));
    }

    /// @notice Where the words' polynomial is taken: fixed after `c`, and after the input and output that the context's
    /// digest binds, so that whoever chooses them cannot know it.
    function challenge(bytes32 context, uint256 c) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(uint256(context) >> 8, c))) % MODULUS;
    }

    /// @notice The sum of w_i r^i, i from 1, for the 31-byte words w_i of `input || output`.
    /// @param r Below the modulus.
    function fingerprint(bytes calldata input, bytes calldata output, uint256 r) internal pure returns (uint256 e) {
        uint256 length = input.length + output.length;
        assembly ("memory-safe") {
            // The stream lies in free memory for the time of the loop, followed by zeros for the last word's padding.
            let stream := mload(0x40)
            calldatacopy(stream, input.offset, input.length)
            calldatacopy(add(stream, input.length), output.offset, output.length)
            mstore(add(stream, length), 0)
            // From the last word to the first.
            for {
                let at := add(stream, mul(BYTES, div(add(length, sub(BYTES, 1)), BYTES)))
            } gt(at, stream) {} {
                at := sub(at, BYTES)
                // A word is below 2^248 and e below the modulus: their sum does not wrap.
                e := mulmod(add(e, shr(8, mload(at))), r, MODULUS)
            }
        }
    }

    /// @dev `room` words of zero follow the packed ones.
    function _pack(
        bytes32 context,
        bytes calldata input,
        bytes calldata output,
        uint256 room
    ) private pure returns (uint256[] memory words) {
        uint256 length = input.length + output.length;
        words = new uint256[](1 + (length + BYTES - 1) / BYTES + room);
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
