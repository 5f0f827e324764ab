// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {IZkVerifier, SetupKind} from "../interfaces/IZkVerifier.sol";

/// @notice Asks a contract what circuit it verifies, and takes nothing but a whole and sensible answer.
/// @dev Static calls with a fixed 64 bytes of answer copied, so a hostile contract can waste its caller's gas and no
/// more. Not checked here: that the contract verifies anything, or that its answers stay the same (it may be a proxy).
library CircuitProbe {
    /// @notice Encoding lengths and setup of `verifier`'s circuit; `valid` is false when it has no code, reverts,
    /// answers short, or names a length of zero or above 32 bits or an unknown setup.
    function read(
        address verifier
    ) internal view returns (bool valid, uint32 inputBytes, uint32 outputBytes, SetupKind setup) {
        if (verifier.code.length == 0) return (false, 0, 0, setup);
        (bool ok, uint256 first, uint256 second) = _ask(verifier, IZkVerifier.layout.selector, 64);
        if (!ok || !_isLength(first) || !_isLength(second)) return (false, 0, 0, setup);
        (bool answered, uint256 kind, ) = _ask(verifier, IZkVerifier.setup.selector, 32);
        if (!answered || kind > uint256(type(SetupKind).max)) return (false, 0, 0, setup);
        // Both lengths were just held to 32 bits, the kind to its range.
        return (true, uint32(first), uint32(second), SetupKind(kind));
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
