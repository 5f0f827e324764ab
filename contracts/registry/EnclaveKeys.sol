// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CLAIM_DEBUG} from "../interfaces/IAttestationVerifier.sol";
import {ChangeKind, IEnclavePolicies, Validity} from "../interfaces/IEnclavePolicies.sol";
import {EnclaveKey, IEnclaveKeys, KeyState} from "../interfaces/IEnclaveRegistry.sol";
import {KeyId} from "../interfaces/IReceiptKey.sol";
import {TeeAdapter} from "../proofs/TeeAdapter.sol";
import {PolicyId} from "../types/Ids.sol";
import {isLocalChain} from "../types/Limits.sol";
import {EnclaveBook} from "./EnclaveBook.sol";
import {KeyFields, KeyWord, PolicyWord, pack} from "./EnclaveWords.sol";

/// @notice What is asked of the keys of the enclave registry: whether they are valid, were valid, and may stay.
abstract contract EnclaveKeys is IEnclaveKeys, EnclaveBook, TeeAdapter {
    /// @dev Why a policy does not take what a key was registered with.
    enum Fault {
        None,
        Verifier,
        Scheme,
        Debug,
        Flags,
        TcbEval,
        TcbStatus,
        Advisories,
        Platform
    }

    /// @inheritdoc IEnclaveKeys
    function requireValidKey(PolicyId policy, KeyId key) external view {
        _requireValidKey(policy, key);
    }

    /// @inheritdoc IEnclaveKeys
    function wasValidAt(PolicyId policy, KeyId key, uint40 time) external view returns (bool) {
        require(time <= block.timestamp, TimeInFuture(time, block.timestamp));
        if (_words[policy].isTest() && !isLocalChain(block.chainid)) return false;
        Key storage entry = _keys[policy][key];
        if (entry.compromisedSince != 0 && entry.compromisedSince <= time) return false;
        // The last word that began at `time` or before: it took the place of all before it. `low` words did.
        (uint256 low, uint256 high) = (0, uint256(entry.past) + 1);
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_wordAt(policy, key, middle).unpack().from <= time) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return false;
        KeyFields memory fields = _wordAt(policy, key, low - 1).unpack();
        if (time >= fields.until) return false;
        uint40 end = _epochEnds[policy][fields.epoch];
        if (end != 0 && end <= time) return false;
        end = _indexEnds[policy][fields.epoch][fields.index];
        return end == 0 || time < end;
    }

    /// @inheritdoc IEnclaveKeys
    function keyOf(PolicyId policy, KeyId key) external view returns (EnclaveKey memory) {
        Key storage entry = _entryOf(policy, key);
        KeyFields memory fields = entry.word.unpack();
        return
            EnclaveKey({
                operator: entry.operator,
                validity: Validity({from: fields.from, until: fields.until}),
                measurement: _measurements[policy][entry.measurement].value,
                endpoint: entry.endpoint,
                kind: entry.kind,
                state: KeyState(fields.state),
                counter: fields.counter,
                end: fields.end,
                attestedAt: entry.attestedAt,
                compromisedSince: entry.compromisedSince,
                epoch: fields.epoch,
                verifier: entry.verifier,
                scheme: entry.scheme,
                platform: entry.platform,
                advisories: entry.advisories,
                tcbEval: entry.tcbEval,
                tcbStatus: entry.tcbStatus,
                flags: entry.flags
            });
    }

    /// @inheritdoc TeeAdapter
    function _requireValidKey(PolicyId policy, KeyId key) internal view override {
        KeyWord word = _keys[policy][key].word;
        PolicyWord state = _words[policy];
        if (word.holds(state, block.timestamp)) {
            if (!state.isTest() || isLocalChain(block.chainid)) return;
            revert TestPolicyOnLiveNetwork(policy, block.chainid);
        }
        _refuse(policy, key, word, state);
    }

    /// @dev Reverts with the reason for which `word` does not hold.
    function _refuse(PolicyId policy, KeyId key, KeyWord word, PolicyWord state) private view {
        require(!word.isUnknown(), KeyUnknown(policy, key));
        require(!state.isPaused(), PolicyPaused(policy));
        KeyFields memory fields = word.unpack();
        require(
            fields.from <= block.timestamp && block.timestamp < fields.until,
            KeyNotValid(policy, key, fields.from, fields.until)
        );
        Measurement storage entry = _measurements[policy][_keys[policy][key].measurement];
        require(
            block.timestamp < entry.until,
            IEnclavePolicies.MeasurementNotValid(policy, entry.value, entry.from, entry.until)
        );
        // The epoch is another, or the measurement has ended earlier than it once said, but not yet.
        revert KeyStale(policy, key, fields.epoch, state.epoch());
    }

    /// @dev Puts `next` in the place of a key's word. Where the key was valid up to now on the same terms it keeps its
    /// beginning; else the former word is kept for `wasValidAt`. INV-E4: archived words never change, and begin in order.
    function _write(PolicyId policy, KeyId key, KeyFields memory next) internal {
        Key storage entry = _keys[policy][key];
        KeyWord word = entry.word;
        next.from = _now();
        if (word.holds(_words[policy], block.timestamp)) {
            KeyFields memory fields = word.unpack();
            if (fields.index == next.index) next.from = fields.from;
        }
        // An interval that goes on covers all of the former one: `until` grows but by a revocation, which is written apart.
        if (!word.isUnknown() && next.from == _now() && word.unpack().from != next.from) {
            _past[policy][key][entry.past++] = word;
        }
        entry.word = pack(next);
    }

    /// @dev Reverts with the reason for which the policy does not take what `entry` was registered with.
    function _requireAdmissible(PolicyId policy, Key storage entry) internal view {
        Fault fault = _faultOf(policy, entry);
        if (fault == Fault.None) return;
        Limits storage limits = _policies[policy].limits;
        require(fault != Fault.Verifier, VerifierNotAllowed(policy, address(entry.verifier)));
        require(fault != Fault.Scheme, SchemeNotAllowed(policy, address(entry.scheme)));
        require(fault != Fault.Debug, DebugEnclave(_measurements[policy][entry.measurement].value));
        require(fault != Fault.Flags, FlagsNotAllowed(entry.flags, limits.flags));
        require(fault != Fault.TcbEval, TcbEvalTooLow(entry.tcbEval, limits.minTcbEval));
        require(fault != Fault.TcbStatus, TcbStatusNotAllowed(entry.tcbStatus));
        require(fault != Fault.Advisories, AdvisoriesNotAllowed(entry.advisories));
        revert PlatformNotAllowed(policy, entry.platform);
    }

    /// @dev Makes sure that the key has one of the platform's places, where they are counted. One whose holder could not
    /// come back is free.
    function _takeSlot(PolicyId policy, KeyId key, bytes32 platform) internal {
        uint256 limit = _policies[policy].limits.keysPerPlatform;
        if (limit == 0) return;
        require(platform != 0, PlatformNotAllowed(policy, platform));
        mapping(uint256 slot => KeyId key) storage slots = _slots[policy][platform];
        uint256 free = limit;
        // At most sixteen rounds: `EnclavePolicies` bounds the limit.
        for (uint256 i = 0; i < limit; ++i) {
            KeyId holder = slots[i];
            if (holder == key) return;
            if (free == limit && !_occupies(policy, holder, platform)) free = i;
        }
        require(free != limit, PlatformFull(policy, platform, limit));
        slots[free] = key;
    }

    function _entryOf(PolicyId policy, KeyId key) internal view returns (Key storage entry) {
        entry = _keys[policy][key];
        require(!entry.word.isUnknown(), KeyUnknown(policy, key));
    }

    /// @dev Whether `key` holds its place on `platform`: valid, or it would be after a heartbeat or `refresh`.
    function _occupies(PolicyId policy, KeyId key, bytes32 platform) private view returns (bool) {
        Key storage entry = _keys[policy][key];
        KeyFields memory fields = entry.word.unpack();
        if (fields.state != uint8(KeyState.Active) || entry.platform != platform) return false;
        if (block.timestamp >= fields.end || block.timestamp >= _measurements[policy][entry.measurement].until)
            return false;
        return fields.epoch == _words[policy].epoch() || _faultOf(policy, entry) == Fault.None;
    }

    function _faultOf(PolicyId policy, Key storage entry) private view returns (Fault) {
        Limits memory limits = _policies[policy].limits;
        uint16 flags = entry.flags;
        if (!_isListed(policy, ChangeKind.Verifier, address(entry.verifier))) return Fault.Verifier;
        if (!_isListed(policy, ChangeKind.Scheme, address(entry.scheme))) return Fault.Scheme;
        // Asked apart from the policy's flags, though no policy but a TEST one can have this one.
        if (flags & CLAIM_DEBUG != 0 && (limits.flags & CLAIM_DEBUG == 0 || !_words[policy].isTest()))
            return Fault.Debug;
        if (flags & ~limits.flags != 0) return Fault.Flags;
        if (entry.tcbEval < limits.minTcbEval) return Fault.TcbEval;
        if ((uint256(limits.statuses) >> entry.tcbStatus) & 1 == 0) return Fault.TcbStatus;
        bytes32 advisories = entry.advisories;
        if (advisories != 0 && !_listed[policy][ChangeKind.Advisories][advisories]) return Fault.Advisories;
        bytes32 platform = entry.platform;
        if (_listed[policy][ChangeKind.PlatformDenied][platform]) return Fault.Platform;
        if (!limits.platformList) return Fault.None;
        return _listed[policy][ChangeKind.PlatformAllowed][platform] ? Fault.None : Fault.Platform;
    }

    function _isListed(PolicyId policy, ChangeKind kind, address subject) internal view returns (bool) {
        return _listed[policy][kind][bytes32(uint256(uint160(subject)))];
    }

    function _wordAt(PolicyId policy, KeyId key, uint256 number) private view returns (KeyWord) {
        Key storage entry = _keys[policy][key];
        return number == entry.past ? entry.word : _past[policy][key][number];
    }
}
