// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INitroVerifier} from "../../interfaces/INitroVerifier.sol";
import {Cbor} from "../../libraries/Cbor.sol";

/// @notice What the payload of an attestation document says.
/// @param timestamp Milliseconds since 1970.
/// @param platform keccak256 of the instance in `module_id`.
/// @param userData SHA-256 of `user_data`, zero where it is null or absent.
/// @param nonce SHA-256 of `nonce`, zero where it is null or absent.
/// @param publicKey keccak256 of `public_key`, zero where it is null or absent.
/// @param pcrs Two words for each of the 32 PCRs: 2n, and 2n + 1 with its last 16 bytes and zeros behind; zero where
/// absent.
/// @param chain Where the certificates are in the payload: those of `cabundle`, the root first, then `certificate`.
struct NitroPayload {
    uint64 timestamp;
    bytes32 platform;
    bytes32 userData;
    bytes32 nonce;
    bytes32 publicKey;
    bytes32[64] pcrs;
    NitroSpan[] chain;
}

/// @param start Offset of the first byte.
/// @param end Offset past the last.
struct NitroSpan {
    uint256 start;
    uint256 end;
}

/// @notice Decodes attestation documents, which are CBOR with the shortest heads; maps may be of indefinite length.
/// @dev Not checked here: signatures, times, certificates, and which PCRs are wanted.
library NitroDocument {
    /// @dev Most entries of `cabundle`: the root and the authorities below it.
    uint256 private constant MAX_BUNDLE = 6;

    uint256 private constant MAX_CERTIFICATE_BYTES = 1024;

    /// @dev Most bytes of `public_key`, `user_data` and `nonce`, which may be empty, by AWS's definition of the document.
    uint256 private constant MAX_DATA_BYTES = 1024;

    uint256 private constant MAX_MODULE_ID_BYTES = 64;
    uint256 private constant PCR_BYTES = 48;

    /// @dev Fields by their bits: module_id 0, digest 1, timestamp 2, pcrs 3, certificate 4, cabundle 5, public_key 6,
    /// user_data 7, nonce 8.
    uint256 private constant REQUIRED_FIELDS = 0x3f;

    /// @dev PCRs 0, 1, 2, 3, 4 and 8, which every enclave has.
    uint256 private constant REQUIRED_PCRS = 0x11f;

    /// @notice Decodes the payload, from its first byte to its last.
    function decode(bytes calldata payload) internal pure returns (NitroPayload memory document) {
        (uint256 left, uint256 at) = Cbor.openMap(payload, 0);
        uint256 seen;
        bool follows;
        // The last is for the leaf, which may come before the others.
        document.chain = new NitroSpan[](MAX_BUNDLE + 1);
        (follows, left, at) = Cbor.more(payload, at, left);
        while (follows) {
            (bytes calldata key, uint256 value) = Cbor.readText(payload, at);
            uint256 field = _fieldOf(key, at);
            require((seen >> field) & 1 == 0, INitroVerifier.FieldRepeated(at));
            seen |= 1 << field;
            at = _readField(payload, value, field, document);
            (follows, left, at) = Cbor.more(payload, at, left);
        }
        require(at == payload.length, INitroVerifier.EvidenceTrailing(at, payload.length));
        uint256 missing = REQUIRED_FIELDS & ~seen;
        require(missing == 0, INitroVerifier.FieldsMissing(missing));
        _closeChain(document.chain);
    }

    /// @dev Moves the leaf behind the other certificates, and cuts what was left free.
    function _closeChain(NitroSpan[] memory chain) private pure {
        uint256 count;
        // The bundle is not empty, and no certificate is.
        while (count < MAX_BUNDLE && chain[count].end != 0) ++count;
        chain[count] = chain[MAX_BUNDLE];
        assembly ("memory-safe") {
            // At most as many as there were.
            mstore(chain, add(count, 1))
        }
    }

    function _fieldOf(bytes calldata key, uint256 at) private pure returns (uint256) {
        // Eleven bytes at most are a field; the length keeps those with zeros behind apart.
        bytes32 name = bytes32(key.length <= 31 ? key : key[:31]) | bytes32(key.length);
        if (name == bytes32("module_id") | bytes32(uint256(9))) return 0;
        if (name == bytes32("digest") | bytes32(uint256(6))) return 1;
        if (name == bytes32("timestamp") | bytes32(uint256(9))) return 2;
        if (name == bytes32("pcrs") | bytes32(uint256(4))) return 3;
        if (name == bytes32("certificate") | bytes32(uint256(11))) return 4;
        if (name == bytes32("cabundle") | bytes32(uint256(8))) return 5;
        if (name == bytes32("public_key") | bytes32(uint256(10))) return 6;
        if (name == bytes32("user_data") | bytes32(uint256(9))) return 7;
        if (name == bytes32("nonce") | bytes32(uint256(5))) return 8;
        revert INitroVerifier.FieldUnknown(at);
    }

    function _readField(
        bytes calldata payload,
        uint256 at,
        uint256 field,
        NitroPayload memory document
    ) private pure returns (uint256 next) {
        bytes calldata value;
        if (field == 0) {
            (value, next) = Cbor.readText(payload, at);
            document.platform = _platformOf(value, at);
        } else if (field == 1) {
            (value, next) = Cbor.readText(payload, at);
            require(value.length == 6 && bytes6(value) == "SHA384", INitroVerifier.DigestUnsupported());
        } else if (field == 2) {
            (document.timestamp, next) = Cbor.readHead(payload, at, Cbor.UINT);
        } else if (field == 3) {
            next = _readPcrs(payload, at, document);
        } else if (field == 4) {
            (value, next) = _readBytes(payload, at, 1, MAX_CERTIFICATE_BYTES);
            document.chain[MAX_BUNDLE] = NitroSpan(next - value.length, next);
        } else if (field == 5) {
            next = _readBundle(payload, at, document);
        } else if (Cbor.isNull(payload, at)) {
            next = at + 1;
        } else {
            (value, next) = _readBytes(payload, at, 0, MAX_DATA_BYTES);
            if (field == 6) document.publicKey = keccak256(value);
            else if (field == 7) document.userData = sha256(value);
            else document.nonce = sha256(value);
        }
    }

    function _readPcrs(
        bytes calldata payload,
        uint256 at,
        NitroPayload memory document
    ) private pure returns (uint256) {
        uint256 left;
        uint256 seen;
        bool follows;
        (left, at) = Cbor.openMap(payload, at);
        (follows, left, at) = Cbor.more(payload, at, left);
        // Each turn sees another of 32.
        while (follows) {
            uint256 index;
            (index, at) = Cbor.readHead(payload, at, Cbor.UINT);
            require(index < 32, INitroVerifier.PcrIndexInvalid(index));
            require((seen >> index) & 1 == 0, INitroVerifier.PcrRepeated(index));
            seen |= 1 << index;
            bytes calldata value;
            (value, at) = Cbor.readBytes(payload, at);
            require(value.length == PCR_BYTES, INitroVerifier.PcrLengthInvalid(index, value.length));
            document.pcrs[2 * index] = bytes32(value);
            document.pcrs[2 * index + 1] = bytes32(value[32:]);
            (follows, left, at) = Cbor.more(payload, at, left);
        }
        uint256 missing = REQUIRED_PCRS & ~seen;
        require(missing == 0, INitroVerifier.PcrsMissing(missing));
        return at;
    }

    function _readBundle(
        bytes calldata payload,
        uint256 at,
        NitroPayload memory document
    ) private pure returns (uint256 next) {
        uint64 count;
        (count, next) = Cbor.readHead(payload, at, Cbor.ARRAY);
        require(count >= 1 && count <= MAX_BUNDLE, INitroVerifier.FieldLengthInvalid(at, count, 1, MAX_BUNDLE));
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata value;
            (value, next) = _readBytes(payload, next, 1, MAX_CERTIFICATE_BYTES);
            document.chain[i] = NitroSpan(next - value.length, next);
        }
    }

    function _readBytes(
        bytes calldata payload,
        uint256 at,
        uint256 least,
        uint256 most
    ) private pure returns (bytes calldata value, uint256 next) {
        (value, next) = Cbor.readBytes(payload, at);
        require(
            value.length >= least && value.length <= most,
            INitroVerifier.FieldLengthInvalid(at, value.length, least, most)
        );
    }

    /// @dev keccak256 of the part of "i-…-enc…" before "-enc", both with hexadecimal digits in lower case.
    function _platformOf(bytes calldata id, uint256 at) private pure returns (bytes32) {
        require(
            id.length <= MAX_MODULE_ID_BYTES,
            INitroVerifier.FieldLengthInvalid(at, id.length, 1, MAX_MODULE_ID_BYTES)
        );
        require(id.length >= 2 && bytes2(id) == "i-", INitroVerifier.ModuleIdInvalid());
        uint256 split = _skipHex(id, 2);
        require(
            split > 2 && id.length > split + 4 && bytes4(id[split:split + 4]) == "-enc",
            INitroVerifier.ModuleIdInvalid()
        );
        require(_skipHex(id, split + 4) == id.length, INitroVerifier.ModuleIdInvalid());
        return keccak256(id[:split]);
    }

    function _skipHex(bytes calldata text, uint256 at) private pure returns (uint256) {
        while (at < text.length) {
            uint8 letter = uint8(text[at]);
            if (!((letter >= 0x30 && letter <= 0x39) || (letter >= 0x61 && letter <= 0x66))) break;
            unchecked {
                // Below `text.length`.
                ++at;
            }
        }
        return at;
    }
}
