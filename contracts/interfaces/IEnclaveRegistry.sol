// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId} from "../types/Ids.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IBindingScheme} from "./IBindingScheme.sol";
import {IEnclavePolicies, Validity} from "./IEnclavePolicies.sol";
import {KeyId, ReceiptKey} from "./IReceiptKey.sol";

/// @notice Where a key stands. Active says nothing of time: an active key may have expired.
enum KeyState {
    Unknown,
    Active,
    Superseded,
    Revoked
}

/// @notice What the registry knows of an enclave's signing key under a policy.
/// @param operator Account that registered the key.
/// @param validity When statements signed by it verify, as long as the policy does not change.
/// @param measurement Measurement of the evidence it was registered with.
/// @param endpoint Where the enclave can be reached; not trusted.
/// @param kind A KEY_ constant.
/// @param state Active until it is superseded or revoked, which is final.
/// @param counter Last heartbeat's number.
/// @param end Latest time that heartbeats can keep the key to, Unix seconds.
/// @param attestedAt When its evidence was taken, Unix seconds.
/// @param compromisedSince From when on nothing it signed counts, Unix seconds; zero for never.
/// @param epoch Epoch of the policy it was last held against.
/// @param verifier Verifier of its evidence.
/// @param scheme What tied the evidence to the key.
/// @param platform Machine, zero where the format names none.
/// @param advisories Hash of its advisories, zero for none.
/// @param tcbEval TCB evaluation number of the evidence.
/// @param tcbStatus TCB status by the vendor's scale.
/// @param flags CLAIM_ flags of the evidence.
struct EnclaveKey {
    address operator;
    Validity validity;
    bytes32 measurement;
    string endpoint;
    uint8 kind;
    KeyState state;
    uint40 counter;
    uint40 end;
    uint40 attestedAt;
    uint40 compromisedSince;
    uint32 epoch;
    IAttestationVerifier verifier;
    IBindingScheme scheme;
    bytes32 platform;
    bytes32 advisories;
    uint32 tcbEval;
    uint8 tcbStatus;
    uint16 flags;
}

/// @notice All that a registration takes; the operator is the caller.
/// @param verifier Verifier of the evidence, listed by the policy.
/// @param scheme What ties the evidence to the key, listed by the policy.
/// @param endpoint Where the enclave can be reached, at most 256 bytes; not trusted.
/// @param gpuClaims Hash of what the enclave found out about its GPUs, zero for nothing. Bound, told, not checked.
/// @param challengeBlock Block, at most 256 back, whose hash makes the challenge.
/// @param hints Hints for the verifier; checked there.
/// @param aux Preimages for the scheme.
/// @param keySignature Signature of `bindingOf(...)` by the key.
struct Registration {
    PolicyId policy;
    IAttestationVerifier verifier;
    IBindingScheme scheme;
    ReceiptKey key;
    string endpoint;
    bytes32 gpuClaims;
    uint256 challengeBlock;
    bytes evidence;
    bytes hints;
    bytes aux;
    bytes keySignature;
}

/// @notice The signing keys that evidence bound to a policy, from registration to their end.
/// @dev Not checked here: that the hardware vendor and the machine's owner are honest, and that the measured program is any
/// good. Under a scheme that does not put the context into the evidence, the evidence does not name operator, chain,
/// registry, policy and endpoint; the key's own signature does.
interface IEnclaveKeys {
    /// @notice Emitted after evidence bound a key to a policy; valid when from <= time < until, Unix seconds.
    /// @dev `measurement` is the one that the policy lists, as `keyOf` tells it: where the policy lists that of the evidence with
    /// its configuration, the hash of both.
    event KeyRegistered(
        PolicyId indexed policy,
        KeyId indexed key,
        address indexed operator,
        ReceiptKey publicKey,
        bytes32 measurement,
        bytes32 platform,
        uint40 from,
        uint40 until,
        string endpoint,
        bytes32 gpuClaims
    );

    /// @notice Emitted after a key was held against its policy as it is now.
    event KeyRefreshed(PolicyId indexed policy, KeyId indexed key, uint40 from, uint40 until);

    /// @notice Emitted after heartbeat `counter` of a key.
    event Heartbeat(PolicyId indexed policy, KeyId indexed key, uint40 counter, uint40 until);

    /// @notice Emitted after a key was ended by its operator, who names the one that follows.
    event KeySuperseded(PolicyId indexed policy, KeyId indexed key, KeyId indexed successor);

    /// @notice Emitted after a key was ended by `by`.
    event KeyRevoked(PolicyId indexed policy, KeyId indexed key, address indexed by);

    /// @notice Emitted after it was declared that nothing signed by a key at or after `since` counts.
    event KeyCompromised(PolicyId indexed policy, KeyId indexed key, uint40 since, address indexed by);

    error PolicyPaused(PolicyId policy);
    error TestPolicyOnLiveNetwork(PolicyId policy, uint256 chainId);
    error VerifierNotAllowed(PolicyId policy, address verifier);
    error SchemeNotAllowed(PolicyId policy, address scheme);
    error SchemeRefused(address scheme);
    error EndpointTooLong(uint256 received, uint256 limit);
    error ChallengeTooOld(uint256 blockNumber, uint256 currentBlock);
    error KeyFormInvalid(uint8 kind, uint256 length);
    error KeyProofInvalid(KeyId key);
    error DebugEnclave(bytes32 measurement);
    error FlagsNotAllowed(uint16 flags, uint16 allowed);
    error EvidenceExpired(uint64 notAfter);
    error EvidenceAgeInvalid(uint64 issuedAt, uint40 maxAge);
    error TcbEvalTooLow(uint32 received, uint32 least);
    error TcbStatusNotAllowed(uint8 status);
    error AdvisoriesNotAllowed(bytes32 advisories);
    error PlatformNotAllowed(PolicyId policy, bytes32 platform);
    error PlatformFull(PolicyId policy, bytes32 platform, uint256 limit);
    error KeyTaken(PolicyId policy, KeyId key);
    error KeyUnknown(PolicyId policy, KeyId key);
    error KeyNotValid(PolicyId policy, KeyId key, uint40 from, uint40 until);
    error KeyStale(PolicyId policy, KeyId key, uint32 epoch, uint32 current);
    error KeyEnded(PolicyId policy, KeyId key, KeyState state);
    error NotKeyManager(PolicyId policy, KeyId key, address caller);
    error HeartbeatUnused(PolicyId policy);
    error CounterNotHigher(uint40 received, uint40 last);
    error TimeInFuture(uint256 received, uint256 current);

    /// @notice Registers a key for the caller, or renews it with fresh evidence when it is already the caller's.
    function registerKey(Registration calldata registration) external returns (KeyId);

    /// @notice Holds a key against its policy as it is now, so that it counts again after the policy became tighter.
    /// Anyone may. Reverts, and leaves the key not valid, where the policy no longer takes it.
    function refresh(PolicyId policy, KeyId key) external;

    /// @notice Keeps a key valid under a policy that asks for heartbeats. Anyone may hand it in.
    /// @param counter Higher than that of every heartbeat before.
    /// @param blockNumber A block at most 256 back, whose hash is signed.
    /// @param signature Of `heartbeatDigest(...)`, by the key.
    function heartbeat(
        PolicyId policy,
        ReceiptKey calldata key,
        uint40 counter,
        uint256 blockNumber,
        bytes calldata signature
    ) external;

    /// @notice Ends a key now in favour of `successor`, a valid key of the same operator. Its operator; final.
    function supersede(PolicyId policy, KeyId key, KeyId successor) external;

    /// @notice Ends a key now. Its operator, or the policy's owner or guardian; final.
    function revokeKey(PolicyId policy, KeyId key) external;

    /// @notice Ends a key and declares that nothing it signed at or after `since` counts; `since` can only be brought
    /// forward. The policy's owner or guardian. This alone makes a past time invalid that was valid.
    function declareCompromised(PolicyId policy, KeyId key, uint40 since) external;

    /// @notice What evidence and key must bind: chain, registry, policy, operator, key, endpoint, GPUs and challenge.
    function bindingOf(
        PolicyId policy,
        address operator,
        ReceiptKey calldata key,
        string calldata endpoint,
        bytes32 gpuClaims,
        bytes32 challenge
    ) external view returns (bytes32);

    /// @notice EIP-712 digest of a heartbeat, under the domain "Assay", "1", chain, registry.
    function heartbeatDigest(
        PolicyId policy,
        KeyId key,
        uint40 counter,
        bytes32 blockHash
    ) external view returns (bytes32);

    /// @notice Id of a key; reverts when it is not in the one form of its kind.
    function keyIdOf(ReceiptKey calldata key) external pure returns (KeyId);

    /// @notice Reverts with a typed error unless `key`, and what it was registered with, are valid now.
    function requireValidKey(PolicyId policy, KeyId key) external view;

    /// @notice Whether a statement signed at `time`, not in the future, counts: the key was registered, in time, of the
    /// current epoch, its measurement not ended, and it is not declared compromised since `time` or before. Exact.
    function wasValidAt(PolicyId policy, KeyId key, uint40 time) external view returns (bool);

    /// @notice What is known of a key under a policy; reverts for an unknown one.
    function keyOf(PolicyId policy, KeyId key) external view returns (EnclaveKey memory);

    /// @notice The scheme that wants the context itself in the evidence; a policy must list it like any other.
    function CANONICAL_BINDING() external view returns (IBindingScheme);
}

/// @notice All of the registry, at one address.
interface IEnclaveRegistry is IEnclavePolicies, IEnclaveKeys {}
