// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";

/// @notice What Intel's certificates say besides what every certificate does.
/// @param serial Serial number, of 20 bytes at most.
/// @param authorityKey Key identifier of the issuer.
/// @param subjectKey Key identifier of the subject.
/// @param sgxStart Offset of the contents of the SGX extension, zero for none.
/// @param sgxEnd Offset past them.
struct IntelFields {
    uint160 serial;
    bytes20 authorityKey;
    bytes20 subjectKey;
    uint256 sgxStart;
    uint256 sgxEnd;
}

/// @notice Reads what `X509.decode` passes over: serial number, key identifiers, and where the SGX extension lies.
/// @dev Not checked here: what `X509.decode` checks. Call that first, on the same bytes.
library IntelCertificate {
    /// @dev OIDs 2.5.29.35 and 2.5.29.14 with tag and length.
    bytes5 private constant AUTHORITY_KEY = hex"0603551d23";
    bytes5 private constant SUBJECT_KEY = hex"0603551d0e";

    /// @dev OID 1.2.840.113741.1.13.1 with tag and length.
    bytes11 private constant SGX = hex"06092a864886f84d010d01";

    /// @dev AuthorityKeyIdentifier with a keyIdentifier of 20 bytes and nothing else.
    bytes4 private constant AUTHORITY_KEY_HEAD = hex"30168014";

    /// @dev SubjectKeyIdentifier of 20 bytes.
    bytes2 private constant SUBJECT_KEY_HEAD = hex"0414";

    /// @notice Thrown when an extension stands twice, lacks, or has not the form that Intel gives it.
    error IntelExtensionInvalid(uint256 offset);

    /// @notice Reads the fields of the certificate `der`.
    function decode(bytes calldata der) internal pure returns (IntelFields memory fields) {
        (uint256 at, uint256 end) = Der.open(der, 0, der.length, Der.SEQUENCE);
        (at, end) = Der.open(der, at, end, Der.SEQUENCE);
        (, at) = Der.open(der, at, end, 0xa0);
        uint256 serial;
        (serial, at) = Der.readUint(der, at, end);
        // X509.decode has refused serial numbers of more than 20 bytes.
        fields.serial = uint160(serial);
        // Algorithm, issuer, validity, subject, key.
        for (uint256 i = 0; i < 5; ++i) (, at) = Der.open(der, at, end, Der.SEQUENCE);
        (at, end) = Der.open(der, at, end, 0xa3);
        (at, end) = Der.open(der, at, end, Der.SEQUENCE);
        while (at != end) {
            (uint256 start, uint256 next) = Der.open(der, at, end, Der.SEQUENCE);
            _decodeExtension(der, start, next, fields);
            at = next;
        }
        require(fields.authorityKey != 0 && fields.subjectKey != 0, IntelExtensionInvalid(end));
    }

    function _decodeExtension(bytes calldata der, uint256 at, uint256 end, IntelFields memory fields) private pure {
        bytes5 name = bytes5(der[at:at + 5]);
        if (name == AUTHORITY_KEY) {
            require(fields.authorityKey == 0, IntelExtensionInvalid(at));
            (uint256 start, uint256 next) = Der.open(der, at + 5, end, Der.OCTET_STRING);
            fields.authorityKey = readAuthorityKey(der, start, next);
        } else if (name == SUBJECT_KEY) {
            (uint256 start, uint256 next) = Der.open(der, at + 5, end, Der.OCTET_STRING);
            require(
                fields.subjectKey == 0 && next - start == 22 && bytes2(der[start:start + 2]) == SUBJECT_KEY_HEAD,
                IntelExtensionInvalid(at)
            );
            fields.subjectKey = bytes20(der[start + 2:next]);
        } else if (end - at > 11 && bytes11(der[at:at + 11]) == SGX) {
            require(fields.sgxStart == 0, IntelExtensionInvalid(at));
            (fields.sgxStart, fields.sgxEnd) = Der.open(der, at + 11, end, Der.OCTET_STRING);
        }
    }

    /// @notice The key identifier in the AuthorityKeyIdentifier der[start:next].
    function readAuthorityKey(bytes calldata der, uint256 start, uint256 next) internal pure returns (bytes20) {
        require(next - start == 24 && bytes4(der[start:start + 4]) == AUTHORITY_KEY_HEAD, IntelExtensionInvalid(start));
        return bytes20(der[start + 4:next]);
    }
}
