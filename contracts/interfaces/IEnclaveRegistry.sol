// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId} from "../types/Ids.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";

/// @notice An interval of validity, Unix seconds: valid when from <= time < until.
struct Validity {
    uint40 from;
    uint40 until;
}

/// @notice What the registry knows of an enclave's signing key under a policy.
/// @param operator Account that registered the key.
/// @param validity When statements signed by it verify.
/// @param measurement Measurement of the evidence it was registered with.
/// @param endpoint Where the enclave can be reached; not trusted.
struct EnclaveKey {
    address operator;
    Validity validity;
    bytes32 measurement;
    string endpoint;
}

/// @notice Measurement policies, each with an owner, and the signing keys that evidence bound to them.
/// @dev Not checked here: that the hardware vendor and the machine's owner are honest, that the measured program is any
/// good, and who owns a policy; requesters name the policy they trust.
interface IEnclaveRegistry {
    /// @notice Emitted after a policy was made; `maxKeyAge` is in seconds.
    event PolicyCreated(PolicyId indexed policy, address indexed owner, uint40 maxKeyAge, bytes32 salt);

    /// @notice Emitted after a policy was offered to `to`; zero withdraws the offer.
    event PolicyOwnershipOffered(PolicyId indexed policy, address indexed from, address indexed to);

    /// @notice Emitted after `to` took a policy over.
    event PolicyOwnershipTransferred(PolicyId indexed policy, address indexed from, address indexed to);

    /// @notice Emitted after a policy began to accept evidence that `verifier` accepts.
    event VerifierAllowed(PolicyId indexed policy, IAttestationVerifier indexed verifier);

    /// @notice Emitted after a policy stopped accepting new evidence through `verifier`.
    event VerifierForbidden(PolicyId indexed policy, IAttestationVerifier indexed verifier);

    /// @notice Emitted after a policy accepted a measurement; valid when from <= time < until, Unix seconds.
    event MeasurementAdded(PolicyId indexed policy, bytes32 indexed measurement, uint40 from, uint40 until);

    /// @notice Emitted after a measurement, and every key registered under it, ended.
    event MeasurementRevoked(PolicyId indexed policy, bytes32 indexed measurement);

    /// @notice Emitted after evidence bound a key to a policy; valid when from <= time < until, Unix seconds.
    event KeyRegistered(
        PolicyId indexed policy,
        address indexed key,
        address indexed operator,
        bytes32 measurement,
        uint40 from,
        uint40 until,
        string endpoint
    );

    /// @notice Emitted after a key was ended by `by`.
    event KeyRevoked(PolicyId indexed policy, address indexed key, address indexed by);

    error PolicyExists(PolicyId policy);
    error PolicyUnknown(PolicyId policy);
    error NotPolicyOwner(PolicyId policy, address caller, address owner);
    error NotOfferedOwner(PolicyId policy, address caller, address offered);
    error VerifierNotAllowed(PolicyId policy, address verifier);
    error VerifierInvalid(address verifier);
    error ValidityInvalid(uint40 from, uint40 until);
    error MeasurementKnown(PolicyId policy, bytes32 measurement);
    error MeasurementUnknown(PolicyId policy, bytes32 measurement);
    error MeasurementNotValid(PolicyId policy, bytes32 measurement, uint40 from, uint40 until);
    error DebugEnclave(bytes32 measurement);
    error BindingMismatch(bytes32 received, bytes32 expected);
    error ChallengeTooOld(uint256 blockNumber, uint256 currentBlock);
    error EvidenceExpired(uint64 notAfter);
    error KeyTaken(PolicyId policy, address key);
    error KeyUnknown(PolicyId policy, address key);
    error KeyNotValid(PolicyId policy, address key, uint40 from, uint40 until);
    error NotKeyManager(PolicyId policy, address key, address caller);
    error KeyProofInvalid(address key, address recovered);
    error EndpointTooLong(uint256 received, uint256 limit);

    /// @notice Makes a policy owned by the caller. `maxKeyAge`, in seconds, bounds the validity of its keys.
    function createPolicy(uint40 maxKeyAge, bytes32 salt) external returns (PolicyId);

    /// @notice Offers a policy to `to`, who must accept. Zero withdraws the offer. Policy owner only.
    function offerPolicyOwnership(PolicyId policy, address to) external;

    /// @notice Takes over a policy that was offered to the caller.
    function acceptPolicyOwnership(PolicyId policy) external;

    /// @notice Lets evidence that `verifier` accepts register keys under the policy. Policy owner only.
    function allowVerifier(PolicyId policy, IAttestationVerifier verifier) external;

    /// @notice Stops new registrations through `verifier`; keys that stand keep standing. Policy owner only.
    function forbidVerifier(PolicyId policy, IAttestationVerifier verifier) external;

    /// @notice Accepts a measurement from `from` until `until`. Policy owner only.
    function addMeasurement(PolicyId policy, bytes32 measurement, uint40 from, uint40 until) external;

    /// @notice Ends a measurement now, and with it every key registered under it, in O(1). Policy owner only; final.
    function revokeMeasurement(PolicyId policy, bytes32 measurement) external;

    /// @notice Registers `key` for the caller. Evidence must bind `bindingOf(...)`, made with the hash of a block at
    /// most 256 back, in its first 32 bytes of attested data; `keySignature` proves possession of the key.
    /// @param keySignature secp256k1 signature of the binding, by `key`.
    function registerKey(
        PolicyId policy,
        IAttestationVerifier verifier,
        address key,
        string calldata endpoint,
        uint256 challengeBlock,
        bytes calldata evidence,
        bytes calldata hints,
        bytes calldata keySignature
    ) external;

    /// @notice Ends a key now. Its operator or the policy's owner.
    function revokeKey(PolicyId policy, address key) external;

    /// @notice What evidence must bind: chain, registry, policy, operator, key, endpoint and challenge.
    function bindingOf(
        PolicyId policy,
        address operator,
        address key,
        string calldata endpoint,
        bytes32 challenge
    ) external view returns (bytes32);

    /// @notice Reverts with a typed error unless `key`, and the measurement it was registered with, are valid now.
    function requireValidKey(PolicyId policy, address key) external view;

    /// @notice Id of the policy that `creator` makes with `salt`, made or not.
    function policyIdOf(address creator, bytes32 salt) external view returns (PolicyId);

    /// @notice Owner of a policy; reverts for an unknown one.
    function ownerOf(PolicyId policy) external view returns (address);

    /// @notice What is known of a key under a policy; reverts for an unknown one.
    function keyOf(PolicyId policy, address key) external view returns (EnclaveKey memory);

    /// @notice When a policy accepts a measurement.
    function measurementOf(PolicyId policy, bytes32 measurement) external view returns (Validity memory);

    /// @notice Whether evidence that `verifier` accepts may register keys under a policy now.
    function isVerifierAllowed(PolicyId policy, IAttestationVerifier verifier) external view returns (bool);
}
