// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId} from "../types/Ids.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IBindingScheme} from "./IBindingScheme.sol";

/// @notice An interval of validity, Unix seconds: valid when from <= time < until.
struct Validity {
    uint40 from;
    uint40 until;
}

/// @notice What a `Change` is about. "Looser" goes through `propose` and `activate`, "tighter" through `restrict`.
/// Verifier, Scheme: subject is the contract; looser lists it.
/// Measurement: looser adds subject, valid for value = from << 40 | until; tighter ends it at value (0 or past: now).
/// Statuses, Flags: value is a set of bits; looser allows them. The DEBUG flag only ever under a TEST policy.
/// Advisories: subject is a hash of advisories; looser allows it. Zero (none) is always allowed.
/// PlatformAllowed, PlatformDenied: subject is a platform; tighter takes it off the first list, or onto the second.
/// PlatformList: whether only platforms allowed by name pass; tighter switches it on.
/// MinTcbEval: looser is lower. MaxKeyAge, MaxEvidenceAge, Heartbeat (seconds), KeysPerPlatform: looser is higher, and
/// 0 is no limit (but for MaxKeyAge, which has no such value).
/// MaxEvidenceAge of 0 also keeps out evidence that shows a key alone, so a first limit goes through `propose`, too.
/// Paused: tighter pauses, looser ends the pause. Guardian: subject is the account; only ever through `propose`.
enum ChangeKind {
    Verifier,
    Scheme,
    Measurement,
    Statuses,
    Flags,
    Advisories,
    PlatformAllowed,
    PlatformDenied,
    PlatformList,
    MinTcbEval,
    MaxKeyAge,
    MaxEvidenceAge,
    Heartbeat,
    KeysPerPlatform,
    Paused,
    Guardian
}

/// @notice One change of a policy.
/// @param subject Measurement, platform, hash, or address in the low 160 bits; zero for kinds without one.
/// @param value Number or set, zero for kinds without one.
/// @param commit Commit of the source that was measured, or zero; only told, not checked.
/// @param recipe Digest of the recipe that rebuilds it, or zero; only told, not checked.
struct Change {
    ChangeKind kind;
    bytes32 subject;
    uint256 value;
    bytes32 commit;
    bytes32 recipe;
}

/// @notice What a policy asks of evidence and keys. All times are in seconds.
/// @param test For ever: debug enclaves may be listed, no delay is needed, and no key is valid off local chains.
/// @param delay From `propose` to `activate`; never changes. At least one day unless `test`.
/// @param guardian May restrict, cancel and revoke, and never add. Zero for none.
/// @param maxKeyAge Longest life of a key from its evidence, not zero.
/// @param maxEvidenceAge Greatest age of evidence that carries a time. Zero: no limit where the evidence holds the
/// challenge, and no evidence that does not.
/// @param heartbeat Longest time between heartbeats of a key, zero for none.
/// @param keysPerPlatform Most keys of one platform, at most 16; zero for no limit.
/// @param minTcbEval Least TCB evaluation number; evidence without one counts as zero.
/// @param statuses Bit i: TCB status i is allowed. Statuses of 32 and more never are.
/// @param flags CLAIM_ flags that are allowed.
/// @param platformList Only platforms allowed by name pass.
struct PolicyTerms {
    bool test;
    uint40 delay;
    address guardian;
    uint40 maxKeyAge;
    uint40 maxEvidenceAge;
    uint40 heartbeat;
    uint32 keysPerPlatform;
    uint32 minTcbEval;
    uint32 statuses;
    uint16 flags;
    bool platformList;
}

/// @notice Measurement policies. Anyone may make one and owns it; there is no administrator. What makes a policy looser
/// waits for its delay, in the open; what makes it tighter counts at once, and for keys that stand, too.
/// @dev Not checked here: who owns a policy, whether its programs are any good, and what a proposal's commit and recipe say.
interface IEnclavePolicies {
    /// @notice Emitted after a policy was made.
    event PolicyCreated(PolicyId indexed policy, address indexed owner, PolicyTerms terms, bytes32 salt);

    /// @notice Emitted after a policy was offered to `to`; zero withdraws the offer.
    event PolicyOwnershipOffered(PolicyId indexed policy, address indexed from, address indexed to);

    /// @notice Emitted after `to` took a policy over.
    event PolicyOwnershipTransferred(PolicyId indexed policy, address indexed from, address indexed to);

    /// @notice Emitted after a change was proposed that can be activated from `readyAt`, Unix seconds, on.
    event ChangeProposed(PolicyId indexed policy, ChangeKind indexed kind, Change change, uint40 readyAt);

    /// @notice Emitted after a proposal was dropped by `by`.
    event ChangeCancelled(PolicyId indexed policy, ChangeKind indexed kind, Change change, address indexed by);

    /// @notice Emitted after a policy became looser.
    event ChangeActivated(PolicyId indexed policy, ChangeKind indexed kind, Change change);

    /// @notice Emitted after a policy became tighter, by `by`.
    event PolicyRestricted(PolicyId indexed policy, ChangeKind indexed kind, Change change, address indexed by);

    /// @notice Emitted after every key under a policy stopped being valid until it is refreshed.
    event EpochBegun(PolicyId indexed policy, uint32 epoch);

    /// @notice Emitted after a policy accepted a measurement; valid when from <= time < until, Unix seconds.
    event MeasurementAdded(
        PolicyId indexed policy,
        bytes32 indexed measurement,
        uint40 from,
        uint40 until,
        bytes32 commit,
        bytes32 recipe
    );

    /// @notice Emitted after the end of a measurement was brought forward to `until`.
    event MeasurementDeprecated(PolicyId indexed policy, bytes32 indexed measurement, uint40 until);

    /// @notice Emitted after a measurement, and every key registered under it, ended.
    event MeasurementRevoked(PolicyId indexed policy, bytes32 indexed measurement);

    error PolicyExists(PolicyId policy);
    error PolicyUnknown(PolicyId policy);
    error NotPolicyOwner(PolicyId policy, address caller, address owner);
    error NotPolicyGuard(PolicyId policy, address caller);
    error NotOfferedOwner(PolicyId policy, address caller, address offered);
    error DelayInvalid(uint40 received, uint40 least, uint40 most);
    error ValidityInvalid(uint40 from, uint40 until);
    error LimitInvalid(ChangeKind kind, uint256 received, uint256 most);
    error ChangeForbidden(ChangeKind kind);
    error ChangeWithoutEffect(PolicyId policy, ChangeKind kind);
    error ChangePending(PolicyId policy, uint40 readyAt);
    error ChangeNotProposed(PolicyId policy);
    error ChangeNotReady(PolicyId policy, uint40 readyAt, uint40 expiresAt);
    error TooManyChanges(uint256 received, uint256 most);
    error VerifierInvalid(address verifier);
    error SchemeInvalid(address scheme);
    error MeasurementKnown(PolicyId policy, bytes32 measurement);
    error MeasurementUnknown(PolicyId policy, bytes32 measurement);
    error MeasurementNotValid(PolicyId policy, bytes32 measurement, uint40 from, uint40 until);
    error OnlyThroughRegistry();

    /// @notice Makes a policy owned by the caller. `initial`, at most 32 changes, count at once: nobody relies on it yet.
    function createPolicy(
        PolicyTerms calldata terms,
        Change[] calldata initial,
        bytes32 salt
    ) external returns (PolicyId);

    /// @notice Offers a policy to `to`, who must accept. Zero withdraws the offer. Policy owner only.
    function offerPolicyOwnership(PolicyId policy, address to) external;

    /// @notice Takes over a policy that was offered to the caller.
    function acceptPolicyOwnership(PolicyId policy) external;

    /// @notice Announces a change that makes the policy looser. Policy owner only.
    function propose(PolicyId policy, Change calldata change) external;

    /// @notice Drops a proposal. Owner or guardian; that of another guardian, the owner only.
    function cancel(PolicyId policy, Change calldata change) external;

    /// @notice Puts a proposal into effect once its delay has passed, and no later than 30 days after. Anyone may.
    function activate(PolicyId policy, Change calldata change) external;

    /// @notice Makes the policy tighter at once. Owner or guardian. Every key must then be refreshed, but for a
    /// measurement, which ends its own keys alone, and MaxEvidenceAge, which is asked of new evidence only. Whatever was
    /// proposed before for the same kind, and subject where it has one, is void.
    function restrict(PolicyId policy, Change calldata change) external;

    /// @notice Ends a measurement now, and with it every key registered under it, in O(1). Owner or guardian; final.
    function revokeMeasurement(PolicyId policy, bytes32 measurement) external;

    /// @notice Id of the policy that `creator` makes with `salt`, made or not.
    function policyIdOf(address creator, bytes32 salt) external view returns (PolicyId);

    /// @notice Owner of a policy; reverts for an unknown one.
    function ownerOf(PolicyId policy) external view returns (address);

    /// @notice What a policy asks now, its epoch, and whether it is paused; reverts for an unknown one.
    function policyOf(PolicyId policy) external view returns (PolicyTerms memory terms, uint32 epoch, bool paused);

    /// @notice When a proposal can be activated, Unix seconds; zero where there is none.
    function readyAt(PolicyId policy, Change calldata change) external view returns (uint40);

    /// @notice When a policy accepts a measurement.
    function measurementOf(PolicyId policy, bytes32 measurement) external view returns (Validity memory);

    /// @notice Whether `subject` is on the list of `kind`: Verifier, Scheme, Advisories, PlatformAllowed, PlatformDenied.
    function isListed(PolicyId policy, ChangeKind kind, bytes32 subject) external view returns (bool);

    /// @notice Whether evidence that `verifier` accepts may register keys under a policy now.
    function isVerifierAllowed(PolicyId policy, IAttestationVerifier verifier) external view returns (bool);

    /// @notice Whether a policy takes evidence bound by `scheme`.
    function isSchemeAllowed(PolicyId policy, IBindingScheme scheme) external view returns (bool);
}
