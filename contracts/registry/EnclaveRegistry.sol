// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {CLAIM_DEBUG, Claims, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {EnclaveKey, IEnclaveRegistry, Validity} from "../interfaces/IEnclaveRegistry.sol";
import {TeeAdapter} from "../proofs/TeeAdapter.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../types/Development.sol";
import {PolicyId} from "../types/Ids.sol";
import {isLocalChain} from "../types/Limits.sol";

/// @notice Measurement policies, each with an owner, and the signing keys that evidence bound to them. No admin.
/// @dev `IEnclaveRegistry` is the manual. It is the TEE adapter, too, because it knows the keys.
contract EnclaveRegistry is IEnclaveRegistry, TeeAdapter {
    /// @dev First word of what a binding hashes.
    bytes32 private constant BINDING_TYPEHASH = keccak256(
        "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,address key,"
        "string endpoint,bytes32 challenge)"
    );

    /// @dev Longest endpoint, in bytes.
    uint256 private constant MAX_ENDPOINT_BYTES = 256;

    /// @dev How many blocks back the chain remembers hashes.
    uint256 private constant MAX_CHALLENGE_AGE = 256;

    /// @dev Length of ABI-encoded `Claims`: thirteen words, all static.
    uint256 private constant CLAIMS_BYTES = 13 * 32;

    /// @param owner Never zero once the policy exists.
    /// @param maxKeyAge Longest validity of a key, in seconds.
    /// @param measurements How many measurements were ever added; also the number of the last.
    /// @param offered Account that may take the policy over, zero for none.
    struct Policy {
        address owner;
        uint40 maxKeyAge;
        uint32 measurements;
        address offered;
    }

    /// @dev The first slot is all that `requireValidKey` reads: 40-bit from | 40-bit until, least significant first.
    struct Measurement {
        uint40 from;
        uint40 until;
        bytes32 value;
    }

    /// @dev The first slot is all that `requireValidKey` reads: 40-bit from | 40-bit until | 32-bit number of the
    /// measurement, never zero | 8-bit revoked, least significant first.
    struct Key {
        uint40 from;
        uint40 until;
        uint32 measurement;
        bool revoked;
        address operator;
        string endpoint;
    }

    mapping(PolicyId policy => Policy record) private _policies;

    mapping(PolicyId policy => mapping(IAttestationVerifier verifier => bool allowed)) private _verifiers;

    /// @dev INV-E1: a measurement has one number under a policy, and its `until` never grows. `addMeasurement` refuses
    /// a known value; `revokeMeasurement` only lowers `until`. Nobody else writes here.
    mapping(PolicyId policy => mapping(uint256 number => Measurement entry)) private _measurements;

    mapping(PolicyId policy => mapping(bytes32 measurement => uint256 number)) private _numbers;

    /// @dev INV-E2: a key keeps its first operator, and once revoked is never valid again. `registerKey` refuses
    /// another operator and a revoked key; `revoked` is never cleared.
    mapping(PolicyId policy => mapping(address key => Key entry)) private _keys;

    modifier onlyPolicyOwner(PolicyId policy) {
        address owner = ownerOf(policy);
        require(msg.sender == owner, NotPolicyOwner(policy, msg.sender, owner));
        _;
    }

    /// @inheritdoc IEnclaveRegistry
    function createPolicy(uint40 maxKeyAge, bytes32 salt) external returns (PolicyId policy) {
        policy = policyIdOf(msg.sender, salt);
        require(_policies[policy].owner == address(0), PolicyExists(policy));
        require(maxKeyAge != 0, ValidityInvalid(0, maxKeyAge));
        _policies[policy].owner = msg.sender;
        _policies[policy].maxKeyAge = maxKeyAge;
        emit PolicyCreated(policy, msg.sender, maxKeyAge, salt);
    }

    /// @inheritdoc IEnclaveRegistry
    function offerPolicyOwnership(PolicyId policy, address to) external onlyPolicyOwner(policy) {
        _policies[policy].offered = to;
        emit PolicyOwnershipOffered(policy, msg.sender, to);
    }

    /// @inheritdoc IEnclaveRegistry
    function acceptPolicyOwnership(PolicyId policy) external {
        address previous = ownerOf(policy);
        Policy storage entry = _policies[policy];
        require(msg.sender == entry.offered, NotOfferedOwner(policy, msg.sender, entry.offered));
        entry.owner = msg.sender;
        entry.offered = address(0);
        emit PolicyOwnershipTransferred(policy, previous, msg.sender);
    }

    /// @inheritdoc IEnclaveRegistry
    function allowVerifier(PolicyId policy, IAttestationVerifier verifier) external onlyPolicyOwner(policy) {
        bytes32 format = _formatOf(verifier);
        require(
            format != DEVELOPMENT_FORMAT || isLocalChain(block.chainid),
            DevelopmentRootOnLiveNetwork(block.chainid)
        );
        _verifiers[policy][verifier] = true;
        emit VerifierAllowed(policy, verifier);
    }

    /// @inheritdoc IEnclaveRegistry
    function forbidVerifier(PolicyId policy, IAttestationVerifier verifier) external onlyPolicyOwner(policy) {
        require(_verifiers[policy][verifier], VerifierNotAllowed(policy, address(verifier)));
        _verifiers[policy][verifier] = false;
        emit VerifierForbidden(policy, verifier);
    }

    /// @inheritdoc IEnclaveRegistry
    function addMeasurement(
        PolicyId policy,
        bytes32 measurement,
        uint40 from,
        uint40 until
    ) external onlyPolicyOwner(policy) {
        require(_numbers[policy][measurement] == 0, MeasurementKnown(policy, measurement));
        uint40 current = _now();
        // What was not accepted yesterday cannot be made to look so today.
        if (from < current) from = current;
        require(from < until, ValidityInvalid(from, until));
        uint32 number = ++_policies[policy].measurements;
        _numbers[policy][measurement] = number;
        _measurements[policy][number] = Measurement({from: from, until: until, value: measurement});
        emit MeasurementAdded(policy, measurement, from, until);
    }

    /// @inheritdoc IEnclaveRegistry
    function revokeMeasurement(PolicyId policy, bytes32 measurement) external onlyPolicyOwner(policy) {
        Measurement storage entry = _measurements[policy][_numberOf(policy, measurement)];
        (uint40 from, uint40 until, uint40 current) = (entry.from, entry.until, _now());
        require(current < until, MeasurementNotValid(policy, measurement, from, until));
        // One that has not begun ends where it would have begun, so that the interval stays in order, and empty.
        entry.until = current < from ? from : current;
        emit MeasurementRevoked(policy, measurement);
    }

    /// @inheritdoc IEnclaveRegistry
    function registerKey(
        PolicyId policy,
        IAttestationVerifier verifier,
        address key,
        string calldata endpoint,
        uint256 challengeBlock,
        bytes calldata evidence,
        bytes calldata hints,
        bytes calldata keySignature
    ) external {
        ownerOf(policy);
        require(_verifiers[policy][verifier], VerifierNotAllowed(policy, address(verifier)));
        require(
            bytes(endpoint).length <= MAX_ENDPOINT_BYTES,
            EndpointTooLong(bytes(endpoint).length, MAX_ENDPOINT_BYTES)
        );
        bytes32 binding = bindingOf(policy, msg.sender, key, endpoint, _challenge(challengeBlock));
        (address signer, , ) = ECDSA.tryRecoverCalldata(binding, keySignature);
        require(signer == key && key != address(0), KeyProofInvalid(key, signer));

        Claims memory claims = _claimsOf(verifier, evidence, hints);
        require(
            claims.format != DEVELOPMENT_FORMAT || isLocalChain(block.chainid),
            DevelopmentRootOnLiveNetwork(block.chainid)
        );
        require(claims.flags & CLAIM_DEBUG == 0, DebugEnclave(claims.measurement));
        require(claims.bind0 == binding, BindingMismatch(claims.bind0, binding));
        require(block.timestamp <= claims.notAfter, EvidenceExpired(claims.notAfter));
        _write(policy, key, claims.measurement, endpoint);
    }

    /// @inheritdoc IEnclaveRegistry
    function revokeKey(PolicyId policy, address key) external {
        Key storage entry = _keys[policy][key];
        require(entry.measurement != 0, KeyUnknown(policy, key));
        require(
            msg.sender == entry.operator || msg.sender == _policies[policy].owner,
            NotKeyManager(policy, key, msg.sender)
        );
        require(!entry.revoked, KeyNotValid(policy, key, entry.from, entry.until));
        entry.revoked = true;
        uint40 current = _now();
        if (current < entry.until) entry.until = current;
        emit KeyRevoked(policy, key, msg.sender);
    }

    /// @inheritdoc IEnclaveRegistry
    function requireValidKey(PolicyId policy, address key) external view {
        _requireValidKey(policy, key);
    }

    /// @inheritdoc IEnclaveRegistry
    function keyOf(PolicyId policy, address key) external view returns (EnclaveKey memory) {
        Key storage entry = _keys[policy][key];
        require(entry.measurement != 0, KeyUnknown(policy, key));
        return
            EnclaveKey({
                operator: entry.operator,
                validity: Validity({from: entry.from, until: entry.until}),
                measurement: _measurements[policy][entry.measurement].value,
                endpoint: entry.endpoint
            });
    }

    /// @inheritdoc IEnclaveRegistry
    function measurementOf(PolicyId policy, bytes32 measurement) external view returns (Validity memory) {
        Measurement storage entry = _measurements[policy][_numberOf(policy, measurement)];
        return Validity({from: entry.from, until: entry.until});
    }

    /// @inheritdoc IEnclaveRegistry
    function isVerifierAllowed(PolicyId policy, IAttestationVerifier verifier) external view returns (bool) {
        return _verifiers[policy][verifier];
    }

    /// @inheritdoc IEnclaveRegistry
    function bindingOf(
        PolicyId policy,
        address operator,
        address key,
        string calldata endpoint,
        bytes32 challenge
    ) public view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    BINDING_TYPEHASH,
                    block.chainid,
                    address(this),
                    policy,
                    operator,
                    key,
                    keccak256(bytes(endpoint)),
                    challenge
                )
            );
    }

    /// @inheritdoc IEnclaveRegistry
    function policyIdOf(address creator, bytes32 salt) public view returns (PolicyId) {
        return PolicyId.wrap(keccak256(abi.encode(block.chainid, address(this), creator, salt)));
    }

    /// @inheritdoc IEnclaveRegistry
    function ownerOf(PolicyId policy) public view returns (address owner) {
        owner = _policies[policy].owner;
        require(owner != address(0), PolicyUnknown(policy));
    }

    /// @dev Stores `key` for the caller, or extends it when it is already his.
    function _write(PolicyId policy, address key, bytes32 measurement, string calldata endpoint) private {
        uint32 number = _numberOf(policy, measurement);
        _requireValidMeasurement(policy, number);
        Key storage entry = _keys[policy][key];
        uint40 current = _now();
        uint40 from = current;
        if (entry.measurement != 0) {
            require(entry.operator == msg.sender, KeyTaken(policy, key));
            require(!entry.revoked, KeyNotValid(policy, key, entry.from, entry.until));
            // Renewed in time and unchanged, the key was valid without a gap since it began.
            if (current < entry.until && entry.measurement == number) from = entry.from;
        }
        uint256 until = uint256(current) + _policies[policy].maxKeyAge;
        uint40 limit = _measurements[policy][number].until;
        if (until > limit) until = limit;
        entry.from = from;
        // At most `limit`, which has 40 bits.
        entry.until = uint40(until);
        entry.measurement = number;
        entry.operator = msg.sender;
        entry.endpoint = endpoint;
        emit KeyRegistered(policy, key, msg.sender, measurement, from, uint40(until), endpoint);
    }

    /// @dev Asks `verifier`. Its revert is passed on; an answer of any other length than `Claims` has is no answer.
    function _claimsOf(
        IAttestationVerifier verifier,
        bytes calldata evidence,
        bytes calldata hints
    ) private view returns (Claims memory) {
        (bool ok, bytes memory answer) = address(verifier).staticcall(
            abi.encodeCall(IAttestationVerifier.verify, (evidence, hints))
        );
        if (!ok) {
            require(answer.length != 0, VerifierInvalid(address(verifier)));
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        require(answer.length == CLAIMS_BYTES, VerifierInvalid(address(verifier)));
        return abi.decode(answer, (Claims));
    }

    /// @dev The format that `verifier` names; reverts when it names none.
    function _formatOf(IAttestationVerifier verifier) private view returns (bytes32 format) {
        (bool ok, bytes memory answer) = address(verifier).staticcall(abi.encodeCall(IAttestationVerifier.format, ()));
        require(ok && answer.length == 32, VerifierInvalid(address(verifier)));
        format = abi.decode(answer, (bytes32));
        require(format != 0, VerifierInvalid(address(verifier)));
    }

    /// @dev keccak256 of the hash of a recent block and the caller, so that evidence is younger than that block.
    function _challenge(uint256 blockNumber) private view returns (bytes32) {
        require(
            blockNumber < block.number && block.number - blockNumber <= MAX_CHALLENGE_AGE,
            ChallengeTooOld(blockNumber, block.number)
        );
        return keccak256(abi.encode(blockhash(blockNumber), msg.sender));
    }

    function _numberOf(PolicyId policy, bytes32 measurement) private view returns (uint32) {
        uint256 number = _numbers[policy][measurement];
        require(number != 0, MeasurementUnknown(policy, measurement));
        // `addMeasurement` is the only writer, with a 32-bit number.
        return uint32(number);
    }

    /// @inheritdoc TeeAdapter
    function _requireValidKey(PolicyId policy, address key) internal view override {
        Key storage entry = _keys[policy][key];
        (uint40 from, uint40 until, uint256 number) = (entry.from, entry.until, entry.measurement);
        require(number != 0, KeyUnknown(policy, key));
        require(_isNow(from, until), KeyNotValid(policy, key, from, until));
        _requireValidMeasurement(policy, number);
    }

    function _requireValidMeasurement(PolicyId policy, uint256 number) private view {
        Measurement storage entry = _measurements[policy][number];
        (uint40 from, uint40 until) = (entry.from, entry.until);
        if (!_isNow(from, until)) revert MeasurementNotValid(policy, entry.value, from, until);
    }

    function _isNow(uint40 from, uint40 until) private view returns (bool) {
        return from <= block.timestamp && block.timestamp < until;
    }

    function _now() private view returns (uint40) {
        // 40 bits of seconds last until the year 36812.
        return uint40(block.timestamp);
    }
}
