// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Flag of `Claims`: the enclave can be read or changed from outside.
uint16 constant CLAIM_DEBUG = 0x0001;

/// @dev Flag of `Claims`: a service domain may act on the enclave, for example to move it.
uint16 constant CLAIM_SERVICE_TD = 0x0002;

/// @dev Flag of `Claims`: the enclave may be moved to another machine while it runs.
uint16 constant CLAIM_MIGRATABLE = 0x0004;

/// @dev Flag that the registry sets: the evidence has a configuration, and the policy lists its measurement alone. A policy
/// that allows it does not judge configurations.
uint16 constant CLAIM_CONFIG = 0x0008;

/// @notice What genuine evidence says, in one shape for every kind of hardware.
/// @param format keccak256 of the format's name, for example "assay.dev/1".
/// @param measurement keccak256(abi.encode(format, fixed-size measurements)).
/// @param config Further measured configuration, zero for none.
/// @param platform keccak256 of what identifies the machine, zero for none.
/// @param bind0 First half of the data the enclave asked to have attested.
/// @param bind1 Second half.
/// @param keyHash keccak256 of the public key field, zero where the format has none.
/// @param issuedAt Time in the evidence, Unix seconds, zero for none.
/// @param notAfter Least end of validity over the certificates and collateral used, Unix seconds.
/// @param tcbEval TCB evaluation number, zero where the format has none.
/// @param tcbStatus Status by the vendor's own scale, zero is up to date.
/// @param flags CLAIM_ bits.
/// @param advisories keccak256 of the sorted list of advisories, zero for none.
struct Claims {
    bytes32 format;
    bytes32 measurement;
    bytes32 config;
    bytes32 platform;
    bytes32 bind0;
    bytes32 bind1;
    bytes32 keyHash;
    uint64 issuedAt;
    uint64 notAfter;
    uint32 tcbEval;
    uint8 tcbStatus;
    uint16 flags;
    bytes32 advisories;
}

/// @notice Verifies hardware evidence of one format against a root that is a constant.
/// @dev Not checked here, left to the registry: whether the measurement is wanted, whether debug mode is allowed,
/// whether the evidence is fresh, and for whom it was made.
interface IAttestationVerifier {
    /// @notice keccak256 of the name of the format.
    function format() external view returns (bytes32);

    /// @notice Reverts with a typed error on anything not valid at `block.timestamp`.
    /// @param evidence The evidence as the hardware gave it.
    /// @param hints Values that make checking cheaper; checked, never trusted. Empty where the format needs none.
    function verify(bytes calldata evidence, bytes calldata hints) external view returns (Claims memory);
}
