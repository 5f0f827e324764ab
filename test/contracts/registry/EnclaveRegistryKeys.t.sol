// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../../../contracts/interfaces/IBindingScheme.sol";
import {IEnclavePolicies, Validity} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {
    EnclaveKey,
    IEnclaveKeys,
    IEnclaveRegistry,
    KeyState,
    Registration
} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KEY_SECP256K1, KeyId, ReceiptKey} from "../../../contracts/interfaces/IReceiptKey.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deployEnclaveRegistry} from "../../support/Deploy.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice Registration, renewal, succession and revocation of keys.
contract EnclaveRegistryKeysTest is EnclaveRegistryBase {
    function test_registerKey_storesWhatItWasTold() public {
        register();
        EnclaveKey memory entry = registry.keyOf(policy, key);
        Check.equal(entry.operator, OPERATOR, "operator");
        Check.equal(entry.validity.from, START, "from");
        Check.equal(entry.validity.until, START + MAX_AGE, "until");
        Check.equal(entry.end, START + MAX_AGE, "end");
        Check.equal(entry.measurement, MEASUREMENT, "measurement");
        Check.equal(keccak256(bytes(entry.endpoint)), keccak256(bytes(ENDPOINT)), "endpoint");
        Check.equal(entry.kind, KEY_SECP256K1, "kind");
        Check.isTrue(entry.state == KeyState.Active, "state");
        Check.equal(entry.attestedAt, START, "attestedAt");
        Check.equal(entry.platform, PLATFORM, "platform");
        Check.equal(address(entry.verifier), address(verifier), "verifier");
        Check.equal(address(entry.scheme), address(canonical), "scheme");
        Check.equal(entry.epoch, 1, "epoch");
    }

    function test_key_isValidToTheSecond() public {
        register();
        Check.isTrue(isValid(), "in its first second");
        vm.warp(START - 1);
        Check.isTrue(!isValid(), "a second before");
        vm.warp(START + MAX_AGE - 1);
        Check.isTrue(isValid(), "in its last second");
        vm.warp(START + MAX_AGE);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.requireValidKey, (policy, key)),
            abi.encodeWithSelector(IEnclaveKeys.KeyNotValid.selector, policy, key, START, START + MAX_AGE),
            "a second after"
        );
    }

    function test_key_endsWithItsMeasurement() public {
        vm.warp(UNTIL - 10);
        register();
        Check.equal(registry.keyOf(policy, key).validity.until, UNTIL, "until");
        vm.warp(UNTIL - 1);
        Check.isTrue(isValid(), "in the last second");
        vm.warp(UNTIL);
        Check.isTrue(!isValid(), "a second after");
    }

    function test_registerKey_reverts_outsideTheMeasurementsInterval() public {
        bytes memory reason = measurementNotValid(UNTIL);
        vm.warp(START - 1);
        refuses(OPERATOR, registration(OPERATOR), reason, "before it begins");
        vm.warp(UNTIL);
        refuses(OPERATOR, registration(OPERATOR), reason, "after it ended");
    }

    function test_registerKey_reverts_asSoonAsEvidenceHasExpired() public {
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.notAfter = uint64(block.timestamp) - 1;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(IEnclaveKeys.EvidenceExpired.selector, claims.notAfter),
            "a second after its end"
        );
        claims.notAfter += 1;
        passes(OPERATOR, registration(OPERATOR, claims), "in its last second");
    }

    // Binding

    function testFuzz_registerKey_reverts_onAnyOtherBinding(bytes32 other) public {
        bytes32 expected = bindingFor(OPERATOR);
        vm.assume(other != expected && other != sha256(abi.encodePacked(expected)));
        refuses(
            OPERATOR,
            registration(OPERATOR, honest(other)),
            abi.encodeWithSelector(IBindingScheme.BindingMismatch.selector, other, expected),
            "another binding"
        );
    }

    function test_bindingOf_changesWithEverything() public {
        bytes32 challenge = challengeFor(OPERATOR);
        ReceiptKey memory mine = publicKey();
        bytes32 first = registry.bindingOf(policy, OPERATOR, mine, ENDPOINT, 0, challenge);
        Check.equal(
            first,
            keccak256(
                abi.encode(
                    keccak256(
                        "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,uint8 keyKind,"
                        "bytes key,string endpoint,bytes32 gpuClaims,bytes32 challenge)"
                    ),
                    block.chainid,
                    address(registry),
                    policy,
                    OPERATOR,
                    KEY_SECP256K1,
                    keccak256(mine.data),
                    keccak256(bytes(ENDPOINT)),
                    bytes32(0),
                    challenge
                )
            ),
            "the definition"
        );
        bytes32[9] memory others;
        others[0] = registry.bindingOf(PolicyId.wrap(0), OPERATOR, mine, ENDPOINT, 0, challenge);
        others[1] = registry.bindingOf(policy, STRANGER, mine, ENDPOINT, 0, challenge);
        others[2] = registry.bindingOf(policy, OPERATOR, ReceiptKey(2, mine.data), ENDPOINT, 0, challenge);
        others[3] = registry.bindingOf(policy, OPERATOR, ReceiptKey(1, new bytes(20)), ENDPOINT, 0, challenge);
        others[4] = registry.bindingOf(policy, OPERATOR, mine, "", 0, challenge);
        others[5] = registry.bindingOf(policy, OPERATOR, mine, ENDPOINT, bytes32(uint256(1)), challenge);
        others[6] = registry.bindingOf(policy, OPERATOR, mine, ENDPOINT, 0, 0);
        others[7] = deployEnclaveRegistry().bindingOf(policy, OPERATOR, mine, ENDPOINT, 0, challenge);
        vm.chainId(1337);
        others[8] = registry.bindingOf(policy, OPERATOR, mine, ENDPOINT, 0, challenge);
        for (uint256 i = 0; i < others.length; ++i) Check.isTrue(others[i] != first, "a binding that did not change");
    }

    /// @dev Somebody's pending registration, sent by another: as it is, and with all made new that can be.
    function test_frontRunning_fails() public {
        bytes memory data = registration(OPERATOR);
        refuses(
            STRANGER,
            data,
            abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, key),
            "sent as it is by another"
        );
        // The thief's own key under the operator's evidence.
        bytes32 bound = bindingFor(OPERATOR);
        useKey(0x7417EF);
        Registration memory stolen = blank(STRANGER);
        stolen.evidence = abi.encode(honest(bound));
        refuses(
            STRANGER,
            encode(stolen),
            abi.encodeWithSelector(IBindingScheme.BindingMismatch.selector, bound, bindingFor(STRANGER)),
            "the evidence with the thief's key"
        );
        passes(OPERATOR, data, "the operator's own, after the attempts");
    }

    /// @dev Good evidence and a good signature, sent to a place they were not made for.
    function test_replay_failsEverywhere() public {
        Registration memory made = blank(OPERATOR);
        made.evidence = abi.encode(honest(bindingFor(OPERATOR)));
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, key);
        // Another endpoint, other GPUs, another block.
        made.endpoint = "https://thief.example";
        refuses(OPERATOR, encode(made), reason, "another endpoint");
        (made.endpoint, made.gpuClaims) = (ENDPOINT, bytes32(uint256(1)));
        refuses(OPERATOR, encode(made), reason, "other GPUs");
        (made.gpuClaims, made.challengeBlock) = (0, block.number - 2);
        refuses(OPERATOR, encode(made), reason, "another block");
        made.challengeBlock = block.number - 1;
        // Another policy.
        made.policy = registry.createPolicy(terms(), basics(), bytes32(uint256(1)));
        refuses(OPERATOR, encode(made), reason, "another policy");
        made.policy = policy;
        // Another key.
        made.key.data = abi.encodePacked(STRANGER);
        refuses(
            OPERATOR,
            encode(made),
            abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, registry.keyIdOf(made.key)),
            "another key"
        );
        made.key = publicKey();
        // Another chain with the same addresses.
        vm.chainId(8453);
        refuses(OPERATOR, encode(made), reason, "another chain");
        vm.chainId(10);
        // Another registry of the same owner, with a policy of the same id: forced, for no two registries make one.
        address here = address(registry);
        registry = deployEnclaveRegistry();
        PolicyId there = registry.createPolicy(terms(), basics(), 0);
        Check.isTrue(there != policy, "a policy's id names its registry");
        made.policy = there;
        refuses(OPERATOR, encode(made), reason, "another registry");
        registry = IEnclaveRegistry(here);
        made.policy = policy;
        passes(OPERATOR, encode(made), "where it was made for");
    }

    function testFuzz_registerKey_reverts_withoutTheKeysSignature(uint256 other) public {
        other = 1 + (other % (type(uint128).max));
        vm.assume(other != KEY);
        Registration memory made = blank(OPERATOR);
        made.evidence = abi.encode(honest(bindingFor(OPERATOR)));
        made.keySignature = sign(other, bindingFor(OPERATOR));
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, key);
        refuses(OPERATOR, encode(made), reason, "another key's signature");
    }

    function test_registerKey_reverts_onBadSignatures() public {
        bytes32 binding = bindingFor(OPERATOR);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, binding);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[5] memory bad = [
            abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27)),
            abi.encodePacked(r, s),
            abi.encodePacked(r, s, uint8(0)),
            abi.encodePacked(r, s, v, uint8(0)),
            bytes("")
        ];
        Registration memory made = blank(OPERATOR);
        made.evidence = abi.encode(honest(binding));
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, key);
        for (uint256 i = 0; i < bad.length; ++i) {
            made.keySignature = bad[i];
            refuses(OPERATOR, encode(made), reason, "a bad signature");
        }
    }

    function test_registerKey_reverts_onTheZeroKey() public {
        Registration memory made = blank(OPERATOR);
        made.key.data = new bytes(20);
        made.keySignature = new bytes(65);
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, registry.keyIdOf(made.key));
        refuses(OPERATOR, encode(made), reason, "v of no key");
        made.keySignature[64] = 0x1b;
        refuses(OPERATOR, encode(made), reason, "a key that ecrecover answers for nothing");
    }

    function test_keyIdOf_reverts_onForms() public {
        uint16[8] memory good = [1, 20, 2, 64, 3, 260, 3, 516];
        uint16[14] memory bad = [0, 20, 4, 64, 1, 19, 1, 21, 2, 63, 3, 259, 3, 517];
        for (uint256 i = 0; i < good.length; i += 2) {
            ReceiptKey memory made = ReceiptKey(uint8(good[i]), new bytes(good[i + 1]));
            KeyId id = registry.keyIdOf(made);
            Check.equal(KeyId.unwrap(id), keccak256(abi.encodePacked(made.kind, made.data)), "the id");
        }
        for (uint256 i = 0; i < bad.length; i += 2) {
            refuses(
                address(this),
                abi.encodeCall(IEnclaveKeys.keyIdOf, (ReceiptKey(uint8(bad[i]), new bytes(bad[i + 1])))),
                abi.encodeWithSelector(IEnclaveKeys.KeyFormInvalid.selector, bad[i], bad[i + 1]),
                "a bad form"
            );
        }
    }

    function testFuzz_registerKey_takesBlocksUpTo256Back(uint256 back) public {
        back = back % 300;
        uint256 number = block.number - back;
        bytes32 challenge = keccak256(abi.encode(blockhash(number), OPERATOR));
        bytes32 binding = registry.bindingOf(policy, OPERATOR, publicKey(), ENDPOINT, 0, challenge);
        Registration memory made = blank(OPERATOR);
        made.challengeBlock = number;
        made.evidence = abi.encode(honest(binding));
        made.keySignature = sign(KEY, binding);
        if (back >= 1 && back <= 256) {
            passes(OPERATOR, encode(made), "a recent block");
        } else {
            bytes4 error = IEnclaveKeys.ChallengeTooOld.selector;
            refuses(OPERATOR, encode(made), abi.encodeWithSelector(error, number, block.number), "an old block");
        }
    }

    function test_registerKey_reverts_onFutureBlocks() public {
        uint256[2] memory numbers = [block.number + 1, type(uint256).max];
        Registration memory made = blank(OPERATOR);
        for (uint256 i = 0; i < numbers.length; ++i) {
            made.challengeBlock = numbers[i];
            refuses(
                OPERATOR,
                encode(made),
                abi.encodeWithSelector(IEnclaveKeys.ChallengeTooOld.selector, numbers[i], block.number),
                "a future block"
            );
        }
    }

    function test_registerKey_takesEndpointsUpTo256Bytes() public {
        for (uint256 length = 256; length < 258; ++length) {
            Registration memory made = blank(OPERATOR);
            made.endpoint = string(new bytes(length));
            bytes32 binding = registry.bindingOf(policy, OPERATOR, made.key, made.endpoint, 0, challengeFor(OPERATOR));
            made.evidence = abi.encode(honest(binding));
            made.keySignature = sign(KEY, binding);
            if (length == 256) {
                passes(OPERATOR, encode(made), "the longest endpoint");
            } else {
                bytes4 error = IEnclaveKeys.EndpointTooLong.selector;
                refuses(OPERATOR, encode(made), abi.encodeWithSelector(error, length, 256), "one byte more");
            }
        }
    }

    // Renewal, succession and revocation

    function test_renewal_extendsWithoutAGap() public {
        register();
        vm.warp(START + MAX_AGE - 1);
        register();
        Validity memory validity = registry.keyOf(policy, key).validity;
        Check.equal(validity.from, START, "from");
        Check.equal(validity.until, START + 2 * MAX_AGE - 1, "until");
    }

    function test_renewal_afterTheEndBeginsAnew() public {
        register();
        vm.warp(START + MAX_AGE);
        register();
        Check.equal(registry.keyOf(policy, key).validity.from, START + MAX_AGE, "from");
    }

    function test_renewal_underAnotherMeasurementBeginsAnew() public {
        bytes32 other = keccak256("another measurement");
        loosen(measured(other, START, UNTIL));
        register();
        uint40 now40 = uint40(block.timestamp) + 5;
        vm.warp(now40);
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.measurement = other;
        passes(OPERATOR, registration(OPERATOR, claims), "a renewal");
        EnclaveKey memory entry = registry.keyOf(policy, key);
        Check.equal(entry.validity.from, now40, "from");
        Check.equal(entry.measurement, other, "measurement");
        // The former measurement's end is no longer the key's.
        registry.revokeMeasurement(policy, MEASUREMENT);
        Check.isTrue(isValid(), "after the end of the former measurement");
        registry.revokeMeasurement(policy, other);
        assertFault(IEnclavePolicies.MeasurementNotValid.selector, "after the end of its own");
    }

    function test_INVE2_aKeyKeepsItsOperator() public {
        register();
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyTaken.selector, policy, key);
        refuses(STRANGER, registration(STRANGER), reason, "with good evidence for another");
        vm.warp(START + 20 * MAX_AGE);
        refuses(STRANGER, registration(STRANGER), reason, "long after it has expired");
    }

    /// @dev The same key under two policies, and two operators: neither is in the other's way.
    function test_aKeyUnderAnotherPolicyIsAnotherKey() public {
        register();
        PolicyId first = policy;
        policy = registry.createPolicy(terms(), basics(), bytes32(uint256(1)));
        passes(STRANGER, registration(STRANGER), "another operator under another policy");
        registry.revokeMeasurement(policy, MEASUREMENT);
        Check.isTrue(!isValid(), "ended there");
        policy = first;
        Check.isTrue(isValid(), "and stands here");
    }

    function test_INVE2_revocationIsFinal() public {
        register();
        vm.warp(START + 10);
        vm.prank(OPERATOR);
        registry.revokeKey(policy, key);
        assertFault(IEnclaveKeys.KeyNotValid.selector, "in the very second");
        Validity memory validity = registry.keyOf(policy, key).validity;
        Check.equal(validity.from, START, "from stays known");
        Check.equal(validity.until, START + 10, "until");
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.KeyEnded.selector, policy, key, KeyState.Revoked);
        refuses(OPERATOR, registration(OPERATOR), reason, "registered again");
        refuses(OPERATOR, abi.encodeCall(IEnclaveKeys.refresh, (policy, key)), reason, "refreshed");
        refuses(OPERATOR, abi.encodeCall(IEnclaveKeys.revokeKey, (policy, key)), reason, "revoked again");
        refuses(OPERATOR, abi.encodeCall(IEnclaveKeys.supersede, (policy, key, key)), ownSuccessor(), "superseded");
    }

    function test_revokeKey_whoMay() public {
        register();
        bytes memory data = abi.encodeCall(IEnclaveKeys.revokeKey, (policy, key));
        refuses(
            STRANGER,
            data,
            abi.encodeWithSelector(IEnclaveKeys.NotKeyManager.selector, policy, key, STRANGER),
            "a stranger"
        );
        address[3] memory managers = [OPERATOR, address(this), GUARDIAN];
        for (uint256 i = 0; i < 3; ++i) {
            useKey(KEY + i);
            register0();
            passes(managers[i], abi.encodeCall(IEnclaveKeys.revokeKey, (policy, key)), "a manager");
            Check.isTrue(!isValid(), "ended");
        }
        refuses(
            OPERATOR,
            abi.encodeCall(IEnclaveKeys.revokeKey, (policy, KeyId.wrap(0))),
            abi.encodeWithSelector(IEnclaveKeys.KeyUnknown.selector, policy, KeyId.wrap(0)),
            "an unknown key"
        );
    }

    function test_supersede_endsTheFormerAtOnce() public {
        register();
        KeyId former = key;
        useKey(KEY + 1);
        bytes memory data = abi.encodeCall(IEnclaveKeys.supersede, (policy, former, key));
        refuses(
            OPERATOR,
            data,
            abi.encodeWithSelector(IEnclaveKeys.KeyUnknown.selector, policy, key),
            "an unknown successor"
        );
        register();
        refuses(
            address(this),
            data,
            abi.encodeWithSelector(IEnclaveKeys.NotKeyManager.selector, policy, former, address(this)),
            "by the policy's owner"
        );
        vm.warp(START + 10);
        passes(OPERATOR, data, "by the operator");
        Check.isTrue(isValid(), "the successor");
        Check.isTrue(registry.keyOf(policy, former).state == KeyState.Superseded, "the state");
        Check.equal(registry.keyOf(policy, former).validity.until, START + 10, "until");
        key = former;
        assertFault(IEnclaveKeys.KeyNotValid.selector, "the former");
    }

    function test_supersede_reverts_whenTheSuccessorIsAnothers() public {
        register();
        KeyId mine = key;
        useKey(KEY + 1);
        passes(STRANGER, registration(STRANGER), "another's key");
        refuses(
            OPERATOR,
            abi.encodeCall(IEnclaveKeys.supersede, (policy, mine, key)),
            abi.encodeWithSelector(IEnclaveKeys.NotKeyManager.selector, policy, key, OPERATOR),
            "another's successor"
        );
    }

    function register0() private {
        (bool known, ) = address(registry).staticcall(abi.encodeCall(IEnclaveKeys.keyOf, (policy, key)));
        if (!known) register();
    }

    function ownSuccessor() private view returns (bytes memory) {
        return abi.encodeWithSelector(IEnclaveKeys.KeyTaken.selector, policy, key);
    }
}
