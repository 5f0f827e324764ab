// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";
import {IntelCertificate} from "./IntelCertificate.sol";

/// @notice What a certificate revocation list (CRL) says.
/// @param tbsHash SHA-256 of the signed part.
/// @param r Signature, first half.
/// @param s Second half.
/// @param issuer keccak256 of the issuer's name in DER.
/// @param authorityKey Key identifier of the issuer.
/// @param thisUpdate First second of validity, Unix time.
/// @param nextUpdate Last second of validity.
/// @param serials The serial numbers revoked, 20 bytes each.
struct RevocationList {
    bytes32 tbsHash;
    bytes32 r;
    bytes32 s;
    bytes32 issuer;
    bytes20 authorityKey;
    uint64 thisUpdate;
    uint64 nextUpdate;
    bytes serials;
}

/// @notice Decodes version 2 CRLs with ECDSA-SHA256 signatures, complete and direct ones only: an extension that would
/// make a list anything else is refused as are all that Intel does not use.
/// @dev Not checked here: the signature, the time, and who the issuer is. The CRL's number is passed over: Intel's are
/// all 1.
library IntelCrl {
    /// @dev Most serial numbers in a list: what a blob holds.
    uint256 internal constant MAX_SERIALS = 1228;

    /// @dev Longest CRL, in bytes.
    uint256 internal constant MAX_BYTES = 65_535;

    /// @dev AlgorithmIdentifier: ecdsa-with-SHA256, no parameters.
    bytes12 private constant ECDSA_SHA256 = hex"300a06082a8648ce3d040302";

    /// @dev Extensions of an entry: reasonCode alone, up to its value, which has one byte.
    bytes13 private constant REASON = hex"300c300a0603551d1504030a01";

    /// @dev OIDs 2.5.29.20 (crlNumber) and 2.5.29.35 (authorityKeyIdentifier) with tag and length, and the tag of what
    /// follows where the extension is not critical.
    bytes6 private constant CRL_NUMBER = hex"0603551d1404";
    bytes6 private constant AUTHORITY_KEY = hex"0603551d2304";

    /// @notice Thrown when a CRL is longer than `limit` bytes.
    error CrlTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when a CRL revokes more than `limit` certificates.
    error CrlEntriesTooMany(uint256 limit);

    /// @notice Thrown when the version is not 2.
    error CrlVersionInvalid(uint256 version);

    /// @notice Thrown when the algorithm is not ECDSA-SHA256 exactly.
    error CrlAlgorithmUnsupported();

    /// @notice Thrown when the entry at `offset` has not the form that Intel gives entries.
    error CrlEntryInvalid(uint256 offset);

    /// @notice Thrown when the extension at `offset` is unknown, critical, or stands twice, or when one lacks.
    error CrlExtensionInvalid(uint256 offset);

    /// @notice Decodes the CRL that `der` is, from its first byte to its last.
    function decode(bytes calldata der) internal pure returns (RevocationList memory list) {
        require(der.length <= MAX_BYTES, CrlTooLong(der.length, MAX_BYTES));
        (uint256 tbs, uint256 end) = Der.open(der, 0, der.length, Der.SEQUENCE);
        Der.close(end, der.length);
        (uint256 start, uint256 next) = Der.open(der, tbs, end, Der.SEQUENCE);
        list.tbsHash = sha256(der[tbs:next]);
        _decodeSigned(der, start, next, list);

        next = _skipAlgorithm(der, next, end);
        (start, next) = Der.openBits(der, next, end);
        Der.close(next, end);
        (start, next) = Der.open(der, start, end, Der.SEQUENCE);
        Der.close(next, end);
        uint256 value;
        (value, start) = Der.readUint(der, start, end);
        list.r = bytes32(value);
        (value, start) = Der.readUint(der, start, end);
        list.s = bytes32(value);
        Der.close(start, end);
    }

    /// @dev TBSCertList, whose contents are der[at:end].
    function _decodeSigned(bytes calldata der, uint256 at, uint256 end, RevocationList memory list) private pure {
        uint256 start;
        uint256 next;
        (start, at) = Der.readUint(der, at, end);
        require(start == 1, CrlVersionInvalid(start));
        at = _skipAlgorithm(der, at, end);
        (, next) = Der.open(der, at, end, Der.SEQUENCE);
        list.issuer = keccak256(der[at:next]);
        (list.thisUpdate, at) = Der.readTime(der, next, end);
        (list.nextUpdate, at) = Der.readTime(der, at, end);
        // Left out where nothing is revoked.
        if (Der.isAt(der, at, end, Der.SEQUENCE)) {
            (start, at) = Der.open(der, at, end, Der.SEQUENCE);
            list.serials = _decodeEntries(der, start, at);
        }
        (start, next) = Der.open(der, at, end, 0xa0);
        Der.close(next, end);
        (start, next) = Der.open(der, start, end, Der.SEQUENCE);
        Der.close(next, end);
        list.authorityKey = _decodeExtensions(der, start, end);
    }

    /// @dev SEQUENCE OF SEQUENCE { serial INTEGER, revocationDate Time, crlEntryExtensions OPTIONAL }
    function _decodeEntries(bytes calldata der, uint256 at, uint256 end) private pure returns (bytes memory serials) {
        // No entry is shorter than 20 bytes: 2 + (2 + 1) + (2 + 13).
        uint256 room = (end - at) / 20;
        require(room != 0, CrlEntryInvalid(at));
        if (room > MAX_SERIALS) room = MAX_SERIALS;
        serials = new bytes(room * 20 + 12);
        uint256 count;
        while (at != end) {
            require(count < room, CrlEntriesTooMany(MAX_SERIALS));
            uint256 serial;
            (serial, at) = _decodeEntry(der, at, end);
            assembly ("memory-safe") {
                // 32 bytes from a multiple of 20 below room * 20: inside, thanks to the 12 more.
                mstore(add(add(serials, 0x20), mul(count, 20)), shl(96, serial))
            }
            ++count;
        }
        assembly ("memory-safe") {
            mstore(serials, mul(count, 20))
        }
    }

    function _decodeEntry(bytes calldata der, uint256 at, uint256 end) private pure returns (uint256, uint256) {
        (uint256 start, uint256 next) = Der.open(der, at, end, Der.SEQUENCE);
        (uint256 serial, uint256 past) = Der.readUint(der, start, next);
        require(serial != 0 && serial <= type(uint160).max, CrlEntryInvalid(at));
        // The date is of no use here, so only its form is looked at.
        bool short = Der.isAt(der, past, next, Der.UTC_TIME);
        (start, past) = Der.open(der, past, next, short ? Der.UTC_TIME : Der.GENERALIZED_TIME);
        require(past - start == (short ? 13 : 15), CrlEntryInvalid(at));
        if (past != next) {
            require(next - past == 14 && bytes13(der[past:past + 13]) == REASON, CrlEntryInvalid(at));
            // RFC 5280, 5.3.1: 0 is to be left out, 7 is none, and 8 takes an entry of an earlier list back.
            uint8 reason = uint8(der[past + 13]);
            require(reason != 0 && reason != 7 && reason != 8 && reason <= 10, CrlEntryInvalid(at));
        }
        return (serial, next);
    }

    function _decodeExtensions(
        bytes calldata der,
        uint256 at,
        uint256 end
    ) private pure returns (bytes20 authorityKey) {
        bool numbered;
        while (at != end) {
            (uint256 start, uint256 next) = Der.open(der, at, end, Der.SEQUENCE);
            require(next - start > 6, CrlExtensionInvalid(at));
            bytes6 name = bytes6(der[start:start + 6]);
            (uint256 value, uint256 past) = Der.open(der, start + 5, next, Der.OCTET_STRING);
            Der.close(past, next);
            if (name == CRL_NUMBER) {
                require(!numbered, CrlExtensionInvalid(at));
                numbered = true;
                (, past) = Der.openUint(der, value, next);
                Der.close(past, next);
            } else {
                require(name == AUTHORITY_KEY && authorityKey == 0, CrlExtensionInvalid(at));
                authorityKey = IntelCertificate.readAuthorityKey(der, value, next);
            }
            at = next;
        }
        require(numbered && authorityKey != 0, CrlExtensionInvalid(end));
    }

    function _skipAlgorithm(bytes calldata der, uint256 at, uint256 end) private pure returns (uint256 next) {
        next = at + 12;
        require(next <= end && bytes12(der[at:next]) == ECDSA_SHA256, CrlAlgorithmUnsupported());
    }
}
