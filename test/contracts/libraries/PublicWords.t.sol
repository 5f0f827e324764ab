// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PublicWords} from "../../../contracts/libraries/PublicWords.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {vm} from "../../support/Vm.sol";

/// @notice Public words against their plain twin.
contract PublicWordsTest {
    uint256 private constant MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    function testFuzz_pack_equalsItsTwin(bytes32 context, bytes calldata input, bytes calldata output) public pure {
        rubbish();
        uint256[] memory words = PublicWords.pack(context, input, output);
        uint256[] memory expected = RequestCodecTwin.publicWords(context, input, output);
        vm.assertEq(words.length, expected.length, "count");
        vm.assertEq(keccak256(abi.encodePacked(words)), keccak256(abi.encodePacked(expected)), "words");
        for (uint256 i = 0; i < words.length; ++i) vm.assertLt(words[i], MODULUS, "INV-16: in the field");
    }

    /// @dev The lengths around a word's edge, where padding begins and ends.
    function test_pack_equalsItsTwinAtTheEdges() public view {
        for (uint256 length = 0; length <= 95; ++length) {
            bytes memory input = new bytes(length / 3);
            bytes memory output = new bytes(length - length / 3);
            for (uint256 i = 0; i < output.length; ++i) output[i] = 0xff;
            this.testFuzz_pack_equalsItsTwin(bytes32(type(uint256).max), input, output);
        }
    }

    /// @dev INV-16: 31 of the context's 32 bytes are bound; the last is the price of staying below the modulus.
    function testFuzz_pack_bindsTheContext(bytes32 context, uint8 bit) public pure {
        bytes32 other = bytes32(uint256(context) ^ (1 << bit));
        uint256[] memory words = RequestCodecTwin.publicWords(context, "", "");
        uint256[] memory others = RequestCodecTwin.publicWords(other, "", "");
        vm.assertTrue((words[0] != others[0]) == (bit > 7), "the upper 248 bits");
    }

    function rubbish() private pure {
        assembly ("memory-safe") {
            let at := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x1000) {
                i := add(i, 0x20)
            } {
                mstore(add(at, i), not(0))
            }
        }
    }
}
