// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CLAIM_DEBUG, Claims, IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {INitroCertificates, NitroLeaf} from "../../interfaces/INitroCertificates.sol";
import {INitroVerifier} from "../../interfaces/INitroVerifier.sol";
import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {Cbor} from "../../libraries/Cbor.sol";
import {NitroDocument, NitroPayload, NitroSpan} from "./NitroDocument.sol";

/// @notice Verifies attestation documents of AWS Nitro Enclaves.
/// @dev `INitroVerifier` is the manual.
contract NitroVerifier is INitroVerifier {
    /// @dev Longest evidence, in bytes: seven certificates and all fields at their longest are below it.
    uint256 private constant MAX_EVIDENCE_BYTES = 12_288;

    bytes32 private constant FORMAT = keccak256("aws.nitro/1");

    /// @dev The COSE_Sign1 tag.
    bytes1 private constant TAG = 0xd2;

    /// @dev The protected header {1: -35}: algorithm ES384.
    bytes4 private constant HEADER = hex"a1013822";

    /// @dev Sig_structure up to the payload: an array of "Signature1", the header, no external data.
    bytes private constant SIGNED_PREFIX = hex"846a5369676e61747572653144a101382240";

    INitroCertificates private immutable _CERTIFICATES;

    IP384Verifier private immutable _P384;

    constructor(INitroCertificates certificates_) {
        require(address(certificates_).code.length != 0, CertificatesMissing(address(certificates_)));
        _CERTIFICATES = certificates_;
        _P384 = certificates_.p384();
    }

    /// @inheritdoc INitroVerifier
    function certificates() external view returns (INitroCertificates) {
        return _CERTIFICATES;
    }

    /// @inheritdoc IAttestationVerifier
    function format() external pure returns (bytes32) {
        return FORMAT;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata evidence, bytes calldata hints) external view returns (Claims memory claims) {
        require(evidence.length <= MAX_EVIDENCE_BYTES, EvidenceTooLong(evidence.length, MAX_EVIDENCE_BYTES));
        (bytes calldata signedPayload, bytes calldata payload, bytes calldata signature) = _open(evidence);
        NitroPayload memory document = NitroDocument.decode(payload);
        (NitroLeaf memory leaf, uint256 at) = _CERTIFICATES.checkChain(_chainOf(payload, document.chain), hints);

        uint64 issuedAt = document.timestamp / 1000;
        require(
            leaf.notBefore <= issuedAt && issuedAt <= leaf.notAfter && issuedAt <= block.timestamp,
            IssuedAtInvalid(issuedAt, leaf.notBefore, leaf.notAfter, block.timestamp)
        );
        bytes memory message = bytes.concat(SIGNED_PREFIX, signedPayload);
        require(_isSigned(message, signature, leaf.key, _lastHint(hints, at)), DocumentSignatureMismatch());

        bytes32[64] memory p = document.pcrs;
        claims.format = FORMAT;
        claims.measurement = keccak256(abi.encode(FORMAT, p[0], p[1], p[2], p[3], p[4], p[5], p[16], p[17]));
        if (p[6] | p[7] != 0) claims.config = keccak256(abi.encode(p[6], p[7]));
        claims.platform = document.platform;
        claims.bind0 = document.userData;
        claims.bind1 = document.nonce;
        claims.keyHash = document.publicKey;
        claims.issuedAt = issuedAt;
        claims.notAfter = leaf.leastNotAfter;
        if (p[0] | p[1] == 0 || p[2] | p[3] == 0 || p[4] | p[5] == 0) claims.flags = CLAIM_DEBUG;
    }

    /// @dev Whether the signature holds and the hints show it. A refusal of hints is a refusal of the signature: for one
    /// that does not hold there are none.
    function _isSigned(
        bytes memory message,
        bytes calldata signature,
        bytes memory key,
        bytes calldata hints
    ) private view returns (bool isGood) {
        try _P384.verify(message, signature, key, hints) returns (bool answer) {
            isGood = answer;
        } catch {}
    }

    function _chainOf(bytes calldata payload, NitroSpan[] memory spans) private pure returns (bytes[] memory chain) {
        chain = new bytes[](spans.length);
        for (uint256 i = 0; i < spans.length; ++i) chain[i] = payload[spans[i].start:spans[i].end];
    }

    /// @dev Opens COSE_Sign1.
    /// @return signedPayload The payload with its head, as it is signed.
    /// @return payload The payload.
    /// @return signature r || s.
    function _open(
        bytes calldata evidence
    ) private pure returns (bytes calldata signedPayload, bytes calldata payload, bytes calldata signature) {
        uint256 at = evidence.length != 0 && evidence[0] == TAG ? 1 : 0;
        at = Cbor.expectCount(evidence, at, Cbor.ARRAY, 4);
        (payload, at) = Cbor.readBytes(evidence, at);
        require(payload.length == 4 && bytes4(payload) == HEADER, HeaderUnsupported());
        at = Cbor.expectCount(evidence, at, Cbor.MAP, 0);
        uint256 start = at;
        (payload, at) = Cbor.readBytes(evidence, at);
        signedPayload = evidence[start:at];
        (signature, at) = Cbor.readBytes(evidence, at, 96);
        require(at == evidence.length, EvidenceTrailing(at, evidence.length));
    }

    /// @dev The hints at `at`, which must be the last: four bytes of length, and that many bytes.
    function _lastHint(bytes calldata hints, uint256 at) private pure returns (bytes calldata) {
        require(at + 4 <= hints.length, INitroCertificates.HintsTruncated(at));
        // Below 2^32 + 2^32.
        uint256 end = at + 4 + uint32(bytes4(hints[at:at + 4]));
        require(end <= hints.length, INitroCertificates.HintsTruncated(at));
        require(end == hints.length, EvidenceTrailing(end, hints.length));
        return hints[at + 4:end];
    }
}
