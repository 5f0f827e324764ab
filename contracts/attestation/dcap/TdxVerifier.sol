// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    CLAIM_DEBUG,
    CLAIM_MIGRATABLE,
    CLAIM_SERVICE_TD,
    Claims,
    IAttestationVerifier
} from "../../interfaces/IAttestationVerifier.sol";
import {DcapPck} from "../../interfaces/IDcapCertificates.sol";
import {IDcapCollateral} from "../../interfaces/IDcapCollateral.sol";
import {DcapQuote} from "../../libraries/intel/DcapQuote.sol";
import {TcbLevel, TcbMatch} from "../../libraries/intel/TcbMatch.sol";
import {TcbStatus} from "../../libraries/intel/TcbStatus.sol";
import {DcapVerifier} from "./DcapVerifier.sol";

/// @notice Verifies quotes of Intel TDX trust domains (TD): versions 4 and 5, for TDX 1.0 and 1.5.
/// @dev Claims: `measurement` = keccak256 of the format (32 bytes) and 448 bytes of the report in its order: MRSEAM (48),
/// MRSIGNERSEAM (48), TDATTRIBUTES (8), XFAM (8), MRTD (48), MRCONFIGID (48), MROWNER (48), MROWNERCONFIG (48), RTMR0 to
/// RTMR2 (48 each); `config` = keccak256 of RTMR3, zero where that is; `bind0` and `bind1` the halves of REPORTDATA.
/// @dev A TD of 1.5 that was launched out of date on a platform that by TEE_TCB_SVN2 is so no longer has one of the
/// statuses that advise a relaunch.
contract TdxVerifier is DcapVerifier {
    /// @dev keccak256 of the name of the format.
    bytes32 private constant FORMAT = keccak256("intel.tdx/1");

    /// @dev Bits of TDATTRIBUTES, the least significant byte first: all that are defined (DEBUG, LASS, SEPT_VE_DISABLE,
    /// MIGRATABLE, PKS, KL, PERFMON), DEBUG, MIGRATABLE.
    bytes8 private constant KNOWN = hex"010000f800000080";
    bytes8 private constant DEBUG = hex"01";
    bytes8 private constant MIGRATABLE = hex"00000020";

    /// @dev Offsets in a report.
    uint256 private constant TEE_TCB_SVN = 0;
    uint256 private constant MR_SEAM = 16;
    uint256 private constant MR_SIGNER_SEAM = 64;
    uint256 private constant SEAM_ATTRIBUTES = 112;
    uint256 private constant TD_ATTRIBUTES = 120;
    uint256 private constant RTMR_3 = 472;
    uint256 private constant TD_REPORT_DATA = 520;
    uint256 private constant TEE_TCB_SVN_2 = 584;
    uint256 private constant MR_SERVICE_TD = 600;

    /// @notice Thrown when Intel knows no TDX module of `version`.
    error TdxModuleUnknown(uint8 version);

    /// @notice Thrown when the signer or the attributes of the TDX module are not those that Intel says.
    error TdxModuleMismatch(uint8 version);

    /// @notice Thrown when Intel knows no level as low as the TDX module's.
    error TdxModuleLevelUnknown(uint8 version, uint8 svn);

    /// @notice Thrown when Intel has revoked the level of the TDX module.
    error TdxModuleRevoked(uint8 version, uint8 svn);

    /// @param collateral_ Where Intel's documents are kept.
    constructor(IDcapCollateral collateral_) DcapVerifier(collateral_, true) {}

    /// @inheritdoc IAttestationVerifier
    function format() external pure returns (bytes32) {
        return FORMAT;
    }

    /// @inheritdoc DcapVerifier
    function _verifyTcb(
        bytes calldata body,
        uint256 bodyType,
        DcapPck memory pck,
        bytes memory info,
        uint8 qeStatus,
        uint256[] memory advisories
    ) internal pure override returns (uint8 status, uint256[] memory) {
        bytes16 teeSvn = bytes16(body[TEE_TCB_SVN:TEE_TCB_SVN + 16]);
        (bool found, TcbLevel memory level) = TcbMatch.findTdxLevel(info, pck.components, pck.pceSvn, teeSvn);
        require(found, TcbLevelUnknown(pck.components, pck.pceSvn));
        require(level.status != TcbStatus.REVOKED, TcbRevoked(pck.components, pck.pceSvn));
        TcbLevel memory module = _verifyModule(body, info, teeSvn);
        status = TcbStatus.converge(level.status, module.status);
        if (bodyType == DcapQuote.BODY_TD_1_5 && TcbStatus.isOutOfDate(status)) {
            status = _relaunched(bytes16(body[TEE_TCB_SVN_2:TEE_TCB_SVN_2 + 16]), pck, info, status);
        }
        // Advice to launch again is worth nothing where the quoting enclave is out of date.
        if (qeStatus != TcbStatus.UP_TO_DATE && status >= TcbStatus.RELAUNCH_ADVISED) {
            status =
                status == TcbStatus.RELAUNCH_ADVISED
                    ? TcbStatus.OUT_OF_DATE
                    : TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
        }
        advisories = TcbMatch.merge(TcbMatch.merge(advisories, info, level), info, module);
        return (TcbStatus.converge(status, qeStatus), advisories);
    }

    /// @inheritdoc DcapVerifier
    function _claim(bytes calldata body, uint256 bodyType, Claims memory claims) internal pure override {
        bytes8 attributes = bytes8(body[TD_ATTRIBUTES:TD_ATTRIBUTES + 8]);
        require(attributes & ~KNOWN == 0, AttributesInvalid(attributes));
        if (attributes & DEBUG != 0) claims.flags = CLAIM_DEBUG;
        if (attributes & MIGRATABLE != 0) claims.flags |= CLAIM_MIGRATABLE;
        if (bodyType == DcapQuote.BODY_TD_1_5 && !_isZero(body[MR_SERVICE_TD:MR_SERVICE_TD + 48])) {
            claims.flags |= CLAIM_SERVICE_TD;
        }
        claims.format = FORMAT;
        claims.measurement = keccak256(bytes.concat(FORMAT, body[MR_SEAM:SEAM_ATTRIBUTES], body[TD_ATTRIBUTES:RTMR_3]));
        bytes calldata rtmr3 = body[RTMR_3:RTMR_3 + 48];
        if (!_isZero(rtmr3)) claims.config = keccak256(rtmr3);
        claims.bind0 = bytes32(body[TD_REPORT_DATA:TD_REPORT_DATA + 32]);
        claims.bind1 = bytes32(body[TD_REPORT_DATA + 32:TD_REPORT_DATA + 64]);
    }

    /// @dev Checks who made the TDX module and finds its level. Modules without a version (TEE_TCB_SVN[1] is zero) have
    /// none of their own, and are up to date as far as the platform is.
    function _verifyModule(
        bytes calldata body,
        bytes memory info,
        bytes16 teeSvn
    ) private pure returns (TcbLevel memory level) {
        uint8 version = uint8(teeSvn[1]);
        uint8 svn = uint8(teeSvn[0]);
        uint256 at = TcbMatch.MODULE;
        if (version != 0) {
            at = TcbMatch.findModule(info, version);
            require(at != 0, TdxModuleUnknown(version));
        }
        bytes32 word = TcbMatch.wordAt(info, at + 48);
        bytes8 attributes = bytes8(body[SEAM_ATTRIBUTES:SEAM_ATTRIBUTES + 8]);
        require(
            bytes32(body[MR_SIGNER_SEAM:MR_SIGNER_SEAM + 32]) == TcbMatch.wordAt(info, at) &&
                bytes16(body[MR_SIGNER_SEAM + 32:MR_SIGNER_SEAM + 48]) == bytes16(TcbMatch.wordAt(info, at + 32)) &&
                attributes & bytes8(word << 64) == bytes8(word),
            TdxModuleMismatch(version)
        );
        if (version == 0) return level;
        bool found;
        (found, level) = TcbMatch.findSvnLevel(info, at + TcbMatch.MODULE_BYTES, svn);
        require(found, TdxModuleLevelUnknown(version, svn));
        require(level.status != TcbStatus.REVOKED, TdxModuleRevoked(version, svn));
    }

    /// @dev The status of a TD that was launched out of date: what the platform's SVNs of now would give, where those are
    /// not out of date too, as advice to launch again; `status` otherwise.
    function _relaunched(
        bytes16 teeSvn,
        DcapPck memory pck,
        bytes memory info,
        uint8 status
    ) private pure returns (uint8) {
        (bool found, TcbLevel memory level) = TcbMatch.findTdxLevel(info, pck.components, pck.pceSvn, teeSvn);
        if (!found) return status;
        uint8 current = level.status;
        uint8 version = uint8(teeSvn[1]);
        if (version != 0) {
            uint256 at = TcbMatch.findModule(info, version);
            if (at == 0) return status;
            (found, level) = TcbMatch.findSvnLevel(info, at + TcbMatch.MODULE_BYTES, uint8(teeSvn[0]));
            if (!found) return status;
            current = TcbStatus.converge(current, level.status);
        }
        if (current == TcbStatus.REVOKED || TcbStatus.isOutOfDate(current)) return status;
        return
            TcbStatus.needsConfiguration(current) || TcbStatus.needsConfiguration(status)
                ? TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                : TcbStatus.RELAUNCH_ADVISED;
    }

    /// @dev Whether 48 bytes are all zero.
    function _isZero(bytes calldata register) private pure returns (bool) {
        return bytes32(register) == 0 && bytes16(register[32:]) == 0;
    }
}
