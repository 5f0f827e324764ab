// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CLAIM_DEBUG, Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {EnclaveKey, IEnclaveRegistry, Validity} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deployEnclaveRegistry} from "../../support/Deploy.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

contract EnclaveRegistryKeysTest is EnclaveRegistryBase {
    address private constant STRANGER = address(0x57A46E4);

    function test_registerKey_storesWhatItWasTold() public {
        register();
        EnclaveKey memory entry = registry.keyOf(policy, key);
        Check.equal(entry.operator, OPERATOR, "operator");
        Check.equal(entry.validity.from, START, "from");
        Check.equal(entry.validity.until, START + MAX_AGE, "until");
        Check.equal(entry.measurement, MEASUREMENT, "measurement");
        Check.equal(keccak256(bytes(entry.endpoint)), keccak256(bytes(ENDPOINT)), "endpoint");
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
            abi.encodeCall(IEnclaveRegistry.requireValidKey, (policy, key)),
            abi.encodeWithSelector(IEnclaveRegistry.KeyNotValid.selector, policy, key, START, START + MAX_AGE),
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
        bytes memory reason = abi.encodeWithSelector(
            IEnclaveRegistry.MeasurementNotValid.selector,
            policy,
            MEASUREMENT,
            START,
            UNTIL
        );
        vm.warp(START - 1);
        refuses(OPERATOR, registration(OPERATOR, honest(bindingFor(OPERATOR))), reason, "before it begins");
        vm.warp(UNTIL);
        refuses(OPERATOR, registration(OPERATOR, honest(bindingFor(OPERATOR))), reason, "after it ended");
    }

    function test_registerKey_reverts_onDebugEnclaves() public {
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.flags = CLAIM_DEBUG | 0x8000;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(IEnclaveRegistry.DebugEnclave.selector, MEASUREMENT),
            "a debug enclave"
        );
    }

    function test_registerKey_reverts_asSoonAsEvidenceHasExpired() public {
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.notAfter = uint64(block.timestamp) - 1;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(IEnclaveRegistry.EvidenceExpired.selector, claims.notAfter),
            "a second after its end"
        );
        claims.notAfter += 1;
        passes(OPERATOR, registration(OPERATOR, claims), "in its last second");
    }

    function testFuzz_registerKey_reverts_onAnyOtherBinding(bytes32 other) public {
        bytes32 expected = bindingFor(OPERATOR);
        vm.assume(other != expected);
        refuses(
            OPERATOR,
            registration(OPERATOR, honest(other)),
            abi.encodeWithSelector(IEnclaveRegistry.BindingMismatch.selector, other, expected),
            "another binding"
        );
    }

    function test_bindingOf_changesWithEverything() public {
        bytes32 challenge = challengeFor(OPERATOR);
        bytes32 first = registry.bindingOf(policy, OPERATOR, key, ENDPOINT, challenge);
        Check.equal(
            first,
            keccak256(
                abi.encode(
                    keccak256(
                        "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,address key,"
                        "string endpoint,bytes32 challenge)"
                    ),
                    block.chainid,
                    address(registry),
                    policy,
                    OPERATOR,
                    key,
                    keccak256(bytes(ENDPOINT)),
                    challenge
                )
            ),
            "the definition"
        );
        bytes32[7] memory others;
        others[0] = registry.bindingOf(PolicyId.wrap(0), OPERATOR, key, ENDPOINT, challenge);
        others[1] = registry.bindingOf(policy, STRANGER, key, ENDPOINT, challenge);
        others[2] = registry.bindingOf(policy, OPERATOR, STRANGER, ENDPOINT, challenge);
        others[3] = registry.bindingOf(policy, OPERATOR, key, "", challenge);
        others[4] = registry.bindingOf(policy, OPERATOR, key, ENDPOINT, 0);
        others[5] = deployEnclaveRegistry().bindingOf(policy, OPERATOR, key, ENDPOINT, challenge);
        vm.chainId(1337);
        others[6] = registry.bindingOf(policy, OPERATOR, key, ENDPOINT, challenge);
        for (uint256 i = 0; i < others.length; ++i) Check.isTrue(others[i] != first, "a binding that did not change");
    }

    function testFuzz_registerKey_reverts_withoutTheKeysSignature(uint256 other) public {
        other = 1 + (other % (type(uint128).max));
        vm.assume(other != KEY);
        bytes32 binding = bindingFor(OPERATOR);
        bytes memory evidence = abi.encode(honest(binding));
        refuses(
            OPERATOR,
            registration(evidence, sign(other, binding)),
            abi.encodeWithSelector(IEnclaveRegistry.KeyProofInvalid.selector, key, vm.addr(other)),
            "another key's signature"
        );
    }

    function test_registerKey_reverts_onBadSignatures() public {
        bytes32 binding = bindingFor(OPERATOR);
        bytes memory evidence = abi.encode(honest(binding));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, binding);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[4] memory bad = [
            abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27)),
            abi.encodePacked(r, s),
            abi.encodePacked(r, s, uint8(0)),
            abi.encodePacked(r, s, v, uint8(0))
        ];
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.KeyProofInvalid.selector, key, address(0));
        for (uint256 i = 0; i < bad.length; ++i) {
            refuses(OPERATOR, registration(evidence, bad[i]), reason, "a bad signature");
        }
    }

    function test_registerKey_reverts_onTheZeroKey() public {
        key = address(0);
        bytes32 binding = bindingFor(OPERATOR);
        refuses(
            OPERATOR,
            registration(abi.encode(honest(binding)), new bytes(65)),
            abi.encodeWithSelector(IEnclaveRegistry.KeyProofInvalid.selector, address(0), address(0)),
            "a key that ecrecover answers for nothing"
        );
    }

    function testFuzz_registerKey_takesBlocksUpTo256Back(uint256 back) public {
        back = back % 300;
        uint256 number = block.number - back;
        bytes32 challenge = keccak256(abi.encode(blockhash(number), OPERATOR));
        bytes32 binding = registry.bindingOf(policy, OPERATOR, key, ENDPOINT, challenge);
        bytes memory data = abi.encodeCall(
            IEnclaveRegistry.registerKey,
            (policy, verifier, key, ENDPOINT, number, abi.encode(honest(binding)), "", sign(KEY, binding))
        );
        if (back >= 1 && back <= 256) {
            passes(OPERATOR, data, "a recent block");
        } else {
            bytes4 error = IEnclaveRegistry.ChallengeTooOld.selector;
            refuses(OPERATOR, data, abi.encodeWithSelector(error, number, block.number), "an old block");
        }
    }

    function test_registerKey_reverts_onFutureBlocks() public {
        uint256[2] memory numbers = [block.number + 1, type(uint256).max];
        for (uint256 i = 0; i < numbers.length; ++i) {
            refuses(
                OPERATOR,
                abi.encodeCall(IEnclaveRegistry.registerKey, (policy, verifier, key, ENDPOINT, numbers[i], "", "", "")),
                abi.encodeWithSelector(IEnclaveRegistry.ChallengeTooOld.selector, numbers[i], block.number),
                "a future block"
            );
        }
    }

    function test_registerKey_takesEndpointsUpTo256Bytes() public {
        for (uint256 length = 256; length < 258; ++length) {
            string memory endpoint = string(new bytes(length));
            bytes32 binding = registry.bindingOf(policy, OPERATOR, key, endpoint, challengeFor(OPERATOR));
            bytes memory evidence = abi.encode(honest(binding));
            bytes memory data = abi.encodeCall(
                IEnclaveRegistry.registerKey,
                (policy, verifier, key, endpoint, block.number - 1, evidence, "", sign(KEY, binding))
            );
            if (length == 256) {
                passes(OPERATOR, data, "the longest endpoint");
            } else {
                bytes4 error = IEnclaveRegistry.EndpointTooLong.selector;
                refuses(OPERATOR, data, abi.encodeWithSelector(error, length, 256), "one byte more");
            }
        }
    }

    // Renewal and revocation

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
        register();
        bytes32 other = keccak256("another measurement");
        registry.addMeasurement(policy, other, START, UNTIL);
        vm.warp(START + 5);
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.measurement = other;
        passes(OPERATOR, registration(OPERATOR, claims), "a renewal");
        EnclaveKey memory entry = registry.keyOf(policy, key);
        Check.equal(entry.validity.from, START + 5, "from");
        Check.equal(entry.measurement, other, "measurement");
        registry.revokeMeasurement(policy, MEASUREMENT);
        Check.isTrue(isValid(), "it no longer hangs on the old measurement");
    }

    function test_INVE2_anotherOperatorCannotTakeAKey() public {
        register();
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.KeyTaken.selector, policy, key);
        bytes memory data = registration(STRANGER, honest(bindingFor(STRANGER)));
        refuses(STRANGER, data, reason, "while it is valid");
        vm.warp(START + MAX_AGE);
        data = registration(STRANGER, honest(bindingFor(STRANGER)));
        refuses(STRANGER, data, reason, "after it expired");
    }

    function test_registerKey_reverts_whenReplayedByAnother() public {
        bytes32 binding = bindingFor(OPERATOR);
        bytes memory proof = sign(KEY, binding);
        bytes memory data = registration(abi.encode(honest(binding)), proof);
        // The binding the registry makes for the stranger was signed by nobody.
        vm.prank(STRANGER);
        (bool ok, bytes memory answer) = address(registry).call(data);
        Check.isTrue(!ok, "evidence and proof copied from another's transaction");
        Check.isTrue(bytes4(answer) == IEnclaveRegistry.KeyProofInvalid.selector, "another reason");
        // With a proof of its own it still is another's evidence.
        refuses(
            STRANGER,
            registration(abi.encode(honest(binding)), sign(KEY, bindingFor(STRANGER))),
            abi.encodeWithSelector(IEnclaveRegistry.BindingMismatch.selector, binding, bindingFor(STRANGER)),
            "evidence copied from another's transaction"
        );
    }

    function test_INVE2_aRevokedKeyNeverComesBack() public {
        address[2] memory managers = [OPERATOR, address(this)];
        for (uint256 i = 0; i < managers.length; ++i) {
            vm.warp(START);
            policy = registry.createPolicy(MAX_AGE, bytes32(1 + i));
            registry.allowVerifier(policy, verifier);
            registry.addMeasurement(policy, MEASUREMENT, START, UNTIL);
            register();
            vm.warp(START + 5);
            passes(managers[i], abi.encodeCall(IEnclaveRegistry.revokeKey, (policy, key)), "revocation");
            Check.isTrue(!isValid(), "in the very second of the revocation");
            bytes memory reason = abi.encodeWithSelector(
                IEnclaveRegistry.KeyNotValid.selector,
                policy,
                key,
                START,
                START + 5
            );
            refuses(OPERATOR, registration(OPERATOR, honest(bindingFor(OPERATOR))), reason, "registered again");
            refuses(OPERATOR, abi.encodeCall(IEnclaveRegistry.revokeKey, (policy, key)), reason, "revoked twice");
            Check.equal(registry.keyOf(policy, key).validity.until, START + 5, "until when it was valid stays known");
        }
    }

    function test_revokeKey_ofAnExpiredKeyKeepsItsInterval() public {
        register();
        vm.warp(START + MAX_AGE + 5);
        passes(OPERATOR, abi.encodeCall(IEnclaveRegistry.revokeKey, (policy, key)), "revocation");
        Check.equal(registry.keyOf(policy, key).validity.until, START + MAX_AGE, "until");
        bytes memory data = registration(OPERATOR, honest(bindingFor(OPERATOR)));
        vm.prank(OPERATOR);
        (bool ok, ) = address(registry).call(data);
        Check.isTrue(!ok, "renewed after its revocation");
    }

    function test_revokeKey_reverts_forStrangersAndUnknownKeys() public {
        bytes memory data = abi.encodeCall(IEnclaveRegistry.revokeKey, (policy, key));
        bytes memory unknown = abi.encodeWithSelector(IEnclaveRegistry.KeyUnknown.selector, policy, key);
        refuses(OPERATOR, data, unknown, "revoking an unknown key");
        refuses(OPERATOR, abi.encodeCall(IEnclaveRegistry.keyOf, (policy, key)), unknown, "reading an unknown key");
        register();
        refuses(
            STRANGER,
            data,
            abi.encodeWithSelector(IEnclaveRegistry.NotKeyManager.selector, policy, key, STRANGER),
            "a stranger"
        );
    }

    function test_key_ofOnePolicyIsNoneOfAnother() public {
        register();
        PolicyId other = registry.createPolicy(MAX_AGE, bytes32(uint256(7)));
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.requireValidKey, (other, key)),
            abi.encodeWithSelector(IEnclaveRegistry.KeyUnknown.selector, other, key),
            "another policy"
        );
    }

    function testFuzz_invariant_noKeyOutlivesItsIntervals(uint40 at, uint40 revokedAt, bool revokesKey) public {
        register();
        revokedAt = START + (revokedAt % (2 * MAX_AGE));
        at = START + (at % (3 * MAX_AGE));
        vm.warp(revokedAt);
        if (revokesKey) {
            passes(OPERATOR, abi.encodeCall(IEnclaveRegistry.revokeKey, (policy, key)), "revocation");
        } else {
            registry.revokeMeasurement(policy, MEASUREMENT);
        }
        vm.warp(at);
        Check.isTrue(isValid() == (at < START + MAX_AGE && at < revokedAt), "valid until its end or its revocation");
    }

    // Cost

    function test_gas_requireValidKeyReadsTwoSlots() public {
        register();
        vm.record();
        registry.requireValidKey(policy, key);
        (bytes32[] memory reads, ) = vm.accesses(address(registry));
        Check.equal(reads.length, 2, "slots read");
        Check.isTrue(reads[0] != reads[1], "two of them");
    }
}
