// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IP384Verifier} from "./IP384Verifier.sol";

/// @notice What the last certificate of a chain says.
/// @param key Its public key X || Y, 48 bytes each.
/// @param notBefore First second of its validity, Unix time.
/// @param notAfter Last second of its validity.
/// @param leastNotAfter Least last second over the chain, the root among it.
struct NitroLeaf {
    bytes key;
    uint64 notBefore;
    uint64 notAfter;
    uint64 leastNotAfter;
}

/// @notice Certificates under the root of AWS Nitro Enclaves, which is a constant: checks chains, remembers what it has
/// checked, and takes revocation lists. It has no owner: anyone may call, and what counts is AWS's signature alone.
/// @dev Certificates are X.509 v3 with P-384 keys and ECDSA-SHA384, in strict DER of at most 1024 bytes. Hints are for
/// `IP384Verifier`; those of a remembered certificate are not looked at, so nobody can spoil them by having it remembered
/// first.
/// @dev Not checked here: revocations nobody posted (posting is voluntary; a list, once out of date, revokes still), key
/// identifiers, policies that are not critical, and what is in distribution points.
interface INitroCertificates {
    /// @notice Emitted after a certificate is remembered.
    /// @param id `certificateIdOf` its issuer and its signed part.
    /// @param issuer Identity of its issuer.
    /// @param identity Its own identity, as an issuer or a leaf.
    /// @param notAfter Last second of its validity, Unix time.
    event CertificateCached(bytes32 indexed id, bytes32 indexed issuer, bytes32 indexed identity, uint64 notAfter);

    /// @notice Emitted after a revocation list is taken.
    event RevocationsPosted(bytes32 indexed issuer, uint64 thisUpdate, uint64 nextUpdate, uint256 entries);

    /// @notice Emitted after the certificate that `issuer` gave `serial` is revoked, for ever.
    event CertificateRevoked(bytes32 indexed issuer, uint160 serial);

    /// @notice Thrown when there is no contract at the address of the P-384 verifier.
    error SignatureVerifierMissing(address account);

    /// @notice Thrown when a length in the hints at `offset` reaches past their end.
    error HintsTruncated(uint256 offset);

    /// @notice Thrown when there is another number of hints than of signatures.
    error HintsCountInvalid(uint256 received, uint256 expected);

    /// @notice Thrown when the first certificate of `cabundle` is not AWS's root, byte for byte.
    error RootMismatch(bytes32 received, bytes32 expected);

    /// @notice Thrown when a chain has more certificates below the root than `limit`, or none.
    error ChainLengthInvalid(uint256 received, uint256 limit);

    /// @notice Thrown when certificate `index`, the root being 0, is longer than `limit` bytes.
    error CertificateTooLong(uint256 index, uint256 received, uint256 limit);

    /// @notice Thrown when certificate `index` is neither remembered nor has hints.
    error CertificateUnknown(uint256 index);

    /// @notice Thrown when the issuer that certificate `index` names is not the one before it in the chain.
    error IssuerMismatch(uint256 index);

    /// @notice Thrown when certificate `index` is not valid at this time. Both ends belong to its validity.
    error CertificateNotCurrent(uint256 index, uint64 notBefore, uint64 notAfter);

    /// @notice Thrown when certificate `index` is an authority in the place of a leaf, or the other way round.
    error AuthorityUnexpected(uint256 index, bool isAuthority);

    /// @notice Thrown when the key of certificate `index` may not be used for what it is used for.
    error KeyUsageInvalid(uint256 index, uint8 keyUsage);

    /// @notice Thrown when an authority above certificate `index` allows none in its place.
    error PathTooLong(uint256 index);

    /// @notice Thrown when the key of authority `index` may not sign revocation lists.
    error CrlSignerInvalid(uint256 index);

    /// @notice Thrown when certificate `index` is revoked.
    error CertificateIsRevoked(uint256 index, bytes32 issuer, uint160 serial);

    /// @notice Thrown when a revocation list is not current at this time. Both ends belong to it.
    error RevocationsNotCurrent(uint64 thisUpdate, uint64 nextUpdate);

    /// @notice Thrown when a revocation list is not newer than the last one of its issuer.
    error RevocationsNotNewer(uint64 thisUpdate, uint64 latest);

    /// @notice Thrown when the signature on certificate `index`, or on the list where `index` is past the last, is not
    /// its issuer's, or its hints do not show that it is.
    error SignatureMismatch(uint256 index);

    /// @notice Thrown when a revocation list is longer than `limit` bytes.
    error RevocationsTooLong(uint256 received, uint256 limit);

    /// @notice Checks certificates and remembers them, so that later documents need no hints for them.
    /// @dev A certificate is remembered by what it says and by the name and key of its issuer, never by its signature, so
    /// a twin with another valid signature is the same entry. Validity, revocation and the path are looked at again at
    /// every use, for it and for each certificate above it.
    /// @param chain From the one below the root on, in DER; the last may be a leaf. 1 to 6.
    /// @param hints One for each certificate; those of remembered ones may be empty.
    function cacheCertificates(bytes[] calldata chain, bytes[] calldata hints) external;

    /// @notice Takes a revocation list, newer than the last one of its issuer, and revokes what it names for ever.
    /// @dev Gas grows with the list: about 33,000 for each new entry, so some 400 fit into one transaction.
    /// @param chain Authorities from the one below the root to the list's issuer; empty where that is the root.
    /// @param crl X.509 v2 revocation list in DER, at most 16 KiB.
    /// @param hints One for each certificate, and one for the list.
    function postRevocations(bytes[] calldata chain, bytes calldata crl, bytes[] calldata hints) external;

    /// @notice Checks a chain at this time, with what is remembered and with hints for the rest; remembers nothing.
    /// @param chain From the root, which must be AWS's byte for byte, to the leaf. 2 to 7.
    /// @param hints For each certificate below the root a length of four bytes, most significant first, and that many
    /// bytes; more may follow.
    /// @return leaf What the last certificate says.
    /// @return used Offset past the hints of the certificates.
    function checkChain(
        bytes[] calldata chain,
        bytes calldata hints
    ) external view returns (NitroLeaf memory leaf, uint256 used);

    /// @notice Checks P-384 signatures; it has no state and cannot change.
    function p384() external view returns (IP384Verifier);

    /// @notice Identity of the root.
    function rootIdentity() external view returns (bytes32);

    /// @notice Identity of an issuer: keccak256(abi.encode(keccak256 of its name in DER, keccak256 of its key X || Y)).
    function identityOf(bytes32 name, bytes calldata key) external pure returns (bytes32);

    /// @notice Name of a certificate here: keccak256(abi.encode(issuer's identity, keccak256 of its signed part in DER)).
    function certificateIdOf(bytes32 issuer, bytes calldata tbs) external pure returns (bytes32);

    /// @notice Last second of validity of a remembered certificate, zero for one that is not.
    function cachedUntil(bytes32 id) external view returns (uint64);

    /// @notice Whether the certificate that `issuer` gave `serial` is revoked.
    function isRevoked(bytes32 issuer, uint160 serial) external view returns (bool);

    /// @notice When the last revocation list taken from `issuer` was made, Unix seconds, zero for none.
    function revocationsOf(bytes32 issuer) external view returns (uint64 thisUpdate);
}
