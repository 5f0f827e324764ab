// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";
import {SignedEvidence} from "./SignedEvidence.sol";

/// @notice Accepts a statement signed by an active, bonded node. Evidence is selector | r | s | v, 69 bytes, with `s` in
/// the lower half of the order and `v` 27 or 28.
/// @dev What it does not show: that the node told the truth, that it ran any model at all, or that it kept the input to
/// itself. The bond is the only deterrent, and in this kind nothing on chain takes it. The node's standing is that of
/// the call, not of the moment of signing; the output bytes are bound through `outputHash`, which the caller checks.
/// The registry of the nodes inherits it, which saves a cold call for each answer
/// (docs/decisions/002-signature-adapter-in-node-registry.md).
abstract contract SignatureAdapter is SignedEvidence {
    /// @inheritdoc SignedEvidence
    /// @dev Kind 1 (Signature), number 1.
    function _selector() internal pure override returns (ProofSelector) {
        return ProofSelector.wrap(0x01000001);
    }

    /// @inheritdoc SignedEvidence
    function _requireSigner(Statement calldata statement, address signer) internal view override {
        _requireActiveSigner(signer, statement.beneficiary);
    }

    /// @dev Reverts unless `signer`, never zero, is the key of a node that may answer now and is paid at `beneficiary`.
    function _requireActiveSigner(address signer, address beneficiary) internal view virtual;
}
