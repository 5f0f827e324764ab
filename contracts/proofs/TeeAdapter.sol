// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId} from "../types/Ids.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";
import {SignedEvidence} from "./SignedEvidence.sol";

/// @notice Takes a statement signed by a key that the enclave registry bound to hardware evidence, under the policy
/// that the statement names.
/// @dev What it does not show: that the hardware vendor and the machine's owner are honest, or that the measured
/// program answers well. The key is checked at the time of the call, not at the time of signing.
abstract contract TeeAdapter is SignedEvidence {
    /// @inheritdoc SignedEvidence
    /// @dev Kind 4 (Tee), number 1.
    function _selector() internal pure override returns (ProofSelector) {
        return ProofSelector.wrap(0x04000001);
    }

    /// @inheritdoc SignedEvidence
    function _requireSigner(Statement calldata statement, address signer) internal view override {
        _requireValidKey(statement.enclavePolicy, signer);
    }

    /// @dev Reverts unless `key`, and the measurement it was registered with, are valid under `policy` now.
    function _requireValidKey(PolicyId policy, address key) internal view virtual;
}
