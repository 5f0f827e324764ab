// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CLAIM_DEBUG, Claims, IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {DcapPck} from "../../interfaces/IDcapCertificates.sol";
import {IDcapCollateral} from "../../interfaces/IDcapCollateral.sol";
import {TcbLevel, TcbMatch} from "../../libraries/intel/TcbMatch.sol";
import {TcbStatus} from "../../libraries/intel/TcbStatus.sol";
import {DcapVerifier} from "./DcapVerifier.sol";

/// @notice Verifies quotes of Intel SGX enclaves: versions 3, 4 and 5.
/// @dev Claims: `measurement` = keccak256(abi.encode(format, bytes32 MRENCLAVE, bytes32 MRSIGNER, uint256 ISVPRODID,
/// uint256 ISVSVN, bytes8 ATTRIBUTES without XFRM, bytes16 ISVEXTPRODID, bytes16 ISVFAMILYID)); `config` = keccak256 of
/// CONFIGID (64 bytes) and CONFIGSVN (2, as in the report), zero where both are; `bind0` and `bind1` the halves of
/// REPORTDATA.
contract SgxVerifier is DcapVerifier {
    /// @dev keccak256 of the name of the format.
    bytes32 private constant FORMAT = keccak256("intel.sgx/1");

    /// @dev Bits of ATTRIBUTES, the least significant byte first: all that are defined (INIT, DEBUG, MODE64BIT,
    /// PROVISIONKEY, EINITTOKEN_KEY, CET, KSS, AEXNOTIFY), INIT, DEBUG.
    bytes8 private constant KNOWN = hex"f704000000000000";
    bytes8 private constant INIT = hex"01";
    bytes8 private constant DEBUG = hex"02";

    /// @dev Offsets in a report.
    uint256 private constant EXT_PROD_ID = 32;
    uint256 private constant MR_ENCLAVE = 64;
    uint256 private constant CONFIG_ID = 192;
    uint256 private constant CONFIG_SVN = 260;
    uint256 private constant FAMILY_ID = 304;

    /// @param collateral_ Where Intel's documents are kept.
    constructor(IDcapCollateral collateral_) DcapVerifier(collateral_, false) {}

    /// @inheritdoc IAttestationVerifier
    function format() external pure returns (bytes32) {
        return FORMAT;
    }

    /// @inheritdoc DcapVerifier
    function _verifyTcb(
        bytes calldata,
        uint256,
        DcapPck memory pck,
        bytes memory info,
        uint8 qeStatus,
        uint256[] memory advisories
    ) internal pure override returns (uint8, uint256[] memory) {
        (bool found, TcbLevel memory level) = TcbMatch.findSgxLevel(info, pck.components, pck.pceSvn);
        require(found, TcbLevelUnknown(pck.components, pck.pceSvn));
        require(level.status != TcbStatus.REVOKED, TcbRevoked(pck.components, pck.pceSvn));
        return (TcbStatus.converge(level.status, qeStatus), TcbMatch.merge(advisories, info, level));
    }

    /// @inheritdoc DcapVerifier
    function _claim(bytes calldata body, uint256, Claims memory claims) internal pure override {
        bytes8 attributes = bytes8(body[ATTRIBUTES:ATTRIBUTES + 8]);
        require(attributes & ~KNOWN == 0 && attributes & INIT != 0, AttributesInvalid(attributes));
        if (attributes & DEBUG != 0) claims.flags = CLAIM_DEBUG;
        claims.format = FORMAT;
        claims.measurement = keccak256(
            abi.encode(
                FORMAT,
                bytes32(body[MR_ENCLAVE:MR_ENCLAVE + 32]),
                bytes32(body[MR_SIGNER:MR_SIGNER + 32]),
                _little16(body, ISV_PROD_ID),
                _little16(body, ISV_SVN),
                attributes,
                bytes16(body[EXT_PROD_ID:EXT_PROD_ID + 16]),
                bytes16(body[FAMILY_ID:FAMILY_ID + 16])
            )
        );
        bytes memory config = bytes.concat(body[CONFIG_ID:CONFIG_ID + 64], body[CONFIG_SVN:CONFIG_SVN + 2]);
        if (keccak256(config) != keccak256(new bytes(66))) claims.config = keccak256(config);
        claims.bind0 = bytes32(body[REPORT_DATA:REPORT_DATA + 32]);
        claims.bind1 = bytes32(body[REPORT_DATA + 32:REPORT_DATA + 64]);
    }
}
