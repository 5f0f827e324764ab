// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NitroCertificates} from "../../attestation/nitro/NitroCertificates.sol";
import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {Signed384} from "../../libraries/x509/Signed384.sol";
import {CertificateP384, X509P384} from "../../libraries/x509/X509P384.sol";

/// @notice Decodes certificates, for constructors and tests, which have no calldata of their own.
contract CertificateReader {
    /// @notice What `der` says.
    function read(bytes calldata der) external pure returns (CertificateP384 memory) {
        (bytes calldata tbs, ) = Signed384.split(der);
        return X509P384.decode(tbs);
    }

    /// @notice The signature on `der`, r || s.
    function signature(bytes calldata der) external pure returns (bytes memory value) {
        (, value) = Signed384.split(der);
    }
}

/// @notice Nitro certificates under another root, for what no document of AWS shows. The root is an argument of the
/// constructor, and stays.
contract TestRootNitroCertificates is NitroCertificates {
    bytes32 private immutable _CERTIFICATE;
    bytes32 private immutable _NAME;
    uint64 private immutable _NOT_BEFORE;
    uint64 private immutable _NOT_AFTER;
    bytes private _key;

    constructor(IP384Verifier p384, bytes memory certificate) NitroCertificates(p384) {
        CertificateP384 memory root = new CertificateReader().read(certificate);
        _CERTIFICATE = keccak256(certificate);
        _NAME = root.subject;
        _key = root.key;
        (_NOT_BEFORE, _NOT_AFTER) = (root.notBefore, root.notAfter);
    }

    function _rootCertificate() internal view override returns (bytes32) {
        return _CERTIFICATE;
    }

    function _root() internal view override returns (Link memory link) {
        link.key = _key;
        link.identity = identityOf(_NAME, link.key);
        (link.notBefore, link.notAfter, link.leastNotAfter) = (_NOT_BEFORE, _NOT_AFTER, _NOT_AFTER);
        (link.kind, link.room) = (CRL_AUTHORITY, MAX_CHAIN);
    }
}
