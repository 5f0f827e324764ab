// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {
    BINDING_INPUT_COMMITTED,
    BINDING_MAX,
    BINDING_OUTPUT_COMMITTED,
    IZkVerifier,
    SetupKind
} from "../interfaces/IZkVerifier.sol";

/// @notice Asks a contract what circuit it verifies, and takes nothing but a whole and sensible answer.
/// @dev Static calls with a fixed 64 bytes of answer copied, so a hostile contract can waste its caller's gas and no
/// more. Not checked here: that the contract verifies anything, or that its answers stay the same (it may be a proxy).
library CircuitProbe {
    /// @dev Bytes of a committed port.
    uint256 private constant COMMITMENT = 32;

    /// @notice What a circuit takes, how it binds it, and how its keys were made.
    struct Answer {
        bool valid;
        uint32 inputBytes;
        uint32 outputBytes;
        uint8 binding;
        SetupKind setup;
    }

    /// @notice What `verifier` says of its circuit. Not `valid`, and then all zero, when it has no code, reverts, answers
    /// short, or names a length of zero or above 32 bits, an unknown setup or binding, or a committed port that is not
    /// 32 bytes long.
    function read(address verifier) internal view returns (Answer memory answer) {
        if (verifier.code.length == 0) return answer;
        (bool ok, uint256 input, uint256 output) = _ask(verifier, IZkVerifier.layout.selector, 64);
        if (!ok || !_isLength(input) || !_isLength(output)) return answer;
        (bool answered, uint256 kind, ) = _ask(verifier, IZkVerifier.setup.selector, 32);
        if (!answered || kind > uint256(type(SetupKind).max)) return answer;
        (bool bound, uint256 binding, ) = _ask(verifier, IZkVerifier.binding.selector, 32);
        if (!bound || binding > BINDING_MAX) return answer;
        if (binding & BINDING_INPUT_COMMITTED != 0 && input != COMMITMENT) return answer;
        if (binding & BINDING_OUTPUT_COMMITTED != 0 && output != COMMITMENT) return answer;
        // Both lengths were just held to 32 bits, binding and kind to their ranges.
        return Answer(true, uint32(input), uint32(output), uint8(binding), SetupKind(kind));
    }

    function _isLength(uint256 value) private pure returns (bool) {
        return value != 0 && value <= type(uint32).max;
    }

    function _ask(
        address verifier,
        bytes4 question,
        uint256 answerBytes
    ) private view returns (bool ok, uint256 first, uint256 second) {
        (bool success, bytes32 a, bytes32 b) = LowLevelCall.staticcallReturn64Bytes(
            verifier,
            abi.encodePacked(question)
        );
        return (success && LowLevelCall.returnDataSize() >= answerBytes, uint256(a), uint256(b));
    }
}
