// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Answers evidence with the evidence itself, as raw return data of any length; empty evidence is refused
/// without a reason, and evidence that begins with 0xff with a typed error.
contract RawVerifier {
    /// @notice The typed refusal.
    error Refused(uint256 length);

    /// @notice A format like any other.
    function format() external pure returns (bytes32) {
        return keccak256("raw");
    }

    /// @notice Takes the place of `IAttestationVerifier.verify`.
    function verify(bytes calldata evidence, bytes calldata) external pure {
        bytes memory answer = evidence;
        if (answer.length == 0) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        require(answer[0] != 0xff, Refused(answer.length));
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }
}
