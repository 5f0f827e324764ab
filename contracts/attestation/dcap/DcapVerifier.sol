// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {DcapPck, IDcapCertificates} from "../../interfaces/IDcapCertificates.sol";
import {DcapDocument, IDcapCollateral} from "../../interfaces/IDcapCollateral.sol";
import {P256Verify} from "../../libraries/crypto/P256Verify.sol";
import {DcapQuote, Quote} from "../../libraries/intel/DcapQuote.sol";
import {TcbLevel, TcbMatch} from "../../libraries/intel/TcbMatch.sol";
import {TcbStatus} from "../../libraries/intel/TcbStatus.sol";

/// @notice What the quotes of SGX and TDX have in common: the chain from Intel's root to the attestation key, and the
/// state of the quoting enclave (QE).
/// @dev Evidence is a quote. Where hints are empty it has its PCK certificate chain, whose PCK certificate must be cached
/// in `IDcapCertificates`. Where hints are 32 bytes they are the `pckId` there, and the quote has an empty chain: its
/// three sizes say so, none of which is signed.
/// @dev Claims: `platform` by the PPID; `tcbStatus` by `TcbStatus`; `tcbEval` and `notAfter` the least of all documents
/// used; `advisories` keccak256 of the numbers of all advisories (615 for INTEL-SA-00615) that the levels of the platform,
/// the TDX module and the QE name, each once, in rising order, as 32-byte words.
/// @dev Not checked here: physical attacks, against which Intel's quotes prove nothing; the XFRM, MISCSELECT and XFAM
/// the enclave runs with; what the state of the platform should be, unless it is revoked or unknown, which is refused.
abstract contract DcapVerifier is IAttestationVerifier {
    /// @notice Where certificates and CRLs are.
    IDcapCertificates public immutable certificates;

    /// @notice Where TCB Info and identities are.
    IDcapCollateral public immutable collateral;

    bool private immutable IS_TDX;

    /// @dev Offsets in a report of SGX.
    uint256 internal constant MISC_SELECT = 16;
    uint256 internal constant ATTRIBUTES = 48;
    uint256 internal constant MR_SIGNER = 128;
    uint256 internal constant ISV_PROD_ID = 256;
    uint256 internal constant ISV_SVN = 258;
    uint256 internal constant REPORT_DATA = 320;

    /// @dev Offset of the levels in an identity.
    uint256 private constant IDENTITY_LEVELS = 74;

    /// @notice Thrown when hints are neither empty nor 32 bytes.
    error HintsInvalid(uint256 received);

    /// @notice Thrown when a quote has a chain though the hints name a PCK, or has none though they do not.
    error ChainUnexpected(uint256 received);

    /// @notice Thrown when no PCK certificate is cached whose chain has this hash.
    error ChainUnknown(bytes32 chainHash);

    /// @notice Thrown when the signature on the QE's report is not the PCK's.
    error QeSignatureMismatch();

    /// @notice Thrown when the QE's report is not about this attestation key.
    error QeReportDataMismatch(bytes32 received, bytes32 expected);

    /// @notice Thrown when the signature on the quote is not the attestation key's.
    error QuoteSignatureMismatch();

    /// @notice Thrown when a field of the QE's report, by its offset, is not what Intel's identity says.
    error QeIdentityMismatch(uint256 field);

    /// @notice Thrown when Intel knows no level as low as the QE's.
    error QeLevelUnknown(uint256 isvSvn);

    /// @notice Thrown when Intel has revoked the QE's level.
    error QeRevoked(uint256 isvSvn);

    /// @notice Thrown when TCB Info is for another provisioning certification enclave.
    error PceMismatch(bytes2 received, bytes2 expected);

    /// @notice Thrown when Intel knows no level as low as the platform's.
    error TcbLevelUnknown(bytes16 components, uint16 pceSvn);

    /// @notice Thrown when Intel has revoked the platform's level.
    error TcbRevoked(bytes16 components, uint16 pceSvn);

    /// @notice Thrown when attributes have a bit that is reserved, or lack one that is always set.
    error AttributesInvalid(bytes8 attributes);

    constructor(IDcapCollateral collateral_, bool isTdx) {
        P256Verify.requireSound();
        collateral = collateral_;
        certificates = collateral_.certificates();
        IS_TDX = isTdx;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata evidence, bytes calldata hints) external view returns (Claims memory claims) {
        Quote memory quote = DcapQuote.decode(evidence, IS_TDX);
        DcapPck memory pck;
        (pck, claims.notAfter) = certificates.pck(_pckId(evidence, quote, hints));
        _verifySignatures(evidence, quote, pck);

        DcapDocument memory identity = collateral.qeIdentity(IS_TDX);
        TcbLevel memory qe = _verifyQe(evidence[quote.report:quote.report + DcapQuote.REPORT_BYTES], identity.data);
        uint256[] memory advisories = TcbMatch.merge(new uint256[](0), identity.data, qe);
        DcapDocument memory info = collateral.tcbInfo(IS_TDX, pck.fmspc);
        bytes2 pceId = bytes2(TcbMatch.wordAt(info.data, 0));
        require(pck.pceId == pceId, PceMismatch(pck.pceId, pceId));

        bytes calldata body = evidence[quote.body:quote.signedEnd];
        (claims.tcbStatus, advisories) = _verifyTcb(body, quote.bodyType, pck, info.data, qe.status, advisories);
        if (advisories.length != 0) claims.advisories = keccak256(abi.encodePacked(advisories));
        claims.platform = pck.platform;
        _claim(body, quote.bodyType, claims);
        if (identity.notAfter < claims.notAfter) claims.notAfter = identity.notAfter;
        if (info.notAfter < claims.notAfter) claims.notAfter = info.notAfter;
        claims.tcbEval = identity.evaluation < info.evaluation ? identity.evaluation : info.evaluation;
    }

    /// @dev Checks the platform against TCB Info. Reverts where it, or a part of it, is revoked or unknown.
    /// @param body The report attested.
    /// @param info TCB Info.
    /// @param qeStatus The QE's status.
    /// @param advisories The QE's advisories.
    /// @return The status of all together, and all advisories.
    function _verifyTcb(
        bytes calldata body,
        uint256 bodyType,
        DcapPck memory pck,
        bytes memory info,
        uint8 qeStatus,
        uint256[] memory advisories
    ) internal view virtual returns (uint8, uint256[] memory);

    /// @dev Sets format, measurement, config, bind0, bind1 and flags by the report attested, and checks its attributes.
    function _claim(bytes calldata body, uint256 bodyType, Claims memory claims) internal view virtual;

    function _pckId(
        bytes calldata evidence,
        Quote memory quote,
        bytes calldata hints
    ) private view returns (bytes32 pckId) {
        uint256 length = quote.chainEnd - quote.chain;
        require(hints.length == 0 || hints.length == 32, HintsInvalid(hints.length));
        require((length == 0) == (hints.length == 32), ChainUnexpected(length));
        if (length == 0) return bytes32(hints);
        bytes32 chainHash = keccak256(evidence[quote.chain:quote.chainEnd]);
        pckId = certificates.pckOfChain(chainHash);
        require(pckId != 0, ChainUnknown(chainHash));
    }

    /// @dev From the PCK to the quote.
    function _verifySignatures(bytes calldata evidence, Quote memory quote, DcapPck memory pck) private view {
        uint256 at = quote.report + DcapQuote.REPORT_BYTES;
        require(
            P256Verify.verify(
                sha256(evidence[quote.report:at]),
                bytes32(evidence[at:at + 32]),
                bytes32(evidence[at + 32:at + 64]),
                pck.x,
                pck.y
            ),
            QeSignatureMismatch()
        );
        at = quote.signature;
        bytes calldata key = evidence[at + 64:at + 128];
        bytes32 expected = sha256(bytes.concat(key, evidence[quote.auth:quote.authEnd]));
        uint256 report = quote.report + REPORT_DATA;
        bytes32 received = bytes32(evidence[report:report + 32]);
        require(
            received == expected && bytes32(evidence[report + 32:report + 64]) == 0,
            QeReportDataMismatch(received, expected)
        );
        require(
            P256Verify.verify(
                sha256(evidence[:quote.signedEnd]),
                bytes32(evidence[at:at + 32]),
                bytes32(evidence[at + 32:at + 64]),
                bytes32(key),
                bytes32(key[32:])
            ),
            QuoteSignatureMismatch()
        );
    }

    /// @dev Checks the QE's report against Intel's identity of it, and finds its level.
    function _verifyQe(bytes calldata report, bytes memory identity) private pure returns (TcbLevel memory level) {
        bytes32 word = TcbMatch.wordAt(identity, 0);
        // MISCSELECT and its mask lie in one word; so do ATTRIBUTES and theirs.
        bytes4 misc = bytes4(report[MISC_SELECT:MISC_SELECT + 4]);
        require(misc & bytes4(word << 32) == bytes4(word), QeIdentityMismatch(MISC_SELECT));
        word = TcbMatch.wordAt(identity, 8);
        bytes16 attributes = bytes16(report[ATTRIBUTES:ATTRIBUTES + 16]);
        require(attributes & bytes16(word << 128) == bytes16(word), QeIdentityMismatch(ATTRIBUTES));
        word = TcbMatch.wordAt(identity, 40);
        require(bytes32(report[MR_SIGNER:MR_SIGNER + 32]) == word, QeIdentityMismatch(MR_SIGNER));
        uint256 product = uint16(bytes2(TcbMatch.wordAt(identity, 72)));
        require(_little16(report, ISV_PROD_ID) == product, QeIdentityMismatch(ISV_PROD_ID));

        uint256 svn = _little16(report, ISV_SVN);
        bool found;
        (found, level) = TcbMatch.findSvnLevel(identity, IDENTITY_LEVELS, svn);
        require(found, QeLevelUnknown(svn));
        require(level.status != TcbStatus.REVOKED, QeRevoked(svn));
    }

    /// @dev The number of two bytes at `at`, the less significant first.
    function _little16(bytes calldata data, uint256 at) internal pure returns (uint256) {
        return uint256(uint8(data[at + 1])) * 256 + uint8(data[at]);
    }
}
