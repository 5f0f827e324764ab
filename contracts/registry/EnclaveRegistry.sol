// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

import {CLAIM_CONFIG, CLAIM_DEBUG, Claims, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {BOUND_TO_CHALLENGE, BOUND_TO_KEY, IBindingScheme} from "../interfaces/IBindingScheme.sol";
import {ChangeKind, IEnclavePolicies} from "../interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, KeyState, Registration} from "../interfaces/IEnclaveRegistry.sol";
import {KeyId, ReceiptKey} from "../interfaces/IReceiptKey.sol";
import {BoundedCall} from "../libraries/BoundedCall.sol";
import {ReceiptKeys} from "../libraries/ReceiptKeys.sol";
import {TeeAdapter} from "../proofs/TeeAdapter.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../types/Development.sol";
import {PolicyId} from "../types/Ids.sol";
import {isLocalChain} from "../types/Limits.sol";
import {EnclaveKeys} from "./EnclaveKeys.sol";
import {KeyFields, pack} from "./EnclaveWords.sol";

/// @notice Measurement policies, each with an owner, and the signing keys that evidence bound to them. No admin.
/// @dev `IEnclaveRegistry` is the manual of the whole. Calls of `IEnclavePolicies` run the code of `POLICIES` on this
/// contract's storage; that address is fixed here for ever. It is the TEE adapter, too, because it knows the keys.
contract EnclaveRegistry is EnclaveKeys {
    bytes32 private constant BINDING_TYPEHASH = keccak256(
        "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,uint8 keyKind,bytes key,"
        "string endpoint,bytes32 gpuClaims,bytes32 challenge)"
    );

    bytes32 private constant HEARTBEAT_TYPEHASH = keccak256(
        "Heartbeat(bytes32 policy,bytes32 key,uint40 counter,bytes32 blockHash)"
    );

    /// @dev Longest endpoint, in bytes.
    uint256 private constant MAX_ENDPOINT_BYTES = 256;

    /// @dev How many blocks back the chain remembers hashes.
    uint256 private constant MAX_CHALLENGE_AGE = 256;

    /// @dev How far the clock of evidence may be ahead of the block's, seconds.
    uint256 private constant MAX_CLOCK_SKEW = 5 minutes;

    /// @dev Length of ABI-encoded `Claims`: thirteen words, all static.
    uint256 private constant CLAIMS_BYTES = 13 * 32;

    /// @notice Code of the half that knows policies.
    IEnclavePolicies public immutable POLICIES;

    /// @notice Checks signatures of P-256 and RSA keys.
    IERC7913SignatureVerifier public immutable KEY_VERIFIER;

    /// @inheritdoc IEnclaveKeys
    IBindingScheme public immutable CANONICAL_BINDING;

    /// @notice Thrown by the constructor for a part that is not there.
    error PartMissing(address part);

    constructor(IEnclavePolicies policies, IERC7913SignatureVerifier keyVerifier, IBindingScheme canonicalBinding) {
        require(address(policies).code.length != 0, PartMissing(address(policies)));
        require(address(keyVerifier).code.length != 0, PartMissing(address(keyVerifier)));
        require(address(canonicalBinding).code.length != 0, PartMissing(address(canonicalBinding)));
        (POLICIES, KEY_VERIFIER, CANONICAL_BINDING) = (policies, keyVerifier, canonicalBinding);
    }

    /// @dev Everything of `IEnclavePolicies`. What neither half knows reverts without data.
    fallback() external {
        address policies = address(POLICIES);
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let ok := delegatecall(gas(), policies, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            if iszero(ok) {
                revert(free, returndatasize())
            }
            return(free, returndatasize())
        }
    }

    /// @inheritdoc IEnclaveKeys
    function registerKey(Registration calldata registration) external returns (KeyId key) {
        PolicyId policy = registration.policy;
        _requireOpen(policy);
        uint256 length = bytes(registration.endpoint).length;
        require(length <= MAX_ENDPOINT_BYTES, EndpointTooLong(length, MAX_ENDPOINT_BYTES));
        key = keyIdOf(registration.key);
        bytes32 challenge = keccak256(abi.encode(_recentHash(registration.challengeBlock), msg.sender));
        bytes32 context = bindingOf(
            policy,
            msg.sender,
            registration.key,
            registration.endpoint,
            registration.gpuClaims,
            challenge
        );
        ReceiptKey calldata publicKey = registration.key;
        require(_isSigned(publicKey.kind, publicKey.data, context, registration.keySignature), KeyProofInvalid(key));
        Key storage entry = _keys[policy][key];
        if (!entry.word.isUnknown()) {
            require(entry.operator == msg.sender, KeyTaken(policy, key));
            _requireActive(policy, key, entry);
        }
        entry.verifier = registration.verifier;
        entry.scheme = registration.scheme;
        Claims memory claims = _claimsOf(policy, registration);
        _requireBound(policy, registration, claims, context, challenge);
        _register(registration, key, claims);
    }

    /// @inheritdoc IEnclaveKeys
    function refresh(PolicyId policy, KeyId key) external {
        Key storage entry = _entryOf(policy, key);
        _requireOpen(policy);
        _requireActive(policy, key, entry);
        _hold(policy, key, entry);
        KeyFields memory fields = entry.word.unpack();
        emit KeyRefreshed(policy, key, fields.from, fields.until);
    }

    /// @inheritdoc IEnclaveKeys
    function heartbeat(
        PolicyId policy,
        ReceiptKey calldata publicKey,
        uint40 counter,
        uint256 blockNumber,
        bytes calldata signature
    ) external {
        KeyId key = keyIdOf(publicKey);
        Key storage entry = _entryOf(policy, key);
        _requireActive(policy, key, entry);
        require(_policies[policy].limits.heartbeat != 0, HeartbeatUnused(policy));
        KeyFields memory fields = entry.word.unpack();
        require(counter > fields.counter, CounterNotHigher(counter, fields.counter));
        bytes32 digest = heartbeatDigest(policy, key, counter, _recentHash(blockNumber));
        require(_isSigned(publicKey.kind, publicKey.data, digest, signature), KeyProofInvalid(key));
        fields.counter = counter;
        fields.beat = _now();
        fields.until = _due(policy, fields);
        if (fields.epoch == _words[policy].epoch() && !_words[policy].hasEnded(fields.index)) {
            require(block.timestamp < fields.end, KeyNotValid(policy, key, fields.from, fields.end));
            _write(policy, key, fields);
        } else {
            // As long as the key has not been refreshed, a sign of life alone does not bring it back.
            revert KeyStale(policy, key, fields.epoch, _words[policy].epoch());
        }
        emit Heartbeat(policy, key, counter, fields.until);
    }

    /// @inheritdoc IEnclaveKeys
    function supersede(PolicyId policy, KeyId key, KeyId successor) external {
        Key storage entry = _entryOf(policy, key);
        require(msg.sender == entry.operator, NotKeyManager(policy, key, msg.sender));
        require(msg.sender == _entryOf(policy, successor).operator, NotKeyManager(policy, successor, msg.sender));
        require(key != successor, KeyTaken(policy, key));
        _requireValidKey(policy, successor);
        _requireActive(policy, key, entry);
        _end(entry, KeyState.Superseded);
        emit KeySuperseded(policy, key, successor);
    }

    /// @inheritdoc IEnclaveKeys
    function revokeKey(PolicyId policy, KeyId key) external {
        Key storage entry = _entryOf(policy, key);
        require(msg.sender == entry.operator || _isGuard(policy, msg.sender), NotKeyManager(policy, key, msg.sender));
        _requireActive(policy, key, entry);
        _end(entry, KeyState.Revoked);
        emit KeyRevoked(policy, key, msg.sender);
    }

    /// @inheritdoc IEnclaveKeys
    function declareCompromised(PolicyId policy, KeyId key, uint40 since) external {
        Key storage entry = _entryOf(policy, key);
        require(_isGuard(policy, msg.sender), NotKeyManager(policy, key, msg.sender));
        require(since <= block.timestamp, TimeInFuture(since, block.timestamp));
        uint40 before = entry.compromisedSince;
        // Zero means never, so the first second of all takes the place of it.
        if (since == 0) since = 1;
        require(before == 0 || since < before, TimeInFuture(since, before));
        entry.compromisedSince = since;
        _end(entry, KeyState.Revoked);
        emit KeyCompromised(policy, key, since, msg.sender);
    }

    /// @inheritdoc IEnclaveKeys
    function bindingOf(
        PolicyId policy,
        address operator,
        ReceiptKey calldata key,
        string calldata endpoint,
        bytes32 gpuClaims,
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
                    key.kind,
                    keccak256(key.data),
                    keccak256(bytes(endpoint)),
                    gpuClaims,
                    challenge
                )
            );
    }

    /// @inheritdoc IEnclaveKeys
    function heartbeatDigest(
        PolicyId policy,
        KeyId key,
        uint40 counter,
        bytes32 blockHash
    ) public view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(HEARTBEAT_TYPEHASH, policy, key, counter, blockHash));
        return TypedData.digest(TypedData.domainSeparator(block.chainid, address(this)), structHash);
    }

    /// @inheritdoc IEnclaveKeys
    function keyIdOf(ReceiptKey calldata key) public pure returns (KeyId) {
        return ReceiptKeys.idOf(key.kind, key.data);
    }

    /// @dev Stores what the evidence said, and holds the key against the policy.
    function _register(Registration calldata registration, KeyId key, Claims memory claims) private {
        PolicyId policy = registration.policy;
        Key storage entry = _keys[policy][key];
        entry.operator = msg.sender;
        entry.kind = registration.key.kind;
        entry.attestedAt = _now();
        entry.tcbEval = claims.tcbEval;
        entry.tcbStatus = claims.tcbStatus;
        bytes32 listed;
        (entry.flags, entry.measurement, listed) = _measured(policy, claims);
        entry.platform = claims.platform;
        entry.advisories = claims.advisories;
        entry.endpoint = registration.endpoint;
        _hold(policy, key, entry);
        KeyFields memory fields = entry.word.unpack();
        emit KeyRegistered(
            policy,
            key,
            msg.sender,
            registration.key,
            listed,
            claims.platform,
            fields.from,
            fields.until,
            registration.endpoint,
            registration.gpuClaims
        );
    }

    /// @dev Which listed measurement the evidence has. Where it has a configuration, too (RTMR3 of a trust domain, PCR3 of a
    /// Nitro enclave, CONFIGID of SGX), that is the hash of both; else the measurement alone, marked with CLAIM_CONFIG, which
    /// policies refuse that do not allow it.
    function _measured(
        PolicyId policy,
        Claims memory claims
    ) private view returns (uint16 flags, uint32 number, bytes32 listed) {
        flags = claims.flags & ~CLAIM_CONFIG;
        listed = claims.measurement;
        if (claims.config != 0) {
            bytes32 both = keccak256(abi.encode(listed, claims.config));
            if (_numbers[policy][both] != 0) listed = both;
            else flags |= CLAIM_CONFIG;
        }
        number = _numberOf(policy, listed);
    }

    /// @dev Gives the key its interval under the policy as it is now, or reverts with what the policy does not take.
    function _hold(PolicyId policy, KeyId key, Key storage entry) private {
        _requireAdmissible(policy, entry);
        Measurement storage measurement = _measurements[policy][entry.measurement];
        (uint40 begin, uint40 limit, uint40 current) = (measurement.from, measurement.until, _now());
        require(
            begin <= current && current < limit,
            IEnclavePolicies.MeasurementNotValid(policy, measurement.value, begin, limit)
        );
        KeyFields memory fields = entry.word.unpack();
        uint256 end = uint256(entry.attestedAt) + _policies[policy].limits.maxKeyAge;
        // At most `limit`, which has 40 bits.
        fields.end = end < limit ? uint40(end) : limit;
        require(current < fields.end, KeyNotValid(policy, key, fields.from, fields.end));
        _takeSlot(policy, key, entry.platform);
        // Fresh evidence is a sign of life.
        if (entry.attestedAt > fields.beat) fields.beat = entry.attestedAt;
        fields.until = _due(policy, fields);
        fields.index = _indexOf(policy, entry.measurement);
        fields.epoch = _words[policy].epoch();
        fields.state = uint8(KeyState.Active);
        _write(policy, key, fields);
    }

    /// @dev Ends a key now for ever. INV-E2.
    function _end(Key storage entry, KeyState state) private {
        KeyFields memory fields = entry.word.unpack();
        uint40 current = _now();
        if (current < fields.until) fields.until = current;
        if (current < fields.end) fields.end = current;
        fields.state = uint8(state);
        entry.word = pack(fields);
    }

    /// @dev What the evidence says, once it is genuine, in time, of no debug enclave, and of no development root on a live
    /// chain.
    function _claimsOf(
        PolicyId policy,
        Registration calldata registration
    ) private view returns (Claims memory claims) {
        address verifier = address(registration.verifier);
        require(_isListed(policy, ChangeKind.Verifier, verifier), VerifierNotAllowed(policy, verifier));
        (bool ok, uint256 size, bytes memory answer) = BoundedCall.ask(
            verifier,
            abi.encodeCall(IAttestationVerifier.verify, (registration.evidence, registration.hints)),
            CLAIMS_BYTES
        );
        if (!ok) {
            require(size != 0, IEnclavePolicies.VerifierInvalid(verifier));
            BoundedCall.fail(answer);
        }
        require(size == CLAIMS_BYTES && _isClaims(answer), IEnclavePolicies.VerifierInvalid(verifier));
        claims = abi.decode(answer, (Claims));
        require(
            claims.format != DEVELOPMENT_FORMAT || isLocalChain(block.chainid),
            DevelopmentRootOnLiveNetwork(block.chainid)
        );
        // Asked of keys that stand by `_requireAdmissible`, too. Here it comes before all that a debug enclave may lack.
        require(
            claims.flags & CLAIM_DEBUG == 0 || _policies[policy].limits.flags & CLAIM_DEBUG != 0,
            DebugEnclave(claims.measurement)
        );
        require(block.timestamp <= claims.notAfter, EvidenceExpired(claims.notAfter));
    }

    /// @dev Reverts unless the evidence speaks for the key and is fresh.
    function _requireBound(
        PolicyId policy,
        Registration calldata registration,
        Claims memory claims,
        bytes32 context,
        bytes32 challenge
    ) private view {
        address scheme = address(registration.scheme);
        require(_isListed(policy, ChangeKind.Scheme, scheme), SchemeNotAllowed(policy, scheme));
        (bool ok, uint256 size, bytes memory answer) = BoundedCall.ask(
            scheme,
            abi.encodeCall(IBindingScheme.check, (claims, registration.key, context, challenge, registration.aux)),
            32
        );
        if (!ok && size != 0) BoundedCall.fail(answer);
        bytes32 strength = ok && size == 32 ? bytes32(answer) : bytes32(0);
        require(strength == BOUND_TO_CHALLENGE || strength == BOUND_TO_KEY, SchemeRefused(scheme));

        uint40 maxAge = _policies[policy].limits.maxEvidenceAge;
        uint64 issuedAt = claims.issuedAt;
        // Where no challenge tells the age, there must be a time, and a limit to it.
        bool timed = issuedAt != 0 && maxAge != 0;
        require(timed || strength == BOUND_TO_CHALLENGE, EvidenceAgeInvalid(issuedAt, maxAge));
        if (issuedAt == 0) return;
        require(issuedAt <= block.timestamp + MAX_CLOCK_SKEW, EvidenceAgeInvalid(issuedAt, maxAge));
        require(maxAge == 0 || block.timestamp <= uint256(issuedAt) + maxAge, EvidenceAgeInvalid(issuedAt, maxAge));
    }

    /// @dev Whether the words of narrow fields are narrow, so that decoding does not revert without a reason.
    function _isClaims(bytes memory answer) private pure returns (bool narrow) {
        assembly ("memory-safe") {
            let fields := add(answer, 0x20)
            let wide := shr(64, or(mload(add(fields, 0xe0)), mload(add(fields, 0x100))))
            wide := or(wide, shr(32, mload(add(fields, 0x120))))
            wide := or(wide, shr(8, mload(add(fields, 0x140))))
            wide := or(wide, shr(16, mload(add(fields, 0x160))))
            narrow := iszero(wide)
        }
    }

    /// @inheritdoc TeeAdapter
    function _isSigned(
        uint8 kind,
        bytes calldata data,
        bytes32 digest,
        bytes calldata signature
    ) internal view override returns (bool) {
        return ReceiptKeys.isSigned(KEY_VERIFIER, kind, data, digest, signature);
    }

    function _due(PolicyId policy, KeyFields memory fields) private view returns (uint40) {
        uint256 period = _policies[policy].limits.heartbeat;
        uint256 due = fields.beat + period;
        // Below `end`, which has 40 bits.
        return period == 0 || due >= fields.end ? fields.end : uint40(due);
    }

    function _requireOpen(PolicyId policy) private view {
        _ownerOf(policy);
        require(!_words[policy].isPaused(), PolicyPaused(policy));
    }

    function _requireActive(PolicyId policy, KeyId key, Key storage entry) private view {
        KeyState state = KeyState(entry.word.unpack().state);
        require(state == KeyState.Active, KeyEnded(policy, key, state));
    }

    /// @dev Hash of a block at most 256 back, so that what holds it is younger than that block.
    function _recentHash(uint256 blockNumber) private view returns (bytes32) {
        require(
            blockNumber < block.number && block.number - blockNumber <= MAX_CHALLENGE_AGE,
            ChallengeTooOld(blockNumber, block.number)
        );
        bytes32 hash = blockhash(blockNumber);
        // A chain that tells no hashes has no challenges: evidence for one would be good for ever.
        require(hash != 0, ChallengeTooOld(blockNumber, block.number));
        return hash;
    }
}
