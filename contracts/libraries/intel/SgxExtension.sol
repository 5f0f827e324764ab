// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";

/// @notice The platform that a PCK certificate is for.
/// @param ppid Platform provisioning identifier.
/// @param components The 16 security version numbers (SVN) of the platform's components.
/// @param pceSvn SVN of the provisioning certification enclave.
/// @param pceId Its identity.
/// @param fmspc Family, model, stepping, platform and custom SKU.
struct SgxPlatform {
    bytes16 ppid;
    bytes16 components;
    uint16 pceSvn;
    bytes2 pceId;
    bytes6 fmspc;
}

/// @notice Decodes the extension 1.2.840.113741.1.13.1 of PCK certificates: every entry in its place and of its size.
/// @dev Passed over once their form is checked: CPUSVN (which says what the components say), the type of SGX, the
/// platform instance and the configuration flags.
library SgxExtension {
    /// @dev The OID of the extension, from which all the others go on.
    bytes9 private constant ARC = hex"2a864886f84d010d01";

    uint8 private constant ENUMERATED = 0x0a;

    /// @notice Thrown when the entry at `offset` is not the one that belongs there, or not of its size.
    error SgxExtensionInvalid(uint256 offset);

    /// @notice Decodes der[at:end].
    function decode(bytes calldata der, uint256 at, uint256 end) internal pure returns (SgxPlatform memory platform) {
        uint256 start;
        uint256 next;
        (at, next) = Der.open(der, at, end, Der.SEQUENCE);
        Der.close(next, end);

        (start, at) = _octets(der, at, end, 1, 16);
        platform.ppid = bytes16(der[start:start + 16]);
        at = _decodeTcb(der, at, end, platform);
        (start, at) = _octets(der, at, end, 3, 2);
        platform.pceId = bytes2(der[start:start + 2]);
        (start, at) = _octets(der, at, end, 4, 6);
        platform.fmspc = bytes6(der[start:start + 6]);

        (start, next) = _entry(der, at, end, 5, 0);
        (start, at) = Der.open(der, start, next, ENUMERATED);
        require(at == next && next - start == 1 && uint8(der[start]) <= 2, SgxExtensionInvalid(start));
        // Certificates of the Processor CA end here.
        if (at == end) return platform;
        (, at) = _octets(der, at, end, 6, 16);
        (start, next) = _entry(der, at, end, 7, 0);
        Der.close(next, end);
        (start, at) = Der.open(der, start, next, Der.SEQUENCE);
        Der.close(at, next);
        for (uint8 i = 1; i <= 3; ++i) {
            (uint256 value, uint256 past) = _entry(der, start, end, 7, i);
            (, start) = Der.readBool(der, value, past);
            require(start == past, SgxExtensionInvalid(value));
        }
        Der.close(start, end);
    }

    /// @dev Entry 2: 16 components, the PCE's SVN, and CPUSVN.
    function _decodeTcb(
        bytes calldata der,
        uint256 at,
        uint256 end,
        SgxPlatform memory platform
    ) private pure returns (uint256 past) {
        uint256 next;
        (at, past) = _entry(der, at, end, 2, 0);
        (at, next) = Der.open(der, at, past, Der.SEQUENCE);
        Der.close(next, past);
        uint256 value;
        uint256 components;
        for (uint8 i = 1; i <= 16; ++i) {
            (value, at) = _number(der, at, past, i, type(uint8).max);
            components = (components << 8) | value;
        }
        platform.components = bytes16(uint128(components));
        (value, at) = _number(der, at, past, 17, type(uint16).max);
        platform.pceSvn = uint16(value);
        (value, next) = _entry(der, at, past, 2, 18);
        Der.close(next, past);
        (value, at) = Der.open(der, value, past, Der.OCTET_STRING);
        require(at == past && at - value == 16, SgxExtensionInvalid(value));
    }

    /// @dev Entry `index` of entry 2, an INTEGER up to `limit`.
    function _number(
        bytes calldata der,
        uint256 at,
        uint256 end,
        uint8 index,
        uint256 limit
    ) private pure returns (uint256 value, uint256 next) {
        uint256 start;
        (start, next) = _entry(der, at, end, 2, index);
        (value, start) = Der.readUint(der, start, next);
        require(start == next && value <= limit, SgxExtensionInvalid(at));
    }

    /// @dev Entry `index`, an OCTET STRING of `size` bytes.
    function _octets(
        bytes calldata der,
        uint256 at,
        uint256 end,
        uint8 index,
        uint256 size
    ) private pure returns (uint256 start, uint256 next) {
        (start, next) = _entry(der, at, end, index, 0);
        uint256 past;
        (start, past) = Der.open(der, start, next, Der.OCTET_STRING);
        require(past == next && next - start == size, SgxExtensionInvalid(at));
    }

    /// @dev Opens SEQUENCE { OID ARC.first[.second], value } and returns where its value is. `second` is zero for none.
    function _entry(
        bytes calldata der,
        uint256 at,
        uint256 end,
        uint8 first,
        uint8 second
    ) private pure returns (uint256 start, uint256 next) {
        (start, next) = Der.open(der, at, end, Der.SEQUENCE);
        uint256 size = second == 0 ? 12 : 13;
        // Tag, length, ARC and one number; the other number, if any, to the right of it.
        uint256 expected = (uint256(Der.OID) << 88) | ((size - 2) << 80) | (uint256(uint72(ARC)) << 8) | first;
        if (second != 0) expected = (expected << 8) | second;
        require(next - start > size, SgxExtensionInvalid(at));
        uint256 received = uint256(bytes32(der[start:])) >> (256 - 8 * size);
        require(received == expected, SgxExtensionInvalid(at));
        start += size;
    }
}
