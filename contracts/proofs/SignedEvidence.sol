// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {EvidenceSignature} from "../libraries/EvidenceSignature.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Base of adapters that take one secp256k1 signature of a statement: selector | r | s | v, 69 bytes, `v` 27 or
/// 28, `s` in the lower half.
/// @dev The registry that knows the keys inherits it, so that a hub makes one cold call for each answer and not two
/// (docs/decisions/002-signature-adapter-in-node-registry.md).
abstract contract SignedEvidence is IProofAdapter {
    /// @notice Thrown when evidence begins with another adapter's selector.
    error SelectorMismatch(bytes4 received, bytes4 expected);

    /// @inheritdoc IProofAdapter
    function selector() external pure returns (ProofSelector) {
        return _selector();
    }

    /// @inheritdoc IProofAdapter
    function verify(
        Statement calldata statement,
        bytes calldata,
        bytes calldata evidence
    ) external view returns (bytes4) {
        if (evidence.length != EvidenceSignature.LENGTH) return _verifyOther(statement, evidence);
        bytes4 expected = ProofSelector.unwrap(_selector());
        require(bytes4(evidence) == expected, SelectorMismatch(bytes4(evidence), expected));
        bytes32 digest = TypedData.statementDigest(statement, _selector());
        _requireSigner(statement, EvidenceSignature.recover(digest, evidence));
        return IProofAdapter.verify.selector;
    }

    /// @dev Takes evidence of another length than that of a secp256k1 signature: refused, unless an adapter has such forms.
    function _verifyOther(Statement calldata, bytes calldata evidence) internal view virtual returns (bytes4) {
        revert EvidenceLengthInvalid(evidence.length, EvidenceSignature.LENGTH);
    }

    /// @dev The selector of the kind, a constant.
    function _selector() internal pure virtual returns (ProofSelector);

    /// @dev Reverts unless `signer`, never zero, may sign `statement` now.
    function _requireSigner(Statement calldata statement, address signer) internal view virtual;
}
