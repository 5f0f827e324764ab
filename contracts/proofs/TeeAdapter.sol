// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {KEY_P256, KEY_RSA_PSS, KeyId} from "../interfaces/IReceiptKey.sol";
import {EvidenceSignature} from "../libraries/EvidenceSignature.sol";
import {ReceiptKeys} from "../libraries/ReceiptKeys.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {PolicyId} from "../types/Ids.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";
import {SignedEvidence} from "./SignedEvidence.sol";

/// @notice Takes a statement signed by a key that the enclave registry bound to hardware evidence, under the policy
/// that the statement names. Evidence, by the kind of the key:
///
///     secp256k1  selector (4) | r (32) | s (32) | v (1)                                  69 bytes
///     P-256      selector (4) | 2 (1) | x (32) | y (32) | r (32) | s (32)               133 bytes
///     RSA-PSS    selector (4) | 3 (1) | exponent (4) | modulus (n) | signature (n)      9 + 2n bytes, n from 256 to 512
///
/// @dev What it does not show: that the hardware vendor and the machine's owner are honest, or that the measured
/// program answers well. The key is checked at the time of the call, not at the time of signing.
abstract contract TeeAdapter is SignedEvidence {
    uint256 private constant P256_LENGTH = 133;

    /// @dev Shortest evidence of an RSA key.
    uint256 private constant RSA_LENGTH = 9 + 2 * ReceiptKeys.MIN_MODULUS;

    /// @inheritdoc SignedEvidence
    /// @dev Kind 4 (Tee), number 1.
    function _selector() internal pure override returns (ProofSelector) {
        return ProofSelector.wrap(0x04000001);
    }

    /// @inheritdoc SignedEvidence
    function _requireSigner(Statement calldata statement, address signer) internal view override {
        _requireValidKey(statement.enclavePolicy, ReceiptKeys.idOf(signer));
    }

    /// @inheritdoc SignedEvidence
    function _verifyOther(
        Statement calldata statement,
        bytes calldata evidence
    ) internal view override returns (bytes4) {
        require(evidence.length >= P256_LENGTH, EvidenceLengthInvalid(evidence.length, EvidenceSignature.LENGTH));
        bytes4 expected = ProofSelector.unwrap(_selector());
        require(bytes4(evidence) == expected, SelectorMismatch(bytes4(evidence), expected));
        uint8 kind = uint8(evidence[4]);
        uint256 middle = 69;
        if (kind == KEY_P256) {
            require(evidence.length == P256_LENGTH, EvidenceLengthInvalid(evidence.length, P256_LENGTH));
        } else {
            require(
                kind == KEY_RSA_PSS && evidence.length >= RSA_LENGTH && evidence.length & 1 == 1,
                EvidenceLengthInvalid(evidence.length, kind == KEY_RSA_PSS ? RSA_LENGTH : EvidenceSignature.LENGTH)
            );
            // Selector, kind, exponent and modulus.
            middle = 9 + (evidence.length - 9) / 2;
        }
        bytes calldata data = evidence[5:middle];
        _requireValidKey(statement.enclavePolicy, ReceiptKeys.idOf(kind, data));
        bytes32 digest = TypedData.statementDigest(statement, _selector());
        require(_isSigned(kind, data, digest, evidence[middle:]), EvidenceSignature.SignatureInvalid());
        return IProofAdapter.verify.selector;
    }

    /// @dev Reverts unless `key`, and what it was registered with, are valid under `policy` now.
    function _requireValidKey(PolicyId policy, KeyId key) internal view virtual;

    /// @dev Whether `signature` is one of `digest` by the key, which is in the form of its kind.
    function _isSigned(
        uint8 kind,
        bytes calldata data,
        bytes32 digest,
        bytes calldata signature
    ) internal view virtual returns (bool);
}
