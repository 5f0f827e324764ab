// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChangeKind, IEnclavePolicies} from "../interfaces/IEnclavePolicies.sol";
import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../interfaces/IBindingScheme.sol";
import {KeyId} from "../interfaces/IReceiptKey.sol";
import {PolicyId} from "../types/Ids.sol";
import {KeyWord, MAX_INDEXES, PolicyWord} from "./EnclaveWords.sol";

/// @notice Storage of the enclave registry, and what both of its halves do with it.
/// @dev `EnclaveRegistry` holds the storage and knows keys; `EnclavePolicies` is code that the registry runs on its own
/// storage, for a contract can have 24,576 bytes and no more. Both inherit this and add no storage.
abstract contract EnclaveBook {
    /// @param owner Never zero once the policy exists.
    /// @param measurements How many were ever added; also the number of the last.
    /// @param indexes How many measurements have an index in this epoch.
    /// @param offered Account that may take the policy over, zero for none.
    struct Policy {
        address owner;
        uint40 delay;
        uint32 measurements;
        uint8 indexes;
        address guardian;
        address offered;
        Limits limits;
    }

    /// @dev One slot; as in `PolicyTerms`.
    struct Limits {
        uint40 maxKeyAge;
        uint40 maxEvidenceAge;
        uint40 heartbeat;
        uint32 keysPerPlatform;
        uint32 minTcbEval;
        uint32 statuses;
        uint16 flags;
        bool platformList;
    }

    /// @param epoch Epoch in which `index` means this measurement; zero for none.
    struct Measurement {
        uint40 from;
        uint40 until;
        uint32 epoch;
        uint8 index;
        bytes32 value;
    }

    /// @param past How many words were archived.
    /// @param measurement Its number under the policy.
    struct Key {
        KeyWord word;
        address operator;
        uint8 kind;
        uint40 attestedAt;
        uint40 compromisedSince;
        IAttestationVerifier verifier;
        uint32 tcbEval;
        uint8 tcbStatus;
        uint16 flags;
        uint32 past;
        IBindingScheme scheme;
        uint32 measurement;
        bytes32 platform;
        bytes32 advisories;
        string endpoint;
    }

    /// @dev With a key's word all that `requireValidKey` reads.
    mapping(PolicyId policy => PolicyWord word) internal _words;

    mapping(PolicyId policy => Policy record) internal _policies;

    /// @dev Verifier, Scheme, Advisories, PlatformAllowed and PlatformDenied.
    mapping(PolicyId policy => mapping(ChangeKind kind => mapping(bytes32 subject => bool))) internal _listed;

    mapping(PolicyId policy => mapping(bytes32 proposal => uint40 time)) internal _readyAt;

    /// @dev INV-E1: a measurement has one number under a policy, and its `until` never grows. `_addMeasurement` refuses a
    /// known value; `_endMeasurement` only lowers `until`. Nobody else writes them.
    mapping(PolicyId policy => mapping(uint256 number => Measurement entry)) internal _measurements;

    mapping(PolicyId policy => mapping(bytes32 measurement => uint256 number)) internal _numbers;

    /// @dev INV-E2: a key keeps its first operator, and once superseded or revoked is never valid again. `registerKey`
    /// refuses another operator; nothing leads away from these two states.
    mapping(PolicyId policy => mapping(KeyId key => Key entry)) internal _keys;

    /// @dev Words that a key had before, by `from`, for `wasValidAt`.
    mapping(PolicyId policy => mapping(KeyId key => mapping(uint256 number => KeyWord word))) internal _past;

    mapping(PolicyId policy => mapping(uint256 epoch => uint40 time)) internal _epochEnds;

    mapping(PolicyId policy => mapping(uint256 epoch => mapping(uint256 index => uint40 time))) internal _indexEnds;

    mapping(PolicyId policy => mapping(bytes32 platform => mapping(uint256 slot => KeyId key))) internal _slots;

    /// @dev When `restrict` last named a subject, zero for kinds without one. What was proposed before it is void.
    mapping(PolicyId policy => mapping(ChangeKind kind => mapping(bytes32 subject => uint40 time)))
        internal _restrictedAt;

    /// @dev INV-E3: a key is valid only under the epoch that it was held against. Whatever makes a policy tighter calls
    /// this, or sets the bit of a measurement's index.
    function _beginEpoch(PolicyId policy) internal {
        PolicyWord word = _words[policy];
        _epochEnds[policy][word.epoch()] = _now();
        word = word.nextEpoch();
        _words[policy] = word;
        _policies[policy].indexes = 0;
        emit IEnclavePolicies.EpochBegun(policy, word.epoch());
    }

    /// @dev The index of measurement `number` in the policy's epoch, given where it has none. Where there is no room, the
    /// epoch ends.
    function _indexOf(PolicyId policy, uint256 number) internal returns (uint8 index) {
        Measurement storage entry = _measurements[policy][number];
        uint32 epoch = _words[policy].epoch();
        if (entry.epoch == epoch) return entry.index;
        if (_policies[policy].indexes == MAX_INDEXES) {
            _beginEpoch(policy);
            epoch = _words[policy].epoch();
        }
        // Below MAX_INDEXES, so it fits.
        index = _policies[policy].indexes++;
        entry.epoch = epoch;
        entry.index = index;
    }

    function _requireOwner(PolicyId policy) internal view {
        address owner = _ownerOf(policy);
        require(msg.sender == owner, IEnclavePolicies.NotPolicyOwner(policy, msg.sender, owner));
    }

    function _isGuard(PolicyId policy, address account) internal view returns (bool) {
        return account == _policies[policy].owner || account == _policies[policy].guardian;
    }

    function _ownerOf(PolicyId policy) internal view returns (address owner) {
        owner = _policies[policy].owner;
        require(owner != address(0), IEnclavePolicies.PolicyUnknown(policy));
    }

    function _numberOf(PolicyId policy, bytes32 measurement) internal view returns (uint32) {
        uint256 number = _numbers[policy][measurement];
        require(number != 0, IEnclavePolicies.MeasurementUnknown(policy, measurement));
        // `_addMeasurement` is the only writer, with a 32-bit number.
        return uint32(number);
    }

    function _now() internal view returns (uint40) {
        // 40 bits of seconds last until the year 36812.
        return uint40(block.timestamp);
    }
}
