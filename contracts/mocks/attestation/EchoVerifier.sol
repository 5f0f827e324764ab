// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";

/// @notice Believes whatever it is told: evidence is ABI-encoded `Claims`. For tests of what comes after a verifier.
contract EchoVerifier is IAttestationVerifier {
    bytes32 private immutable _FORMAT;

    constructor(bytes32 format_) {
        _FORMAT = format_;
    }

    /// @inheritdoc IAttestationVerifier
    function format() external view returns (bytes32) {
        return _FORMAT;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata evidence, bytes calldata) external pure returns (Claims memory) {
        return abi.decode(evidence, (Claims));
    }
}
