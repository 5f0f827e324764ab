// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";
import {X509} from "../X509.sol";
import {Signed384} from "./Signed384.sol";

/// @notice What the signed part of a revocation list says.
/// @param issuer keccak256 of the issuer's name in DER.
/// @param thisUpdate Time the list was made, Unix seconds.
/// @param nextUpdate Time by which the next one is made, Unix seconds.
/// @param serials Serial numbers revoked, in the order of the list.
struct CrlP384 {
    bytes32 issuer;
    uint64 thisUpdate;
    uint64 nextUpdate;
    uint160[] serials;
}

/// @notice Decodes X.509 v2 revocation lists (RFC 5280, 5) signed with ECDSA-SHA384.
/// @dev Each serial number is one of the issuer's own: lists that speak for others (indirect) or of other things
/// (attribute certificates), and lists of changes, are refused, by their critical extensions. Reasons and dates of
/// revocation are checked for their form and then not used.
/// @dev Not checked here: the signature, the time, and whether the list covers all certificates of its issuer.
library CrlDecoder {
    /// @dev OID 2.5.29.28, issuingDistributionPoint.
    bytes3 private constant DISTRIBUTION_POINT = hex"551d1c";

    /// @dev Least bytes of an entry: SEQUENCE { INTEGER of one byte, UTCTime }.
    uint256 private constant MIN_ENTRY_BYTES = 20;

    /// @notice Thrown when the version is not 2.
    error CrlVersionInvalid(uint256 version);

    /// @notice Thrown when the critical extension at `offset` is not understood, or says that the list is not plainly of
    /// its issuer's certificates.
    error CrlExtensionUnsupported(uint256 offset);

    /// @notice Thrown when a list of revoked certificates stands there and is empty, which RFC 5280 forbids.
    error CrlEntriesEmpty(uint256 offset);

    /// @notice Decodes the TBSCertList that `tbs` is, from its first byte to its last.
    function decode(bytes calldata tbs) internal pure returns (CrlP384 memory crl) {
        (uint256 at, uint256 end) = Der.open(tbs, 0, tbs.length, Der.SEQUENCE);
        Der.close(end, tbs.length);
        uint256 version;
        (version, at) = Der.readUint(tbs, at, end);
        require(version == 1, CrlVersionInvalid(version));
        at = Signed384.skipAlgorithm(tbs, at, end);
        // It must equal the name of the issuer, which was read.
        (crl.issuer, at) = X509.hashName(tbs, at, end);
        (crl.thisUpdate, at) = Der.readTime(tbs, at, end);
        // Optional in X.509, and required by RFC 5280.
        (crl.nextUpdate, at) = Der.readTime(tbs, at, end);
        if (Der.isAt(tbs, at, end, Der.SEQUENCE)) {
            uint256 start;
            (start, at) = Der.open(tbs, at, end, Der.SEQUENCE);
            require(start != at, CrlEntriesEmpty(start));
            crl.serials = _readEntries(tbs, start, at);
        }
        if (at != end) {
            uint256 next;
            (at, next) = Der.open(tbs, at, end, 0xa0);
            Der.close(next, end);
            _checkExtensions(tbs, at, end);
        }
    }

    /// @dev The serial numbers of the entries in tbs[at:end].
    function _readEntries(bytes calldata tbs, uint256 at, uint256 end) private pure returns (uint160[] memory serials) {
        serials = new uint160[]((end - at) / MIN_ENTRY_BYTES);
        uint256 count;
        while (at != end) {
            (uint256 start, uint256 next) = Der.open(tbs, at, end, Der.SEQUENCE);
            uint160 serial;
            (serial, at) = X509.readSerial(tbs, start, next);
            (, at) = Der.readTime(tbs, at, next);
            if (at != next) at = _checkExtensions(tbs, at, next);
            // Each entry took MIN_ENTRY_BYTES at least, so there is room.
            serials[count] = serial;
            ++count;
        }
        assembly ("memory-safe") {
            // Fewer than were made room for.
            mstore(serials, count)
        }
    }

    /// @dev Reads extensions, which must be the last of tbs[at:end].
    function _checkExtensions(bytes calldata tbs, uint256 at, uint256 end) private pure returns (uint256 next) {
        (at, next) = Der.open(tbs, at, end, Der.SEQUENCE);
        Der.close(next, end);
        while (at != end) {
            uint256 start;
            (start, next) = Der.open(tbs, at, end, Der.SEQUENCE);
            _checkExtension(tbs, start, next);
            at = next;
        }
        next = end;
    }

    function _checkExtension(bytes calldata tbs, uint256 at, uint256 end) private pure {
        (uint256 start, uint256 next) = Der.openOid(tbs, at, end);
        bool isPoint = next - start == 3 && bytes3(tbs[start:next]) == DISTRIBUTION_POINT;
        bool critical = Der.isAt(tbs, next, end, Der.BOOLEAN);
        if (critical) {
            bool value;
            (value, next) = Der.readBool(tbs, next, end);
            // DER leaves out a value that is the default.
            require(value, Der.DerValueInvalid(at));
        }
        (start, next) = Der.open(tbs, next, end, Der.OCTET_STRING);
        Der.close(next, end);
        if (isPoint) _checkPoint(tbs, start, end, at);
        else require(!critical, CrlExtensionUnsupported(at));
    }

    /// @dev IssuingDistributionPoint. A list of some of the issuer's certificates, or for some reasons, revokes what it
    /// names like any other, so [0] to [3] do not matter; [4] indirectCRL and [5] onlyContainsAttributeCerts do.
    function _checkPoint(bytes calldata tbs, uint256 at, uint256 end, uint256 offset) private pure {
        uint256 next;
        (at, next) = Der.open(tbs, at, end, Der.SEQUENCE);
        Der.close(next, end);
        uint8 last;
        while (at != end) {
            uint8 tag = uint8(tbs[at]);
            require(
                (tag == 0xa0 || (tag >= 0x81 && tag <= 0x83)) && tag & 0x1f >= last,
                CrlExtensionUnsupported(offset)
            );
            (, at) = Der.open(tbs, at, end, tag);
            // The next one has a greater number.
            last = (tag & 0x1f) + 1;
        }
    }
}
