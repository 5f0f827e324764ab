// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {NitroChain} from "./NitroChain.sol";
import {NitroRevocations} from "./NitroRevocations.sol";

/// @notice Certificates of AWS Nitro Enclaves under the root G1, fingerprint (SHA-256)
/// 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b.
/// @dev `INitroCertificates` is the manual.
contract NitroCertificates is NitroRevocations {
    /// @notice keccak256 of the root certificate in DER.
    bytes32 public constant ROOT_CERTIFICATE = 0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185;

    /// @notice keccak256 of the root's name in DER: C=US, O=Amazon, OU=AWS, CN=aws.nitro-enclaves.
    bytes32 public constant ROOT_NAME = 0x72cd6c39eb9425e5efe9d11ce807dbb3dc96f159de9a12d8c9df9bf0855a75e1;

    /// @dev The root's public key X || Y.
    bytes private constant ROOT_KEY =
        hex"fc0254eba608c1f36870e29ada90be46383292736e894bfff672d989444b5051"
        hex"e534a4b1f6dbe3c0bc581a32b7b176070ede12d69a3fea211b66e752cf7dd1dd"
        hex"095f6f1370f4170843d9dc100121e4cf63012809664487c9796284304dc53ff4";

    /// @dev Validity of the root: 2019-10-28 13:28:05 to 2049-10-28 14:28:05.
    uint64 private constant ROOT_NOT_BEFORE = 1_572_269_285;
    uint64 private constant ROOT_NOT_AFTER = 2_519_044_085;

    constructor(IP384Verifier p384_) NitroChain(p384_) {}

    function _rootCertificate() internal view virtual override returns (bytes32) {
        return ROOT_CERTIFICATE;
    }

    function _root() internal view virtual override returns (Link memory link) {
        link.key = ROOT_KEY;
        link.identity = identityOf(ROOT_NAME, link.key);
        (link.notBefore, link.notAfter, link.leastNotAfter) = (ROOT_NOT_BEFORE, ROOT_NOT_AFTER, ROOT_NOT_AFTER);
        (link.kind, link.room) = (CRL_AUTHORITY, MAX_CHAIN);
    }
}
