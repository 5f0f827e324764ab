// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ChangeKind, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, KeyState} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KeyId} from "../../../contracts/interfaces/IReceiptKey.sol";
import {TypedData} from "../../../contracts/libraries/TypedData.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice Heartbeats, and what was valid when.
contract EnclaveRegistryHeartbeatTest is EnclaveRegistryBase {
    uint40 private constant PERIOD = 600;

    function setUp() public override {
        super.setUp();
        PolicyTerms memory wanted = terms();
        wanted.heartbeat = PERIOD;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        register();
    }

    function test_heartbeat_keepsAKeyValid() public {
        Check.equal(registry.keyOf(policy, key).validity.until, START + PERIOD, "the first is due");
        Check.equal(registry.keyOf(policy, key).end, START + MAX_AGE, "the end of the evidence");
        vm.warp(START + PERIOD - 1);
        passes(STRANGER, beat(1), "handed in by anyone");
        vm.warp(START + 2 * PERIOD - 2);
        Check.isTrue(isValid(), "in the last second");
        Check.equal(registry.keyOf(policy, key).validity.from, START, "without a gap");
        vm.warp(START + 2 * PERIOD - 1);
        assertFault(IEnclaveKeys.KeyNotValid.selector, "without another");
        Check.isTrue(registry.keyOf(policy, key).state == KeyState.Active, "and not gone");
        passes(STRANGER, beat(7), "it comes back");
        Check.isTrue(isValid(), "valid again");
        Check.equal(registry.keyOf(policy, key).validity.from, START + 2 * PERIOD - 1, "from then on");
        Check.equal(registry.keyOf(policy, key).counter, 7, "the counter");
        vm.warp(START + MAX_AGE - 1);
        passes(STRANGER, beat(8), "the last");
        Check.equal(registry.keyOf(policy, key).validity.until, START + MAX_AGE, "never beyond the end");
        vm.warp(START + MAX_AGE);
        refuses(
            STRANGER,
            beat(9),
            abi.encodeWithSelector(
                IEnclaveKeys.KeyNotValid.selector,
                policy,
                key,
                START + MAX_AGE - 1,
                START + MAX_AGE
            ),
            "after the end of the evidence"
        );
    }

    function testFuzz_heartbeat_countsUp(uint40 first, uint40 second) public {
        if (first == 0) first = 1;
        passes(STRANGER, beat(first), "the first");
        bytes memory data = beat(second);
        if (second > first) return passes(STRANGER, data, "a higher one");
        refuses(
            STRANGER,
            data,
            abi.encodeWithSelector(IEnclaveKeys.CounterNotHigher.selector, second, first),
            "no higher one"
        );
    }

    function test_heartbeat_reverts() public {
        bytes memory bad = abi.encodeWithSelector(IEnclaveKeys.KeyProofInvalid.selector, key);
        bytes32 digest = registry.heartbeatDigest(policy, key, 1, blockhash(block.number - 1));
        bytes memory other = sign(KEY + 1, digest);
        refuses(STRANGER, beat(1, block.number - 1, other), bad, "another key's signature");
        refuses(STRANGER, beat(1, block.number - 2, sign(KEY, digest)), bad, "another block's hash");
        refuses(
            STRANGER,
            beat(1, block.number - 257, ""),
            abi.encodeWithSelector(IEnclaveKeys.ChallengeTooOld.selector, block.number - 257, block.number),
            "a block too far back"
        );
        registry.revokeKey(policy, key);
        refuses(
            STRANGER,
            beat(1),
            abi.encodeWithSelector(IEnclaveKeys.KeyEnded.selector, policy, key, KeyState.Revoked),
            "a revoked key"
        );
        useKey(KEY + 1);
        refuses(STRANGER, beat(1), abi.encodeWithSelector(IEnclaveKeys.KeyUnknown.selector, policy, key), "unknown");
        policy = registry.createPolicy(terms(), basics(), bytes32(uint256(2)));
        register();
        refuses(STRANGER, beat(1), abi.encodeWithSelector(IEnclaveKeys.HeartbeatUnused.selector, policy), "unused");
    }

    function test_heartbeat_doesNotMakeUpForARefresh() public {
        vm.warp(START + 10);
        tighten(ChangeKind.Heartbeat, 0, PERIOD - 1);
        bytes memory stale = abi.encodeWithSelector(IEnclaveKeys.KeyStale.selector, policy, key, 1, 2);
        refuses(STRANGER, beat(1), stale, "a stale key");
        vm.warp(START + 2 * PERIOD);
        // Long without a sign of life and stale: refresh first, then a heartbeat.
        registry.refresh(policy, key);
        Check.isTrue(!isValid(), "refreshed, without a heartbeat");
        passes(STRANGER, beat(1), "a heartbeat");
        Check.isTrue(isValid(), "valid again");
        assertWas(START + 9, true, "before the restriction");
        assertWas(START + 10, false, "from the restriction on");
        assertWas(START + 2 * PERIOD - 1, false, "up to now");
        assertWas(START + 2 * PERIOD, true, "now");
    }

    function test_heartbeatDigest_isTypedData() public view {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Heartbeat(bytes32 policy,bytes32 key,uint40 counter,bytes32 blockHash)"),
                policy,
                key,
                uint40(5),
                keccak256("block")
            )
        );
        bytes32 domain = keccak256(
            abi.encode(TypedData.DOMAIN_TYPEHASH, keccak256("Assay"), keccak256("1"), block.chainid, address(registry))
        );
        Check.equal(
            registry.heartbeatDigest(policy, key, 5, keccak256("block")),
            keccak256(abi.encodePacked(hex"1901", domain, structHash)),
            "the digest"
        );
    }

    // What was valid when

    function test_wasValidAt_endsWithEachKindOfEnd() public {
        assertWas(START, true, "from its first second");
        assertWas(START - 1, false, "not before");
        vm.warp(START + 100);
        assertWas(START + 100, true, "now");
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.wasValidAt, (policy, key, START + 101)),
            abi.encodeWithSelector(IEnclaveKeys.TimeInFuture.selector, START + 101, START + 100),
            "the future"
        );
        registry.revokeMeasurement(policy, MEASUREMENT);
        assertWas(START + 99, true, "up to the revocation of the measurement");
        assertWas(START + 100, false, "and no longer");
    }

    function test_wasValidAt_isNotTakenBackByARevocation() public {
        vm.warp(START + 100);
        registry.revokeKey(policy, key);
        vm.warp(START + 300);
        assertWas(START + 99, true, "up to the revocation");
        assertWas(START + 100, false, "and no longer");
    }

    function test_declareCompromised_isTheOneThingThatReachesBack() public {
        bytes memory data = abi.encodeCall(IEnclaveKeys.declareCompromised, (policy, key, START + 50));
        vm.warp(START + 100);
        address[2] memory others = [OPERATOR, STRANGER];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.NotKeyManager.selector, policy, key, others[i]);
            refuses(others[i], data, reason, "neither operator nor stranger");
        }
        passes(GUARDIAN, data, "the guardian");
        Check.isTrue(!isValid(), "and the key has ended");
        assertWas(START + 49, true, "before");
        assertWas(START + 50, false, "since");
        assertWas(START + 99, false, "and after");
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.declareCompromised, (policy, key, START + 60)),
            abi.encodeWithSelector(IEnclaveKeys.TimeInFuture.selector, START + 60, START + 50),
            "never later"
        );
        registry.declareCompromised(policy, key, 0);
        assertWas(START, false, "from the beginning");
    }

    function test_wasValidAt_ofAKeyThatNeverWas() public view {
        Check.isTrue(!registry.wasValidAt(policy, KeyId.wrap(0), START), "an unknown key");
    }

    function assertWas(uint40 time, bool expected, string memory what) private view {
        Check.isTrue(registry.wasValidAt(policy, key, time) == expected, what);
    }

    function beat(uint40 counter) private view returns (bytes memory) {
        bytes32 digest = registry.heartbeatDigest(policy, key, counter, blockhash(block.number - 1));
        return beat(counter, block.number - 1, sign(privateKeyOfEnclave, digest));
    }

    function beat(uint40 counter, uint256 number, bytes memory signature) private view returns (bytes memory) {
        return abi.encodeCall(IEnclaveKeys.heartbeat, (policy, publicKey(), counter, number, signature));
    }
}
