// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {INitroCertificates} from "./INitroCertificates.sol";

/// @notice Verifies attestation documents of AWS Nitro Enclaves, with the certificates that `certificates` remembers.
/// @dev Evidence is the document as the Nitro Security Module gives it: COSE_Sign1 (RFC 9052) with ES384, with or without
/// its tag. Claims are made of it so, where `pcr` is PCR number n as two words, its first 32 bytes and its last 16 with
/// zeros behind:
///
///     format      keccak256("aws.nitro/1")
///     measurement keccak256(abi.encode(format, pcr0, pcr1, pcr2, pcr8)): image, kernel, application, and who signed it
///     config      keccak256(abi.encode(pcr3)), or zero where PCR3 is zero: the IAM role of the parent instance
///     platform    keccak256 of the instance in `module_id`, for example "i-0340e0cb833504eb6"
///     bind0       SHA-256 of `user_data`, zero where it is null or absent
///     bind1       SHA-256 of `nonce`, zero where it is null or absent
///     keyHash     keccak256 of `public_key`, zero where it is null or absent
///     issuedAt    `timestamp` in seconds, rounded down
///     notAfter    least end of validity over the chain
///     flags       CLAIM_DEBUG where PCR0, PCR1 or PCR2 is zero, as all are in debug mode
///
/// Limits are those of AWS's definition of the document: certificates have 1 to 1024 bytes, and `public_key`, `user_data`
/// and `nonce` 0 to 1024. The module itself is not held to the latter; longer ones are refused.
///
/// PCR4 (the instance) is told by `platform`; PCRs that an enclave extends by itself are no part of any claim.
/// @dev Hints are, for each certificate below the root in the order of the chain, then for the document, a length of
/// four bytes, most significant first, and that many bytes for `IP384Verifier`. Those of a remembered certificate may be
/// empty. Errors about certificates are those of `INitroCertificates`.
/// @dev Not checked here: how old a document is, beyond the validity of its leaf; whether measurements are wanted; and
/// what `INitroCertificates` does not check.
interface INitroVerifier is IAttestationVerifier {
    /// @notice Thrown when there is no contract at the address of the certificates.
    error CertificatesMissing(address account);

    /// @notice Thrown when evidence is longer than `limit` bytes.
    error EvidenceTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when evidence, its payload or hints go on after their end.
    error EvidenceTrailing(uint256 offset, uint256 end);

    /// @notice Thrown when the protected header is not {1: -35} in its one deterministic form.
    error HeaderUnsupported();

    /// @notice Thrown when the key of the payload at `offset` is none that documents have.
    error FieldUnknown(uint256 offset);

    /// @notice Thrown when the key of the payload at `offset` was there before.
    error FieldRepeated(uint256 offset);

    /// @notice Thrown when fields of the payload are missing. Bits from the least: module_id, digest, timestamp, pcrs,
    /// certificate, cabundle.
    error FieldsMissing(uint256 bits);

    /// @notice Thrown when a field at `offset` has a length outside `least..most` bytes or entries.
    error FieldLengthInvalid(uint256 offset, uint256 received, uint256 least, uint256 most);

    /// @notice Thrown when `digest` is not "SHA384".
    error DigestUnsupported();

    /// @notice Thrown when `module_id` is not "i-…-enc…" with hexadecimal digits in both places.
    error ModuleIdInvalid();

    /// @notice Thrown when the number of a PCR is over 31.
    error PcrIndexInvalid(uint256 index);

    /// @notice Thrown when PCR `index` stands twice.
    error PcrRepeated(uint256 index);

    /// @notice Thrown when PCR `index` has not the 48 bytes of a SHA-384 digest.
    error PcrLengthInvalid(uint256 index, uint256 received);

    /// @notice Thrown when PCR 0, 1, 2, 3, 4 or 8 is missing. Bit n is set for each that is.
    error PcrsMissing(uint256 bits);

    /// @notice Thrown when the signature on the document is not its leaf's, or its hints do not show that it is.
    error DocumentSignatureMismatch();

    /// @notice Thrown when the document's time is in the future, or outside the validity of its leaf.
    error IssuedAtInvalid(uint64 issuedAt, uint64 notBefore, uint64 notAfter, uint256 current);

    /// @notice Remembers certificates, and checks chains.
    function certificates() external view returns (INitroCertificates);
}
