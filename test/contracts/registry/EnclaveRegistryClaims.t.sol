// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CLAIM_CONFIG, CLAIM_DEBUG, Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {Change, ChangeKind, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KeyId} from "../../../contracts/interfaces/IReceiptKey.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice What a policy asks of claims: at registration, and of keys that stand when it becomes tighter.
contract EnclaveRegistryClaimsTest is EnclaveRegistryBase {
    uint256 private _salts;

    /// @dev For each rule: claims on its right side register, become stale when it is made tighter, are refused by
    /// `refresh` and by a new registration with the rule's own error, and nothing else about them matters.
    function test_everyRule_countsAtOnceAndForKeysThatStand() public {
        Claims memory claims = fine();
        claims.tcbEval = 7;
        rule(claims, change(ChangeKind.MinTcbEval, 0, 8), error(IEnclaveKeys.TcbEvalTooLow.selector, 7, 8));
        claims = fine();
        claims.tcbStatus = 3;
        rule(claims, change(ChangeKind.Statuses, 0, 1 << 3), error(IEnclaveKeys.TcbStatusNotAllowed.selector, 3));
        claims = fine();
        claims.flags = 0x8000;
        rule(claims, change(ChangeKind.Flags, 0, 0x8000), error(IEnclaveKeys.FlagsNotAllowed.selector, 0x8000, 0));
        claims = fine();
        claims.advisories = keccak256("advisory");
        rule(
            claims,
            change(ChangeKind.Advisories, claims.advisories, 0),
            abi.encodeWithSelector(IEnclaveKeys.AdvisoriesNotAllowed.selector, claims.advisories)
        );
        rule(fine(), change(ChangeKind.PlatformDenied, PLATFORM, 0), platformRefused());
        rule(fine(), change(ChangeKind.PlatformAllowed, PLATFORM, 0), platformRefused());
        claims = fine();
        claims.platform = keccak256("another platform");
        rule(
            claims,
            change(ChangeKind.PlatformList, 0, 0),
            abi.encodeWithSelector(IEnclaveKeys.PlatformNotAllowed.selector, lastPolicy(), claims.platform)
        );
        rule(
            fine(),
            change(ChangeKind.Verifier, word(address(verifier)), 0),
            abi.encodeWithSelector(IEnclaveKeys.VerifierNotAllowed.selector, lastPolicy(), verifier)
        );
        rule(
            fine(),
            change(ChangeKind.Scheme, word(address(canonical)), 0),
            abi.encodeWithSelector(IEnclaveKeys.SchemeNotAllowed.selector, lastPolicy(), canonical)
        );
        rule(
            fine(),
            change(ChangeKind.Paused, 0, 0),
            abi.encodeWithSelector(IEnclaveKeys.PolicyPaused.selector, lastPolicy())
        );
    }

    function test_pause_endsAfterItsDelay() public {
        register();
        vm.prank(GUARDIAN);
        registry.restrict(policy, change(ChangeKind.Paused, 0, 0));
        assertFault(IEnclaveKeys.PolicyPaused.selector, "paused");
        Change memory wanted = change(ChangeKind.Paused, 0, 0);
        registry.propose(policy, wanted);
        vm.warp(START + DELAY);
        registry.activate(policy, wanted);
        // The key has expired by now; a longer one comes back through refresh.
        register();
        Check.isTrue(isValid(), "after the pause");
        tighten(ChangeKind.MinTcbEval, 0, 1);
        assertFault(IEnclaveKeys.KeyStale.selector, "stale");
    }

    function test_restriction_leavesKeysThatStillFit() public {
        Claims memory claims = fine();
        claims.tcbEval = 7;
        passes(OPERATOR, registration(OPERATOR, claims), "a registration");
        vm.warp(START + 100);
        tighten(ChangeKind.MinTcbEval, 0, 7);
        assertFault(IEnclaveKeys.KeyStale.selector, "in the very second");
        vm.warp(START + 105);
        assertFault(IEnclaveKeys.KeyStale.selector, "until somebody refreshes it");
        vm.prank(STRANGER);
        registry.refresh(policy, key);
        Check.isTrue(isValid(), "refreshed");
        Check.equal(registry.keyOf(policy, key).validity.from, START + 105, "from");
        Check.equal(registry.keyOf(policy, key).validity.until, START + MAX_AGE, "refreshing is no renewal");
    }

    function test_maxKeyAge_shortensKeysThatStand() public {
        register();
        vm.warp(START + 1000);
        tighten(ChangeKind.MaxKeyAge, 0, 2000);
        registry.refresh(policy, key);
        Check.equal(registry.keyOf(policy, key).validity.until, START + 2000, "from its evidence on");
        vm.warp(START + 1999);
        tighten(ChangeKind.MaxKeyAge, 0, 1999);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.refresh, (policy, key)),
            abi.encodeWithSelector(IEnclaveKeys.KeyNotValid.selector, policy, key, START + 1000, START + 1999),
            "older than keys may be"
        );
        Check.isTrue(!isValid(), "not valid");
    }

    function test_statuses_of32AndMoreAreNeverAllowed() public {
        PolicyTerms memory wanted = terms();
        wanted.statuses = type(uint32).max;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        Claims memory claims = fine();
        uint8[3] memory statuses = [32, 64, 255];
        for (uint256 i = 0; i < 3; ++i) {
            claims.tcbStatus = statuses[i];
            refuses(
                OPERATOR,
                registration(OPERATOR, claims),
                error(IEnclaveKeys.TcbStatusNotAllowed.selector, statuses[i]),
                "beyond the set"
            );
        }
        claims.tcbStatus = 31;
        passes(OPERATOR, registration(OPERATOR, claims), "the last of the set");
    }

    // Debug enclaves and TEST policies

    function test_debugEnclaves_areRefusedByEveryOtherPolicy() public {
        PolicyTerms memory wanted = terms();
        wanted.flags = type(uint16).max ^ CLAIM_DEBUG;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        Claims memory claims = fine();
        claims.flags = CLAIM_DEBUG | 0x8000;
        bytes memory reason = abi.encodeWithSelector(IEnclaveKeys.DebugEnclave.selector, MEASUREMENT);
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "a debug enclave");
        // A debug enclave measures as zeros, and was made for nobody here: that it is one is told first.
        (claims.measurement, claims.bind0) = (0, 0);
        bytes memory zeros = abi.encodeWithSelector(IEnclaveKeys.DebugEnclave.selector, 0);
        refuses(OPERATOR, registration(OPERATOR, claims), zeros, "one that measures as zeros");
        claims.measurement = MEASUREMENT;
        (wanted.test, wanted.delay) = (true, 0);
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(2)));
        claims.bind0 = bindingFor(OPERATOR);
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "under a TEST policy that does not want it");
    }

    function test_TESTpolicies_serveLocalChainsOnly() public {
        PolicyTerms memory wanted = terms();
        (wanted.test, wanted.delay, wanted.flags) = (true, 0, CLAIM_DEBUG);
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        Claims memory claims = fine();
        claims.flags = CLAIM_DEBUG;
        passes(OPERATOR, registration(OPERATOR, claims), "it can be registered");
        uint256[4] memory live = [uint256(1), 10, 8453, 11155111];
        for (uint256 i = 0; i < 4; ++i) {
            vm.chainId(live[i]);
            assertFault(IEnclaveKeys.TestPolicyOnLiveNetwork.selector, "on a live chain");
            Check.isTrue(!registry.wasValidAt(policy, key, START), "and it never was valid there");
        }
        uint256[2] memory local = [uint256(31337), 1337];
        for (uint256 i = 0; i < 2; ++i) {
            vm.chainId(local[i]);
            Check.isTrue(isValid(), "on a local chain");
            Check.isTrue(registry.wasValidAt(policy, key, START), "and it was");
        }
    }

    // Age of evidence

    function test_maxEvidenceAge_toTheSecond() public {
        PolicyTerms memory wanted = terms();
        wanted.maxEvidenceAge = 300;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        Claims memory claims = fine();
        claims.issuedAt = START - 301;
        bytes memory reason = error(IEnclaveKeys.EvidenceAgeInvalid.selector, START - 301, 300);
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "a second too old");
        claims.issuedAt = START + 301;
        reason = error(IEnclaveKeys.EvidenceAgeInvalid.selector, START + 301, 300);
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "of the future");
        claims.issuedAt = type(uint64).max;
        reason = error(IEnclaveKeys.EvidenceAgeInvalid.selector, type(uint64).max, 300);
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "of the end of time");
        uint40[3] memory times = [START - 300, START + 300, 0];
        for (uint256 i = 0; i < 3; ++i) {
            claims.issuedAt = times[i];
            passes(OPERATOR, registration(OPERATOR, claims), "in its last second, or ahead, or without a time");
        }
    }

    function test_maxEvidenceAge_isAskedOfNewEvidenceOnly() public {
        PolicyTerms memory wanted = terms();
        wanted.maxEvidenceAge = 300;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        register();
        tighten(ChangeKind.MaxEvidenceAge, 0, 1);
        Check.isTrue(isValid(), "a key that stands");
    }

    // Platforms

    function test_keysPerPlatform_countsKeysThatCouldCount() public {
        PolicyTerms memory wanted = terms();
        wanted.keysPerPlatform = 2;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        register();
        KeyId first = key;
        useKey(KEY + 1);
        register();
        register();
        useKey(KEY + 2);
        bytes memory full = abi.encodeWithSelector(IEnclaveKeys.PlatformFull.selector, policy, PLATFORM, 2);
        refuses(STRANGER, registration(STRANGER), full, "one too many, whoever asks");
        Claims memory elsewhere = fine();
        elsewhere.platform = keccak256("another platform");
        passes(OPERATOR, registration(OPERATOR, elsewhere), "on another platform");
        useKey(KEY + 3);
        vm.prank(OPERATOR);
        registry.revokeKey(policy, first);
        passes(STRANGER, registration(STRANGER), "a place that was given up");
        useKey(KEY + 4);
        refuses(OPERATOR, registration(OPERATOR), full, "full again");
        vm.warp(START + MAX_AGE);
        register();
        Check.isTrue(isValid(), "places of expired keys are free");
        useKey(KEY + 5);
        register();
        useKey(KEY + 6);
        refuses(OPERATOR, registration(OPERATOR), full, "and full again");
    }

    function test_keysPerPlatform_aPlaceHeldByWhatThePolicyNoLongerTakesIsFree() public {
        PolicyTerms memory wanted = terms();
        wanted.keysPerPlatform = 1;
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        register();
        tighten(ChangeKind.MinTcbEval, 0, 1);
        KeyId former = key;
        useKey(KEY + 1);
        Claims memory claims = fine();
        claims.tcbEval = 1;
        passes(STRANGER, registration(STRANGER, withBinding(claims, STRANGER)), "in the place of an outdated key");
        // One that could come back keeps its place while it is stale.
        registry.restrict(policy, change(ChangeKind.PlatformDenied, keccak256("elsewhere"), 0));
        useKey(KEY + 2);
        refuses(
            OPERATOR,
            registration(OPERATOR, withBinding(claims, OPERATOR)),
            abi.encodeWithSelector(IEnclaveKeys.PlatformFull.selector, policy, PLATFORM, 1),
            "a stale key's place"
        );
        key = former;
        Check.isTrue(!isValid(), "the former");
    }

    function test_keysPerPlatform_loweredLetsAsManyBack() public {
        KeyId[3] memory keys;
        for (uint256 i = 0; i < 3; ++i) {
            useKey(KEY + i);
            register();
            keys[i] = key;
        }
        tighten(ChangeKind.KeysPerPlatform, 0, 2);
        registry.refresh(policy, keys[2]);
        registry.refresh(policy, keys[0]);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.refresh, (policy, keys[1])),
            abi.encodeWithSelector(IEnclaveKeys.PlatformFull.selector, policy, PLATFORM, 2),
            "the third"
        );
        registry.refresh(policy, keys[0]);
    }

    function test_keysPerPlatform_needsAPlatform() public {
        tighten(ChangeKind.KeysPerPlatform, 0, 16);
        Claims memory claims = fine();
        claims.platform = 0;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(IEnclaveKeys.PlatformNotAllowed.selector, policy, 0),
            "no platform"
        );
    }

    // ---- helpers

    /// @dev Evidence with a configuration is of no measurement that is listed without it.
    function test_config_isJudgedWithTheMeasurement_orAllowedByName() public {
        policy = registry.createPolicy(terms(), basics(), bytes32(_salts + 1));
        ++_salts;
        Claims memory claims = fine();
        claims.notAfter = type(uint64).max;
        claims.config = keccak256("an application");
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            error(IEnclaveKeys.FlagsNotAllowed.selector, CLAIM_CONFIG, 0),
            "a configuration nobody listed"
        );
        // The flag is the registry's own word: evidence that brings it gains nothing.
        claims.flags = CLAIM_CONFIG;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            error(IEnclaveKeys.FlagsNotAllowed.selector, CLAIM_CONFIG, 0),
            "a flag in the claims"
        );
        claims.flags = 0;
        bytes32 both = keccak256(abi.encode(claims.measurement, claims.config));
        loosen(ChangeKind.Measurement, both, (uint256(block.timestamp) << 40) | (block.timestamp + 365 days));
        claims.bind0 = bindingFor(OPERATOR);
        announces(claims, both);
        Check.equal(registry.keyOf(policy, key).measurement, both, "what `keyOf` tells");
        Check.isTrue(isValid(), "valid");
        registry.revokeMeasurement(policy, both);
        Check.isTrue(!isValid(), "ended with the pair, not with the measurement");
        claims.config = keccak256("another application");
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            error(IEnclaveKeys.FlagsNotAllowed.selector, CLAIM_CONFIG, 0),
            "another configuration"
        );
        loosen(ChangeKind.Flags, 0, CLAIM_CONFIG);
        claims.bind0 = bindingFor(OPERATOR);
        announces(claims, claims.measurement);
        Check.isTrue(isValid(), "valid under the measurement alone");
        tighten(ChangeKind.Flags, 0, CLAIM_CONFIG);
        Check.isTrue(!isValid(), "and no longer once the flag is forbidden");
    }

    /// @dev Registers `claims` and expects an event that names `listed`, the measurement that the policy lists.
    function announces(Claims memory claims, bytes32 listed) private {
        bytes memory data = registration(OPERATOR, claims);
        uint40 current = uint40(block.timestamp);
        vm.expectEmit(address(registry));
        emit IEnclaveKeys.KeyRegistered(
            policy,
            key,
            OPERATOR,
            publicKey(),
            listed,
            claims.platform,
            current,
            current + MAX_AGE,
            ENDPOINT,
            0
        );
        passes(OPERATOR, data, "a registration that announces itself");
    }

    function fine() private view returns (Claims memory) {
        return honest(bindingFor(OPERATOR));
    }

    function withBinding(Claims memory claims, address operator) private view returns (Claims memory) {
        claims.bind0 = bindingFor(operator);
        return claims;
    }

    /// @dev Registers a key with `claims` under a policy of its own that takes them, and makes it tighter by `restriction`.
    function rule(Claims memory claims, Change memory restriction, bytes memory reason) private {
        string memory what = string.concat("rule ", string(abi.encodePacked(uint8(65 + uint8(restriction.kind)))));
        policy = registry.createPolicy(terms(), basics(), bytes32(_salts + 1));
        ++_salts;
        uint256 start = block.timestamp;
        if (claims.flags != 0) loosen(ChangeKind.Flags, 0, claims.flags);
        if (claims.tcbStatus != 0) loosen(ChangeKind.Statuses, 0, 1 << claims.tcbStatus);
        if (claims.advisories != 0) loosen(ChangeKind.Advisories, claims.advisories, 0);
        if (restriction.kind == ChangeKind.PlatformAllowed) {
            loosen(restriction);
            tighten(ChangeKind.PlatformList, 0, 0);
        }
        claims.notAfter = type(uint64).max;
        claims.bind0 = bindingFor(OPERATOR);
        passes(OPERATOR, registration(OPERATOR, claims), string.concat(what, ": registered"));
        Check.isTrue(isValid(), string.concat(what, ": valid"));
        vm.warp(block.timestamp + 1);
        vm.prank(GUARDIAN);
        registry.restrict(policy, restriction);
        bytes4 expected =
            restriction.kind == ChangeKind.Paused ? IEnclaveKeys.PolicyPaused.selector : IEnclaveKeys.KeyStale.selector;
        assertFault(expected, string.concat(what, ": ended in the very second"));
        refuses(
            STRANGER,
            abi.encodeCall(IEnclaveKeys.refresh, (policy, key)),
            reason,
            string.concat(what, ": refresh")
        );
        refuses(OPERATOR, registration(OPERATOR, claims), reason, string.concat(what, ": renewal"));
        assertFault(expected, string.concat(what, ": and stays ended"));
        vm.warp(start);
    }

    /// @dev Id of the policy that `rule` makes next.
    function lastPolicy() private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(registry), address(this), _salts + 1));
    }

    function platformRefused() private view returns (bytes memory) {
        return abi.encodeWithSelector(IEnclaveKeys.PlatformNotAllowed.selector, lastPolicy(), PLATFORM);
    }

    function error(bytes4 selector, uint256 a) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function error(bytes4 selector, uint256 a, uint256 b) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }
}
