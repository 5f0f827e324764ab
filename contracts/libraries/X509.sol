// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "./Der.sol";

/// @notice What an X.509 certificate says, after strict decoding.
/// @param tbsHash SHA-256 of the signed part.
/// @param r Signature by the issuer's key, first half.
/// @param s Second half.
/// @param issuer keccak256 of the issuer's name in DER.
/// @param subject keccak256 of the subject's name in DER.
/// @param notBefore First second of validity, Unix time.
/// @param notAfter Last second of validity, Unix time.
/// @param x Public key on P-256, first coordinate.
/// @param y Second coordinate.
/// @param isAuthority Whether basicConstraints say CA.
/// @param pathLength How many authorities may stand between this one and the leaf; 255 for no limit.
/// @param keyUsage The first eight bits of keyUsage, digitalSignature being 0x80 and keyCertSign 0x04.
struct Certificate {
    bytes32 tbsHash;
    bytes32 r;
    bytes32 s;
    bytes32 issuer;
    bytes32 subject;
    uint64 notBefore;
    uint64 notAfter;
    bytes32 x;
    bytes32 y;
    bool isAuthority;
    uint8 pathLength;
    uint8 keyUsage;
}

/// @notice What the extensions of a certificate allow its key.
/// @param isAuthority Whether basicConstraints say CA.
/// @param pathLength How many authorities may stand between this one and the leaf; 255 for no limit.
/// @param keyUsage The first eight bits of keyUsage, zero without that extension.
struct Constraints {
    bool isAuthority;
    uint8 pathLength;
    uint8 keyUsage;
}

/// @notice Decodes X.509 v3 certificates with P-256 keys and ECDSA-SHA256 signatures, and no others.
/// @dev Not checked here: the signature, the time, the names, whether the key is on the curve, and any revocation.
library X509 {
    /// @dev Longest certificate, in bytes.
    uint256 internal constant MAX_BYTES = 2048;

    /// @dev `pathLength` of a certificate that sets no limit.
    uint8 internal constant NO_LIMIT = 255;

    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant KEY_CERT_SIGN = 0x04;
    uint8 internal constant CRL_SIGN = 0x02;

    /// @dev Longest serial number, in bytes (RFC 5280, 4.1.2.2), with the zero byte that keeps it positive.
    uint256 private constant MAX_SERIAL_BYTES = 21;

    /// @dev AlgorithmIdentifier: ecdsa-with-SHA256, no parameters.
    bytes12 private constant ECDSA_SHA256 = hex"300a06082a8648ce3d040302";

    /// @dev SubjectPublicKeyInfo of an uncompressed P-256 key up to its coordinates.
    bytes27 private constant P256_KEY = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";

    /// @dev OIDs 2.5.29.19 and 2.5.29.15.
    bytes3 private constant BASIC_CONSTRAINTS = hex"551d13";
    bytes3 private constant KEY_USAGE = hex"551d0f";

    /// @notice Thrown when a certificate is longer than `MAX_BYTES`.
    error CertificateTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when the version is not 3.
    error CertificateVersionInvalid(uint256 version);

    /// @notice Thrown when the serial number is zero or longer than 20 bytes.
    error CertificateSerialInvalid();

    /// @notice Thrown when the signature algorithm, inside or outside, is not ECDSA-SHA256 exactly.
    error CertificateAlgorithmUnsupported();

    /// @notice Thrown when the public key is not an uncompressed P-256 key.
    error CertificateKeyUnsupported();

    /// @notice Thrown when the critical extension whose name is at `offset` is not understood.
    error CertificateExtensionUnknown(uint256 offset);

    /// @notice Thrown when an extension that is understood stands twice, is not critical where it must be, or is badly
    /// formed.
    error CertificateExtensionInvalid(bytes3 oid);

    /// @notice Decodes the certificate that `der` is, from its first byte to its last.
    function decode(bytes calldata der) internal pure returns (Certificate memory cert) {
        require(der.length <= MAX_BYTES, CertificateTooLong(der.length, MAX_BYTES));
        (uint256 tbs, uint256 end) = Der.open(der, 0, der.length, Der.SEQUENCE);
        Der.close(end, der.length);
        (uint256 start, uint256 next) = Der.open(der, tbs, end, Der.SEQUENCE);
        _decodeSigned(der, start, next, cert);
        // SHA-256 of the signed part as it was sent, its head included.
        cert.tbsHash = sha256(der[tbs:next]);
        next = _skipAlgorithm(der, next, end);
        (start, next) = Der.openBits(der, next, end);
        Der.close(next, end);
        (start, end) = Der.open(der, start, next, Der.SEQUENCE);
        Der.close(end, next);
        uint256 value;
        (value, start) = Der.readUint(der, start, end);
        cert.r = bytes32(value);
        (value, start) = Der.readUint(der, start, end);
        cert.s = bytes32(value);
        Der.close(start, end);
    }

    /// @dev Decodes TBSCertificate, whose contents are der[at:end].
    function _decodeSigned(bytes calldata der, uint256 at, uint256 end, Certificate memory cert) private pure {
        uint256 next = readVersion(der, at, end);
        (, at) = readSerial(der, next, end);
        at = _skipAlgorithm(der, at, end);
        (cert.issuer, at) = readName(der, at, end);
        (cert.notBefore, cert.notAfter, at) = readValidity(der, at, end);
        (cert.subject, at) = readName(der, at, end);

        require(at + 91 <= end && bytes27(der[at:at + 27]) == P256_KEY, CertificateKeyUnsupported());
        cert.x = bytes32(der[at + 27:at + 59]);
        cert.y = bytes32(der[at + 59:at + 91]);

        Constraints memory constraints = readExtensions(der, at + 91, end, true);
        cert.isAuthority = constraints.isAuthority;
        cert.pathLength = constraints.pathLength;
        cert.keyUsage = constraints.keyUsage;
    }

    /// @notice Skips version 3, the first part of a TBSCertificate.
    function readVersion(bytes calldata der, uint256 at, uint256 end) internal pure returns (uint256 next) {
        uint256 start;
        // [0] EXPLICIT version; 2 means 3.
        (start, next) = Der.open(der, at, end, 0xa0);
        (uint256 version, uint256 past) = Der.readUint(der, start, next);
        Der.close(past, next);
        require(version == 2, CertificateVersionInvalid(version));
    }

    /// @notice A serial number: positive, 20 bytes at most.
    function readSerial(
        bytes calldata der,
        uint256 at,
        uint256 end
    ) internal pure returns (uint160 serial, uint256 next) {
        uint256 start;
        (start, next) = Der.openUint(der, at, end);
        require(next - start <= MAX_SERIAL_BYTES - (der[start] == 0 ? 0 : 1), CertificateSerialInvalid());
        if (der[start] == 0) ++start;
        require(next != start, CertificateSerialInvalid());
        // 1 to 20 bytes.
        serial = uint160(uint256(bytes32(der[start:next])) >> (8 * (32 - (next - start))));
    }

    /// @notice The first and the last second of validity.
    function readValidity(
        bytes calldata der,
        uint256 at,
        uint256 end
    ) internal pure returns (uint64 notBefore, uint64 notAfter, uint256 next) {
        (at, next) = Der.open(der, at, end, Der.SEQUENCE);
        (notBefore, at) = Der.readTime(der, at, next);
        (notAfter, at) = Der.readTime(der, at, next);
        Der.close(at, next);
    }

    /// @notice Reads [3] EXPLICIT extensions, the last part of a TBSCertificate: unique identifiers are not taken.
    /// @param usageIsCritical Whether keyUsage must be critical; basicConstraints must always be.
    function readExtensions(
        bytes calldata der,
        uint256 at,
        uint256 end,
        bool usageIsCritical
    ) internal pure returns (Constraints memory constraints) {
        uint256 next;
        (at, next) = Der.open(der, at, end, 0xa3);
        Der.close(next, end);
        (at, next) = Der.open(der, at, end, Der.SEQUENCE);
        Der.close(next, end);
        // Bit 0: basicConstraints came by; bit 1: keyUsage; bit 2: keyUsage need not be critical.
        uint256 seen = usageIsCritical ? 0 : 4;
        while (at != end) {
            uint256 start;
            (start, next) = Der.open(der, at, end, Der.SEQUENCE);
            seen = _decodeExtension(der, start, next, constraints, seen);
            at = next;
        }
    }

    /// @dev Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
    function _decodeExtension(
        bytes calldata der,
        uint256 at,
        uint256 end,
        Constraints memory constraints,
        uint256 seen
    ) private pure returns (uint256) {
        (uint256 start, uint256 next) = Der.openOid(der, at, end);
        // Both of the names looked for have three bytes; no other name may look like one of them.
        bytes3 name = next - start == 3 ? bytes3(der[start:next]) : bytes3(0);
        bool critical = Der.isAt(der, next, end, Der.BOOLEAN);
        if (critical) {
            bool value;
            (value, next) = Der.readBool(der, next, end);
            // DER leaves out a value that is the default.
            require(value, Der.DerValueInvalid(at));
        }
        (start, next) = Der.open(der, next, end, Der.OCTET_STRING);
        Der.close(next, end);
        if (name == BASIC_CONSTRAINTS) {
            require(critical && seen & 1 == 0, CertificateExtensionInvalid(name));
            _decodeConstraints(der, start, end, constraints);
            return seen | 1;
        }
        if (name == KEY_USAGE) {
            require((critical || seen & 4 != 0) && seen & 2 == 0, CertificateExtensionInvalid(name));
            constraints.keyUsage = _decodeUsage(der, start, end);
            return seen | 2;
        }
        require(!critical, CertificateExtensionUnknown(at));
        return seen;
    }

    /// @dev BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
    function _decodeConstraints(
        bytes calldata der,
        uint256 at,
        uint256 end,
        Constraints memory constraints
    ) private pure {
        (uint256 start, uint256 next) = Der.open(der, at, end, Der.SEQUENCE);
        Der.close(next, end);
        constraints.pathLength = NO_LIMIT;
        if (start == end) return;
        (constraints.isAuthority, start) = Der.readBool(der, start, end);
        require(constraints.isAuthority, CertificateExtensionInvalid(BASIC_CONSTRAINTS));
        if (start == end) return;
        uint256 limit;
        (limit, start) = Der.readUint(der, start, end);
        Der.close(start, end);
        require(limit < NO_LIMIT, CertificateExtensionInvalid(BASIC_CONSTRAINTS));
        // Below 255.
        constraints.pathLength = uint8(limit);
    }

    /// @dev A named bit list in DER: no zero bit at its end. Nine bits are defined, so it has one or two bytes.
    function _decodeUsage(bytes calldata der, uint256 at, uint256 end) private pure returns (uint8 usage) {
        (uint256 start, uint256 next) = Der.open(der, at, end, Der.BIT_STRING);
        Der.close(next, end);
        uint256 length = next - start;
        require(length == 2 || length == 3, CertificateExtensionInvalid(KEY_USAGE));
        uint8 unused = uint8(der[start]);
        uint8 last = uint8(der[next - 1]);
        // The lowest bit in use is set, and none below it.
        require(
            unused < 8 && last & ((uint256(1) << (unused + 1)) - 1) == uint256(1) << unused,
            CertificateExtensionInvalid(KEY_USAGE)
        );
        usage = uint8(der[start + 1]);
    }

    /// @notice keccak256 of the Name at `at`, head included, whose inside is not looked at: for one that must equal
    /// another that was.
    function hashName(bytes calldata der, uint256 at, uint256 end) internal pure returns (bytes32 hash, uint256 next) {
        (, next) = Der.open(der, at, end, Der.SEQUENCE);
        hash = keccak256(der[at:next]);
    }

    /// @notice keccak256 of the Name at `at`, head included: a SEQUENCE of SETs of attributes. Names are compared as
    /// bytes, with no regard to case or spaces.
    function readName(bytes calldata der, uint256 at, uint256 end) internal pure returns (bytes32 hash, uint256 next) {
        uint256 part;
        (part, next) = Der.open(der, at, end, Der.SEQUENCE);
        while (part != next) {
            (uint256 attribute, uint256 partEnd) = Der.open(der, part, next, Der.SET);
            // A SET of one attribute at least.
            do attribute = _skipAttribute(der, attribute, partEnd); while (attribute != partEnd);
            part = partEnd;
        }
        hash = keccak256(der[at:next]);
    }

    /// @dev AttributeTypeAndValue ::= SEQUENCE { type OID, value UTF8String or PrintableString }, the value in ASCII.
    function _skipAttribute(bytes calldata der, uint256 at, uint256 end) private pure returns (uint256 next) {
        (at, next) = Der.open(der, at, end, Der.SEQUENCE);
        (, at) = Der.openOid(der, at, next);
        bool printable = Der.isAt(der, at, next, Der.PRINTABLE_STRING);
        (uint256 start, uint256 past) = Der.open(der, at, next, printable ? Der.PRINTABLE_STRING : Der.UTF8_STRING);
        Der.close(past, next);
        require(_isPrintable(der, start, next), Der.DerValueInvalid(at));
    }

    /// @dev Whether every byte of der[at:end] is from 0x20 to 0x7e, thirty-two at a time.
    function _isPrintable(bytes calldata der, uint256 at, uint256 end) private pure returns (bool) {
        uint256 ones = type(uint256).max / 0xff;
        uint256 tops = ones << 7;
        // `end` is at most the size of calldata, so nothing here can wrap.
        unchecked {
            for (; at < end; at += 32) {
                // What is past the end becomes spaces.
                uint256 rest = end - at < 32 ? 8 * (32 - (end - at)) : 0;
                uint256 word;
                assembly ("memory-safe") {
                    word := calldataload(add(der.offset, at))
                }
                word = ((word >> rest) << rest) | ((ones << 5) & ((1 << rest) - 1));
                // With no top bit set, 0x80 - 0x20 + byte keeps it from 0x20 on, and byte + 1 sets it at 0x7f.
                if (word & tops != 0 || ((word | tops) - (ones << 5)) & tops != tops) return false;
                if ((word + ones) & tops != 0) return false;
            }
        }
        return true;
    }

    function _skipAlgorithm(bytes calldata der, uint256 at, uint256 end) private pure returns (uint256 next) {
        next = at + 12;
        require(next <= end && bytes12(der[at:next]) == ECDSA_SHA256, CertificateAlgorithmUnsupported());
    }
}
