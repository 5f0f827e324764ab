// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CLAIM_DEBUG, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../interfaces/IBindingScheme.sol";
import {Change, ChangeKind, IEnclavePolicies, PolicyTerms, Validity} from "../interfaces/IEnclavePolicies.sol";
import {BoundedCall} from "../libraries/BoundedCall.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../types/Development.sol";
import {PolicyId} from "../types/Ids.sol";
import {isLocalChain} from "../types/Limits.sol";
import {EnclaveBook} from "./EnclaveBook.sol";
import {POLICY_TEST, PolicyWord} from "./EnclaveWords.sol";

/// @notice The half of the enclave registry that knows policies. Run by `EnclaveRegistry` on its own storage; called
/// directly it has no policies and makes none.
contract EnclavePolicies is IEnclavePolicies, EnclaveBook {
    /// @dev Bounds of the time from `propose` to `activate`, seconds. A TEST policy may have less than the least.
    uint40 private constant MIN_DELAY = 1 days;
    uint40 private constant MAX_DELAY = 60 days;

    /// @dev How long a proposal can be activated once its delay has passed, seconds.
    uint40 private constant GRACE = 30 days;

    uint256 private constant MAX_CHANGES = 32;

    /// @dev Most keys of a platform, where they are counted: counting reads them all.
    uint256 private constant MAX_KEYS_PER_PLATFORM = 16;

    address private immutable _SELF = address(this);

    /// @inheritdoc IEnclavePolicies
    function createPolicy(
        PolicyTerms calldata terms,
        Change[] calldata initial,
        bytes32 salt
    ) external returns (PolicyId policy) {
        require(address(this) != _SELF, OnlyThroughRegistry());
        policy = policyIdOf(msg.sender, salt);
        require(_policies[policy].owner == address(0), PolicyExists(policy));
        uint40 least = terms.test ? 0 : MIN_DELAY;
        require(terms.delay >= least && terms.delay <= MAX_DELAY, DelayInvalid(terms.delay, least, MAX_DELAY));
        _requireLimit(ChangeKind.MaxKeyAge, terms.maxKeyAge);
        require(initial.length <= MAX_CHANGES, TooManyChanges(initial.length, MAX_CHANGES));
        _requireLimit(ChangeKind.KeysPerPlatform, terms.keysPerPlatform);

        _words[policy] = PolicyWord.wrap((terms.test ? POLICY_TEST : 0) | 1);
        _requireFlags(policy, terms.flags);
        Policy storage entry = _policies[policy];
        entry.owner = msg.sender;
        entry.delay = terms.delay;
        entry.guardian = terms.guardian;
        entry.limits = Limits({
            maxKeyAge: terms.maxKeyAge,
            maxEvidenceAge: terms.maxEvidenceAge,
            heartbeat: terms.heartbeat,
            keysPerPlatform: terms.keysPerPlatform,
            minTcbEval: terms.minTcbEval,
            statuses: terms.statuses,
            flags: terms.flags,
            platformList: terms.platformList
        });
        emit PolicyCreated(policy, msg.sender, terms, salt);
        for (uint256 i = 0; i < initial.length; ++i) _loosen(policy, initial[i]);
    }

    /// @inheritdoc IEnclavePolicies
    function offerPolicyOwnership(PolicyId policy, address to) external {
        _requireOwner(policy);
        _policies[policy].offered = to;
        emit PolicyOwnershipOffered(policy, msg.sender, to);
    }

    /// @inheritdoc IEnclavePolicies
    function acceptPolicyOwnership(PolicyId policy) external {
        address previous = _ownerOf(policy);
        Policy storage entry = _policies[policy];
        require(msg.sender == entry.offered, NotOfferedOwner(policy, msg.sender, entry.offered));
        entry.owner = msg.sender;
        entry.offered = address(0);
        emit PolicyOwnershipTransferred(policy, previous, msg.sender);
    }

    /// @inheritdoc IEnclavePolicies
    function propose(PolicyId policy, Change calldata change) external {
        _requireOwner(policy);
        uint40 pending = _pending(policy, change);
        uint40 current = _now();
        require(pending == 0 || current >= pending + GRACE, ChangePending(policy, pending));
        uint40 time = current + _policies[policy].delay;
        _readyAt[policy][_proposalId(change)] = time;
        emit ChangeProposed(policy, change.kind, change, time);
    }

    /// @inheritdoc IEnclavePolicies
    function cancel(PolicyId policy, Change calldata change) external {
        // A guardian who could drop this would be there for ever.
        if (change.kind == ChangeKind.Guardian) _requireOwner(policy);
        else _requireGuard(policy);
        bytes32 id = _proposalId(change);
        require(_readyAt[policy][id] != 0, ChangeNotProposed(policy));
        delete _readyAt[policy][id];
        emit ChangeCancelled(policy, change.kind, change, msg.sender);
    }

    /// @inheritdoc IEnclavePolicies
    function activate(PolicyId policy, Change calldata change) external {
        _ownerOf(policy);
        uint40 time = _pending(policy, change);
        require(time != 0, ChangeNotProposed(policy));
        uint40 current = _now();
        require(time <= current && current < time + GRACE, ChangeNotReady(policy, time, time + GRACE));
        delete _readyAt[policy][_proposalId(change)];
        _loosen(policy, change);
    }

    /// @inheritdoc IEnclavePolicies
    function restrict(PolicyId policy, Change calldata change) external {
        _requireGuard(policy);
        _tighten(policy, change);
        _restrictedAt[policy][change.kind][_subjectOf(change)] = _now();
        emit PolicyRestricted(policy, change.kind, change, msg.sender);
    }

    /// @inheritdoc IEnclavePolicies
    function revokeMeasurement(PolicyId policy, bytes32 measurement) external {
        _requireGuard(policy);
        _endMeasurement(policy, measurement, 0);
    }

    /// @inheritdoc IEnclavePolicies
    function policyOf(PolicyId policy) external view returns (PolicyTerms memory terms, uint32 epoch, bool paused) {
        _ownerOf(policy);
        Policy storage entry = _policies[policy];
        PolicyWord word = _words[policy];
        terms = PolicyTerms({
            test: word.isTest(),
            delay: entry.delay,
            guardian: entry.guardian,
            maxKeyAge: entry.limits.maxKeyAge,
            maxEvidenceAge: entry.limits.maxEvidenceAge,
            heartbeat: entry.limits.heartbeat,
            keysPerPlatform: entry.limits.keysPerPlatform,
            minTcbEval: entry.limits.minTcbEval,
            statuses: entry.limits.statuses,
            flags: entry.limits.flags,
            platformList: entry.limits.platformList
        });
        return (terms, word.epoch(), word.isPaused());
    }

    /// @inheritdoc IEnclavePolicies
    function readyAt(PolicyId policy, Change calldata change) external view returns (uint40) {
        return _pending(policy, change);
    }

    /// @inheritdoc IEnclavePolicies
    function ownerOf(PolicyId policy) external view returns (address) {
        return _ownerOf(policy);
    }

    /// @inheritdoc IEnclavePolicies
    function measurementOf(PolicyId policy, bytes32 measurement) external view returns (Validity memory) {
        Measurement storage entry = _measurements[policy][_numberOf(policy, measurement)];
        return Validity({from: entry.from, until: entry.until});
    }

    /// @inheritdoc IEnclavePolicies
    function isListed(PolicyId policy, ChangeKind kind, bytes32 subject) external view returns (bool) {
        return _listed[policy][kind][subject];
    }

    /// @inheritdoc IEnclavePolicies
    function isVerifierAllowed(PolicyId policy, IAttestationVerifier verifier) external view returns (bool) {
        return _listed[policy][ChangeKind.Verifier][_word(address(verifier))];
    }

    /// @inheritdoc IEnclavePolicies
    function isSchemeAllowed(PolicyId policy, IBindingScheme scheme) external view returns (bool) {
        return _listed[policy][ChangeKind.Scheme][_word(address(scheme))];
    }

    /// @inheritdoc IEnclavePolicies
    function policyIdOf(address creator, bytes32 salt) public view returns (PolicyId) {
        return PolicyId.wrap(keccak256(abi.encode(block.chainid, address(this), creator, salt)));
    }

    function _loosen(PolicyId policy, Change calldata change) private {
        ChangeKind kind = change.kind;
        (bytes32 subject, uint256 value) = (change.subject, change.value);
        Limits storage limits = _policies[policy].limits;
        if (kind == ChangeKind.Measurement) {
            _addMeasurement(policy, change);
        } else if (kind == ChangeKind.Guardian) {
            _policies[policy].guardian = _address(subject);
        } else if (kind == ChangeKind.Paused) {
            _requireEffect(policy, kind, _words[policy].isPaused());
            _words[policy] = _words[policy].withPause(false);
        } else if (kind == ChangeKind.PlatformList) {
            _requireEffect(policy, kind, limits.platformList);
            limits.platformList = false;
        } else if (kind == ChangeKind.Statuses) {
            _requireBits(policy, kind, value, type(uint32).max, ~uint256(limits.statuses));
            // `_requireBits` bounds the value.
            limits.statuses |= uint32(value);
        } else if (kind == ChangeKind.Flags) {
            _requireBits(policy, kind, value, type(uint16).max, ~uint256(limits.flags));
            limits.flags |= uint16(value);
            _requireFlags(policy, limits.flags);
        } else if (kind >= ChangeKind.MinTcbEval && kind <= ChangeKind.KeysPerPlatform) {
            _requireLimit(kind, value);
            // The first age lets evidence in that shows a key alone.
            bool first = kind == ChangeKind.MaxEvidenceAge && limits.maxEvidenceAge == 0 && value != 0;
            bool looser = _looseness(kind, value) > _looseness(kind, _limit(limits, kind));
            _requireEffect(policy, kind, first || looser);
            _setLimit(limits, kind, value);
        } else {
            if (kind == ChangeKind.Verifier) _requireVerifier(_address(subject));
            else if (kind == ChangeKind.Scheme)
                require(_address(subject).code.length != 0, SchemeInvalid(_address(subject)));
            _list(policy, kind, subject, kind != ChangeKind.PlatformDenied);
        }
        emit ChangeActivated(policy, kind, change);
    }

    function _tighten(PolicyId policy, Change calldata change) private {
        ChangeKind kind = change.kind;
        (bytes32 subject, uint256 value) = (change.subject, change.value);
        Limits storage limits = _policies[policy].limits;
        require(kind != ChangeKind.Guardian, ChangeForbidden(kind));
        if (kind == ChangeKind.Measurement) {
            _endMeasurement(policy, subject, value);
            return;
        } else if (kind == ChangeKind.Paused) {
            _requireEffect(policy, kind, !_words[policy].isPaused());
            _words[policy] = _words[policy].withPause(true);
        } else if (kind == ChangeKind.PlatformList) {
            _requireEffect(policy, kind, !limits.platformList);
            limits.platformList = true;
        } else if (kind == ChangeKind.Statuses) {
            _requireBits(policy, kind, value, type(uint32).max, limits.statuses);
            limits.statuses &= ~uint32(value);
        } else if (kind == ChangeKind.Flags) {
            _requireBits(policy, kind, value, type(uint16).max, limits.flags);
            limits.flags &= ~uint16(value);
        } else if (kind >= ChangeKind.MinTcbEval && kind <= ChangeKind.KeysPerPlatform) {
            _requireLimit(kind, value);
            require(kind != ChangeKind.MaxEvidenceAge || limits.maxEvidenceAge != 0, ChangeForbidden(kind));
            _requireEffect(policy, kind, _looseness(kind, value) < _looseness(kind, _limit(limits, kind)));
            _setLimit(limits, kind, value);
            if (kind == ChangeKind.MaxEvidenceAge) return;
        } else {
            _list(policy, kind, subject, kind == ChangeKind.PlatformDenied);
        }
        _beginEpoch(policy);
    }

    function _addMeasurement(PolicyId policy, Change calldata change) private {
        bytes32 measurement = change.subject;
        require(_numbers[policy][measurement] == 0, MeasurementKnown(policy, measurement));
        require(change.value >> 80 == 0, LimitInvalid(ChangeKind.Measurement, change.value, type(uint80).max));
        // Both fit: the value has 80 bits.
        (uint40 from, uint40 until) = (uint40(change.value >> 40), uint40(change.value));
        uint40 current = _now();
        // What was not accepted yesterday cannot be made to look so today.
        if (from < current) from = current;
        require(from < until, ValidityInvalid(from, until));
        uint32 number = ++_policies[policy].measurements;
        _numbers[policy][measurement] = number;
        _measurements[policy][number] = Measurement({from: from, until: until, epoch: 0, index: 0, value: measurement});
        emit MeasurementAdded(policy, measurement, from, until, change.commit, change.recipe);
    }

    /// @dev Brings the end of a measurement forward to `time`, or to now where that has passed.
    function _endMeasurement(PolicyId policy, bytes32 measurement, uint256 time) private {
        Measurement storage entry = _measurements[policy][_numberOf(policy, measurement)];
        (uint40 from, uint40 until, uint40 current) = (entry.from, entry.until, _now());
        require(current < until, MeasurementNotValid(policy, measurement, from, until));
        require(time < until, ChangeWithoutEffect(policy, ChangeKind.Measurement));
        bool revoked = time <= current;
        // Below `until`, so it fits. One that has not begun ends where it would have begun, so that the interval stays in
        // order, and empty.
        uint40 end = revoked ? current : uint40(time);
        if (end < from) end = from;
        entry.until = end;
        if (entry.epoch == _words[policy].epoch()) {
            // Keys under the index end with it; those of a measurement that has time left come back through `refresh`.
            _words[policy] = _words[policy].withEnded(entry.index);
            _indexEnds[policy][entry.epoch][entry.index] = current;
            entry.epoch = 0;
        }
        if (revoked) emit MeasurementRevoked(policy, measurement);
        else emit MeasurementDeprecated(policy, measurement, end);
    }

    function _list(PolicyId policy, ChangeKind kind, bytes32 subject, bool listed) private {
        _requireEffect(policy, kind, _listed[policy][kind][subject] != listed);
        _listed[policy][kind][subject] = listed;
    }

    function _setLimit(Limits storage limits, ChangeKind kind, uint256 value) private {
        // `_requireLimit` has bounded it: 40 bits hold it, and 32 where it is a number of the TCB or of keys.
        if (kind == ChangeKind.MinTcbEval) limits.minTcbEval = uint32(value);
        else if (kind == ChangeKind.MaxEvidenceAge) limits.maxEvidenceAge = uint40(value);
        else if (kind == ChangeKind.Heartbeat) limits.heartbeat = uint40(value);
        else if (kind == ChangeKind.MaxKeyAge) limits.maxKeyAge = uint40(value);
        else limits.keysPerPlatform = uint32(value);
    }

    function _limit(Limits storage limits, ChangeKind kind) private view returns (uint256) {
        if (kind == ChangeKind.MinTcbEval) return limits.minTcbEval;
        if (kind == ChangeKind.MaxKeyAge) return limits.maxKeyAge;
        if (kind == ChangeKind.MaxEvidenceAge) return limits.maxEvidenceAge;
        if (kind == ChangeKind.Heartbeat) return limits.heartbeat;
        return limits.keysPerPlatform;
    }

    /// @dev Grows with how much `value` lets pass: 0 is no limit, and of the TCB number the lowest.
    function _looseness(ChangeKind kind, uint256 value) private pure returns (uint256) {
        unchecked {
            // 0 becomes the greatest.
            return kind == ChangeKind.MinTcbEval ? ~value : value - 1;
        }
    }

    /// @dev A verifier names a format, and that of the development root on local chains only.
    function _requireVerifier(address verifier) private view {
        (bool ok, uint256 size, bytes memory answer) = BoundedCall.ask(
            verifier,
            abi.encodeCall(IAttestationVerifier.format, ()),
            32
        );
        bytes32 format = ok && size == 32 ? bytes32(answer) : bytes32(0);
        require(format != 0, VerifierInvalid(verifier));
        require(
            format != DEVELOPMENT_FORMAT || isLocalChain(block.chainid),
            DevelopmentRootOnLiveNetwork(block.chainid)
        );
    }

    function _requireGuard(PolicyId policy) private view {
        _ownerOf(policy);
        require(_isGuard(policy, msg.sender), NotPolicyGuard(policy, msg.sender));
    }

    function _requireFlags(PolicyId policy, uint16 flags) private view {
        require(flags & CLAIM_DEBUG == 0 || _words[policy].isTest(), ChangeForbidden(ChangeKind.Flags));
    }

    function _requireLimit(ChangeKind kind, uint256 value) private pure {
        uint256 most = type(uint40).max;
        if (kind == ChangeKind.MinTcbEval) most = type(uint32).max;
        if (kind == ChangeKind.KeysPerPlatform) most = MAX_KEYS_PER_PLATFORM;
        require(value <= most, LimitInvalid(kind, value, most));
        require(value != 0 || kind != ChangeKind.MaxKeyAge, ValidityInvalid(0, 0));
    }

    /// @dev `value` is a set of bits up to `most`, and one of them is among those that can change.
    function _requireBits(
        PolicyId policy,
        ChangeKind kind,
        uint256 value,
        uint256 most,
        uint256 changeable
    ) private pure {
        require(value <= most, LimitInvalid(kind, value, most));
        _requireEffect(policy, kind, value & changeable != 0);
    }

    function _requireEffect(PolicyId policy, ChangeKind kind, bool effect) private pure {
        require(effect, ChangeWithoutEffect(policy, kind));
    }

    /// @dev When a proposal can be activated; zero where there is none, or a restriction came after it. Else whoever keeps
    /// proposals ready could undo a restriction at once.
    function _pending(PolicyId policy, Change calldata change) private view returns (uint40 time) {
        time = _readyAt[policy][_proposalId(change)];
        uint256 restricted = _restrictedAt[policy][change.kind][_subjectOf(change)];
        if (restricted != 0 && time < restricted + _policies[policy].delay) return 0;
    }

    /// @dev The subject, zero for kinds without one, whatever stands there.
    function _subjectOf(Change calldata change) private pure returns (bytes32) {
        ChangeKind kind = change.kind;
        bool named =
            kind <= ChangeKind.Measurement || (kind >= ChangeKind.Advisories && kind <= ChangeKind.PlatformDenied);
        return named ? change.subject : bytes32(0);
    }

    function _proposalId(Change calldata change) private pure returns (bytes32) {
        return keccak256(abi.encode(change));
    }

    /// @dev The low 160 bits; higher ones are refused, so that an account has one subject.
    function _address(bytes32 subject) private pure returns (address) {
        require(uint256(subject) >> 160 == 0, LimitInvalid(ChangeKind.Verifier, uint256(subject), type(uint160).max));
        return address(uint160(uint256(subject)));
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
