// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {CLAIM_DEBUG, Claims, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Cbor} from "../libraries/Cbor.sol";
import {Certificate, X509} from "../libraries/X509.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../types/Development.sol";
import {isLocalChain} from "../types/Limits.sol";

/// @notice Verifies evidence under the development root: a certificate authority whose private key is public, so that
/// everything around it can be run and tested without hardware. Refuses to exist or to answer off local chains.
/// @dev Evidence is a COSE_Sign1 message (RFC 9052), untagged, ES256, in deterministic CBOR:
///
///     [h'a10126', {}, payload, signature of 64 bytes]
///     payload = { "chain": [certificate, …, leaf], "debug": bool, "format": "assay.dev/1", "issuedAt": uint,
///                 "userData": bytes .size 64, "publicKey": bytes .size 64, "measurement": bytes .size 32 }
///
/// with each key in that place. The first certificate is signed by the root, which is a constant and not sent; each
/// signs the next; the leaf signs the message. There are two or three.
/// @dev Not checked here: revocation (there is none), and that `publicKey` is a point of any curve.
contract DevelopmentVerifier is IAttestationVerifier {
    /// @dev Longest evidence, in bytes.
    uint256 private constant MAX_EVIDENCE_BYTES = 8192;

    uint256 private constant MIN_CHAIN = 2;
    uint256 private constant MAX_CHAIN = 3;

    /// @notice The root's public key on P-256, first coordinate.
    bytes32 public constant ROOT_X = 0x9f97c89e7e176b6a23f7d51dd191687fd346193ae8d464a25438756206cac270;

    /// @notice Second coordinate.
    bytes32 public constant ROOT_Y = 0x6d62ecd4f75c4f4041fccf8045a080134781030e7385e7e5851ca236e2757e9f;

    /// @notice keccak256 of the root's name in DER.
    bytes32 public constant ROOT_NAME = 0xdb23c63399d7b4be2b1c54b8ae6969cbf95a363ff147f2f879e1fa6b44154ff1;

    /// @dev The protected header {1: -7}: algorithm ES256.
    bytes3 private constant HEADER = hex"a10126";

    /// @dev Sig_structure up to the payload: an array of "Signature1", the header, no external data.
    bytes private constant SIGNED_PREFIX = hex"846a5369676e61747572653143a1012640";

    /// @param chain Certificates, the leaf last.
    /// @param signedHash SHA-256 of what the leaf signs.
    struct Document {
        Certificate[] chain;
        bool debug;
        uint64 issuedAt;
        bytes32 bind0;
        bytes32 bind1;
        bytes32 keyHash;
        bytes32 measurement;
        bytes32 signedHash;
        bytes32 r;
        bytes32 s;
    }

    /// @notice Thrown when evidence is longer than `limit` bytes.
    error EvidenceTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when evidence goes on after its end.
    error EvidenceTrailing(uint256 offset, uint256 end);

    /// @notice Thrown when hints are given; this format has none.
    error HintsUnexpected(uint256 received);

    /// @notice Thrown when the protected header is not {1: -7}.
    error HeaderUnsupported();

    /// @notice Thrown when the chain has another number of certificates than two or three.
    error ChainLengthInvalid(uint256 received);

    /// @notice Thrown when the issuer of certificate `index` is not the subject of the one before, or the root.
    error IssuerMismatch(uint256 index);

    /// @notice Thrown when certificate `index` is not valid at this time. Both ends belong to its validity.
    error CertificateNotCurrent(uint256 index, uint64 notBefore, uint64 notAfter);

    /// @notice Thrown when certificate `index` is an authority and should not be, or the other way round.
    error AuthorityUnexpected(uint256 index, bool isAuthority);

    /// @notice Thrown when certificate `index` allows fewer authorities below it than there are.
    error PathTooLong(uint256 index, uint256 received, uint256 limit);

    /// @notice Thrown when the key of certificate `index` may not be used for what it is used for.
    error KeyUsageInvalid(uint256 index, uint8 keyUsage);

    /// @notice Thrown when the signature on certificate `index`, or on the document where `index` is past the leaf, is
    /// not its issuer's, or has an `s` in the upper half.
    error SignatureMismatch(uint256 index);

    /// @notice Thrown when the document's time is in the future, or outside the validity of the leaf.
    error IssuedAtInvalid(uint64 issuedAt, uint64 notBefore, uint256 current);

    constructor() {
        _requireLocal();
    }

    /// @inheritdoc IAttestationVerifier
    function format() external pure returns (bytes32) {
        return DEVELOPMENT_FORMAT;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata evidence, bytes calldata hints) external view returns (Claims memory claims) {
        // Again, since a live network may be forked from the state of a local one, or a local one from a live one.
        _requireLocal();
        require(hints.length == 0, HintsUnexpected(hints.length));
        require(evidence.length <= MAX_EVIDENCE_BYTES, EvidenceTooLong(evidence.length, MAX_EVIDENCE_BYTES));
        Document memory document = _decode(evidence);
        uint64 notAfter = _verifyChain(document.chain);

        uint256 length = document.chain.length;
        Certificate memory leaf = document.chain[length - 1];
        require(P256.verify(document.signedHash, document.r, document.s, leaf.x, leaf.y), SignatureMismatch(length));
        require(
            leaf.notBefore <= document.issuedAt && document.issuedAt <= block.timestamp,
            IssuedAtInvalid(document.issuedAt, leaf.notBefore, block.timestamp)
        );

        claims.format = DEVELOPMENT_FORMAT;
        claims.measurement = keccak256(abi.encode(DEVELOPMENT_FORMAT, document.measurement));
        claims.platform = keccak256(abi.encode(leaf.x, leaf.y));
        claims.bind0 = document.bind0;
        claims.bind1 = document.bind1;
        claims.keyHash = document.keyHash;
        claims.issuedAt = document.issuedAt;
        claims.notAfter = notAfter;
        if (document.debug) claims.flags = CLAIM_DEBUG;
    }

    /// @dev Checks the chain from the root down, and returns its least end of validity.
    function _verifyChain(Certificate[] memory chain) private view returns (uint64 notAfter) {
        (bytes32 x, bytes32 y, bytes32 name) = (ROOT_X, ROOT_Y, ROOT_NAME);
        notAfter = type(uint64).max;
        uint256 last = chain.length - 1;
        for (uint256 i = 0; i <= last; ++i) {
            Certificate memory cert = chain[i];
            require(cert.issuer == name, IssuerMismatch(i));
            require(
                cert.notBefore <= block.timestamp && block.timestamp <= cert.notAfter,
                CertificateNotCurrent(i, cert.notBefore, cert.notAfter)
            );
            require(cert.isAuthority == (i != last), AuthorityUnexpected(i, cert.isAuthority));
            // An authority signs certificates; a leaf signs data, and never certificates.
            uint8 usage = cert.keyUsage & (X509.KEY_CERT_SIGN | X509.DIGITAL_SIGNATURE);
            require(
                i == last ? usage == X509.DIGITAL_SIGNATURE : usage & X509.KEY_CERT_SIGN != 0,
                KeyUsageInvalid(i, cert.keyUsage)
            );
            // Authorities below this one, the leaf not being one.
            if (i != last && cert.pathLength != X509.NO_LIMIT) {
                require(last - 1 - i <= cert.pathLength, PathTooLong(i, last - 1 - i, cert.pathLength));
            }
            require(P256.verify(cert.tbsHash, cert.r, cert.s, x, y), SignatureMismatch(i));
            (x, y, name) = (cert.x, cert.y, cert.subject);
            if (cert.notAfter < notAfter) notAfter = cert.notAfter;
        }
    }

    function _decode(bytes calldata evidence) private pure returns (Document memory document) {
        uint256 at = Cbor.expectCount(evidence, 0, Cbor.ARRAY, 4);
        bytes calldata part;
        (part, at) = Cbor.readBytes(evidence, at, 3);
        require(bytes3(part) == HEADER, HeaderUnsupported());
        at = Cbor.expectCount(evidence, at, Cbor.MAP, 0);
        uint256 start = at;
        bytes calldata payload;
        (payload, at) = Cbor.readBytes(evidence, at);
        document.signedHash = sha256(bytes.concat(SIGNED_PREFIX, evidence[start:at]));
        (part, at) = Cbor.readBytes(evidence, at, 64);
        document.r = bytes32(part[:32]);
        document.s = bytes32(part[32:]);
        require(at == evidence.length, EvidenceTrailing(at, evidence.length));
        _decodePayload(payload, document);
    }

    function _decodePayload(bytes calldata payload, Document memory document) private pure {
        uint256 at = Cbor.expectCount(payload, 0, Cbor.MAP, 7);
        bytes calldata part;
        at = Cbor.expectText(payload, at, "chain");
        uint64 length;
        (length, at) = Cbor.readHead(payload, at, Cbor.ARRAY);
        require(length >= MIN_CHAIN && length <= MAX_CHAIN, ChainLengthInvalid(length));
        document.chain = new Certificate[](length);
        for (uint256 i = 0; i < length; ++i) {
            (part, at) = Cbor.readBytes(payload, at);
            document.chain[i] = X509.decode(part);
        }
        at = Cbor.expectText(payload, at, "debug");
        (document.debug, at) = Cbor.readBool(payload, at);
        at = Cbor.expectText(payload, at, "format");
        at = Cbor.expectText(payload, at, "assay.dev/1");
        at = Cbor.expectText(payload, at, "issuedAt");
        (document.issuedAt, at) = Cbor.readHead(payload, at, Cbor.UINT);
        at = Cbor.expectText(payload, at, "userData");
        (part, at) = Cbor.readBytes(payload, at, 64);
        document.bind0 = bytes32(part[:32]);
        document.bind1 = bytes32(part[32:]);
        at = Cbor.expectText(payload, at, "publicKey");
        (part, at) = Cbor.readBytes(payload, at, 64);
        document.keyHash = keccak256(part);
        at = Cbor.expectText(payload, at, "measurement");
        (part, at) = Cbor.readBytes(payload, at, 32);
        document.measurement = bytes32(part);
        require(at == payload.length, EvidenceTrailing(at, payload.length));
    }

    function _requireLocal() private view {
        require(isLocalChain(block.chainid), DevelopmentRootOnLiveNetwork(block.chainid));
    }
}
