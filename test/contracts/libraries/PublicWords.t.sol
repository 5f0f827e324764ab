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

    function testFuzz_bind_equalsItsTwin(
        uint8 binding,
        bytes32 context,
        uint256 c,
        bytes calldata input,
        bytes calldata output,
        bytes32 committed
    ) public view {
        binding %= 7;
        bytes memory left = binding & 2 == 0 ? input : bytes.concat(committed);
        bytes memory right = binding & 4 == 0 ? output : bytes.concat(keccak256(bytes.concat(committed)));
        this.bindLike(binding, context, c, left, right);
    }

    /// @dev The lengths around a word's edge, for a fingerprint.
    function test_bind_equalsItsTwinAtTheEdges() public view {
        for (uint256 length = 0; length <= 95; ++length) {
            bytes memory input = new bytes(length / 3);
            bytes memory output = new bytes(length - length / 3);
            for (uint256 i = 0; i < output.length; ++i) output[i] = 0xff;
            this.bindLike(1, bytes32(type(uint256).max), type(uint256).max, input, output);
        }
    }

    function bindLike(
        uint8 binding,
        bytes32 context,
        uint256 c,
        bytes calldata input,
        bytes calldata output
    ) public pure {
        rubbish();
        uint256[] memory words = PublicWords.bind(binding, context, c, input, output);
        uint256[] memory expected = RequestCodecTwin.boundWords(binding, context, c, input, output);
        vm.assertEq(words.length, expected.length, "count");
        vm.assertEq(keccak256(abi.encodePacked(words)), keccak256(abi.encodePacked(expected)), "words");
        if (binding & 1 == 0) return;
        vm.assertLt(words[1], MODULUS, "r in the field");
        vm.assertLt(words[2], MODULUS, "e in the field");
    }

    /// @dev Horner's rule by hand: two words, r = 10.
    function test_fingerprint_isThePolynomialWithoutConstant() public view {
        bytes memory input = abi.encodePacked(uint248(3));
        vm.assertEq(this.fingerprintOf(input, abi.encodePacked(uint248(7)), 10), 3 * 10 + 7 * 100, "two words");
        vm.assertEq(this.fingerprintOf(input, "", 10), 30, "one word still depends on r");
        vm.assertEq(this.fingerprintOf("", hex"01", 1), 1 << 240, "padded on the right");
        vm.assertEq(this.fingerprintOf("", "", 5), 0, "nothing");
    }

    function fingerprintOf(bytes calldata input, bytes calldata output, uint256 r) external pure returns (uint256) {
        return PublicWords.fingerprint(input, output, r);
    }

    /// @dev r hangs on c and on all of the context but its last byte.
    function testFuzz_challenge_hangsOnBoth(bytes32 context, uint256 c, uint8 bit) public pure {
        uint256 r = PublicWords.challenge(context, c);
        vm.assertTrue(r != PublicWords.challenge(context, c ^ (1 << bit)), "c");
        bytes32 other = bytes32(uint256(context) ^ (1 << bit));
        vm.assertTrue((r != PublicWords.challenge(other, c)) == (bit > 7), "context");
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
