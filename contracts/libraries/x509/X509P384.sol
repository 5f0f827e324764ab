// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";
import {Constraints, X509} from "../X509.sol";
import {Signed384} from "./Signed384.sol";

/// @notice What the signed part of an X.509 certificate with a P-384 key says, after strict decoding.
/// @param issuer keccak256 of the issuer's name in DER.
/// @param subject keccak256 of the subject's name in DER.
/// @param serial Serial number, positive.
/// @param notBefore First second of validity, Unix time.
/// @param notAfter Last second of validity, Unix time.
/// @param key Public key X || Y, 48 bytes each.
/// @param constraints What the extensions allow.
struct CertificateP384 {
    bytes32 issuer;
    bytes32 subject;
    uint160 serial;
    uint64 notBefore;
    uint64 notAfter;
    bytes key;
    Constraints constraints;
}

/// @notice Decodes X.509 v3 certificates with uncompressed P-384 keys and ECDSA-SHA384 signatures, and no others.
/// @dev Not checked here: the signature, the time, the names beyond their form, whether the key is on the curve, and any
/// revocation. Key identifiers are not compared: an issuer is found by its name and key, not by a hint to them.
library X509P384 {
    /// @dev SubjectPublicKeyInfo of an uncompressed P-384 key up to its coordinates.
    bytes24 private constant P384_KEY = hex"3076301006072a8648ce3d020106052b8104002203620004";

    /// @notice Decodes the TBSCertificate that `tbs` is, from its first byte to its last.
    function decode(bytes calldata tbs) internal pure returns (CertificateP384 memory cert) {
        (uint256 at, uint256 end) = Der.open(tbs, 0, tbs.length, Der.SEQUENCE);
        Der.close(end, tbs.length);
        at = X509.readVersion(tbs, at, end);
        (cert.serial, at) = X509.readSerial(tbs, at, end);
        at = Signed384.skipAlgorithm(tbs, at, end);
        // It must equal the name of the issuer, which was read.
        (cert.issuer, at) = X509.hashName(tbs, at, end);
        (cert.notBefore, cert.notAfter, at) = X509.readValidity(tbs, at, end);
        (cert.subject, at) = X509.readName(tbs, at, end);
        require(at + 120 <= end && bytes24(tbs[at:at + 24]) == P384_KEY, X509.CertificateKeyUnsupported());
        cert.key = tbs[at + 24:at + 120];
        // Leaves made by AWS have a keyUsage that is not critical.
        cert.constraints = X509.readExtensions(tbs, at + 120, end, false);
    }
}
