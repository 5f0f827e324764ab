// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CLAIM_DEBUG, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../../../contracts/interfaces/IBindingScheme.sol";
import {Change, ChangeKind, IEnclavePolicies, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {EnclavePolicies} from "../../../contracts/registry/EnclavePolicies.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deploy} from "../../support/Deploy.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice Policies: who may change what, and when it counts.
contract EnclaveRegistryTest is EnclaveRegistryBase {
    // Making

    function testFuzz_createPolicy_bindsTheIdToItsCreator(address creator, bytes32 salt) public {
        vm.assume(creator != address(0) && creator != address(this));
        bytes32 expected = keccak256(abi.encode(block.chainid, address(registry), creator, salt));
        vm.prank(creator);
        PolicyId made = registry.createPolicy(terms(), new Change[](0), salt);
        Check.equal(PolicyId.unwrap(made), expected, "the id");
        Check.equal(PolicyId.unwrap(registry.policyIdOf(creator, salt)), expected, "policyIdOf");
        Check.equal(registry.ownerOf(made), creator, "the owner");
    }

    function testFuzz_policyOf_tellsTheTerms(PolicyTerms memory wanted, bytes32 salt) public {
        wanted.delay = uint40(1 days + (wanted.delay % 59 days));
        wanted.keysPerPlatform %= 17;
        if (wanted.maxKeyAge == 0) wanted.maxKeyAge = 1;
        if (!wanted.test) wanted.flags &= ~CLAIM_DEBUG;
        vm.assume(salt != 0);
        PolicyId made = registry.createPolicy(wanted, new Change[](0), salt);
        (PolicyTerms memory told, uint32 epoch, bool paused) = registry.policyOf(made);
        Check.equal(keccak256(abi.encode(told)), keccak256(abi.encode(wanted)), "the terms");
        Check.equal(epoch, 1, "the epoch");
        Check.isTrue(!paused, "not paused");
    }

    function test_createPolicy_reverts() public {
        refusesTerms(terms(), 0, abi.encodeWithSelector(IEnclavePolicies.PolicyExists.selector, policy), "made twice");
        bytes32 salt = bytes32(uint256(1));
        PolicyTerms memory wanted = terms();
        wanted.maxKeyAge = 0;
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.ValidityInvalid.selector, 0, 0);
        refusesTerms(wanted, salt, reason, "keys that would never be valid");
        uint40[2] memory delays = [uint40(1 days - 1), 60 days + 1];
        for (uint256 i = 0; i < 2; ++i) {
            wanted = terms();
            wanted.delay = delays[i];
            reason = abi.encodeWithSelector(IEnclavePolicies.DelayInvalid.selector, delays[i], 1 days, 60 days);
            refusesTerms(wanted, salt, reason, "a delay out of bounds");
        }
        wanted = terms();
        wanted.keysPerPlatform = 17;
        reason = abi.encodeWithSelector(IEnclavePolicies.LimitInvalid.selector, ChangeKind.KeysPerPlatform, 17, 16);
        refusesTerms(wanted, salt, reason, "more keys than can be counted");
        wanted = terms();
        wanted.flags = CLAIM_DEBUG;
        reason = abi.encodeWithSelector(IEnclavePolicies.ChangeForbidden.selector, ChangeKind.Flags);
        refusesTerms(wanted, salt, reason, "debug enclaves under a policy that is no TEST");
        Change[] memory many = new Change[](33);
        refuses(
            address(this),
            abi.encodeCall(IEnclavePolicies.createPolicy, (terms(), many, salt)),
            abi.encodeWithSelector(IEnclavePolicies.TooManyChanges.selector, 33, 32),
            "too many changes"
        );
    }

    function test_theOtherHalf_makesNoPoliciesOfItsOwn() public {
        EnclavePolicies half = EnclavePolicies(deploy("EnclavePolicies.sol:EnclavePolicies", ""));
        vm.expectRevert(IEnclavePolicies.OnlyThroughRegistry.selector);
        half.createPolicy(terms(), new Change[](0), 0);
    }

    // Ownership

    function test_ownership_takesAnOfferAndAnAcceptance() public {
        registry.offerPolicyOwnership(policy, STRANGER);
        Check.equal(registry.ownerOf(policy), address(this), "the owner before acceptance");
        bytes memory accept = abi.encodeCall(IEnclavePolicies.acceptPolicyOwnership, (policy));
        refuses(OPERATOR, accept, notOffered(OPERATOR, STRANGER), "another's offer");
        passes(STRANGER, accept, "acceptance");
        Check.equal(registry.ownerOf(policy), STRANGER, "the owner after acceptance");
        refuses(STRANGER, accept, notOffered(STRANGER, address(0)), "an offer taken twice");
    }

    function test_ownership_anOfferCanBeTakenBack() public {
        registry.offerPolicyOwnership(policy, STRANGER);
        registry.offerPolicyOwnership(policy, address(0));
        bytes memory accept = abi.encodeCall(IEnclavePolicies.acceptPolicyOwnership, (policy));
        refuses(STRANGER, accept, notOffered(STRANGER, address(0)), "an offer taken back");
    }

    function test_ownerOnly_whatMakesLooser() public {
        Change memory wanted = measured(bytes32(uint256(1)), START, UNTIL);
        bytes[2] memory calls = [
            abi.encodeCall(IEnclavePolicies.offerPolicyOwnership, (policy, STRANGER)),
            abi.encodeCall(IEnclavePolicies.propose, (policy, wanted))
        ];
        address[2] memory callers = [STRANGER, GUARDIAN];
        for (uint256 i = 0; i < 4; ++i) {
            address caller = callers[i % 2];
            bytes4 error = IEnclavePolicies.NotPolicyOwner.selector;
            bytes memory reason = abi.encodeWithSelector(error, policy, caller, address(this));
            refuses(caller, calls[i / 2], reason, "not by this caller");
        }
    }

    function test_guardian_mayMakeTighter_andStrangersMayNot() public {
        registry.propose(policy, measured(bytes32(uint256(1)), START, UNTIL));
        bytes[3] memory calls = [
            abi.encodeCall(IEnclavePolicies.restrict, (policy, change(ChangeKind.Paused, 0, 0))),
            abi.encodeCall(IEnclavePolicies.cancel, (policy, measured(bytes32(uint256(1)), START, UNTIL))),
            abi.encodeCall(IEnclavePolicies.revokeMeasurement, (policy, MEASUREMENT))
        ];
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.NotPolicyGuard.selector, policy, STRANGER);
        for (uint256 i = 0; i < 3; ++i) {
            refuses(STRANGER, calls[i], reason, "a stranger");
            passes(GUARDIAN, calls[i], "the guardian");
        }
    }

    function testFuzz_unknownPolicy_isRefusedEverywhere(PolicyId unknown) public {
        vm.assume(unknown != policy);
        Change memory any = change(ChangeKind.Paused, 0, 0);
        bytes[9] memory calls = [
            abi.encodeCall(IEnclavePolicies.offerPolicyOwnership, (unknown, STRANGER)),
            abi.encodeCall(IEnclavePolicies.acceptPolicyOwnership, (unknown)),
            abi.encodeCall(IEnclavePolicies.propose, (unknown, any)),
            abi.encodeCall(IEnclavePolicies.cancel, (unknown, any)),
            abi.encodeCall(IEnclavePolicies.activate, (unknown, any)),
            abi.encodeCall(IEnclavePolicies.restrict, (unknown, any)),
            abi.encodeCall(IEnclavePolicies.revokeMeasurement, (unknown, MEASUREMENT)),
            abi.encodeCall(IEnclavePolicies.ownerOf, (unknown)),
            abi.encodeCall(IEnclavePolicies.policyOf, (unknown))
        ];
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.PolicyUnknown.selector, unknown);
        for (uint256 i = 0; i < calls.length; ++i) refuses(address(this), calls[i], reason, "an unknown policy");
        bytes memory data = registration(OPERATOR);
        assembly ("memory-safe") {
            // The policy is the first word of the struct, behind the selector and its offset.
            mstore(add(data, 0x44), unknown)
        }
        refuses(OPERATOR, data, reason, "a key for an unknown policy");
        policy = unknown;
        assertFault(IEnclaveKeys.KeyUnknown.selector, "a key of an unknown policy");
        Check.isTrue(!registry.wasValidAt(unknown, key, START), "and it never was");
    }

    // Proposals

    function test_propose_countsAfterItsDelayAndForAWhile() public {
        Change memory wanted = measured(bytes32(uint256(1)), 0, UNTIL + 400 days);
        bytes memory activate = abi.encodeCall(IEnclavePolicies.activate, (policy, wanted));
        bytes memory unknown = abi.encodeWithSelector(IEnclavePolicies.ChangeNotProposed.selector, policy);
        refuses(STRANGER, activate, unknown, "never proposed");
        registry.propose(policy, wanted);
        Check.equal(registry.readyAt(policy, wanted), START + DELAY, "when it is ready");
        refuses(
            address(this),
            abi.encodeCall(IEnclavePolicies.propose, (policy, wanted)),
            abi.encodeWithSelector(IEnclavePolicies.ChangePending.selector, policy, START + DELAY),
            "proposed twice"
        );
        bytes memory early = abi.encodeWithSelector(
            IEnclavePolicies.ChangeNotReady.selector,
            policy,
            START + DELAY,
            START + DELAY + 30 days
        );
        vm.warp(START + DELAY - 1);
        refuses(STRANGER, activate, early, "a second early");
        vm.warp(START + DELAY + 30 days);
        refuses(STRANGER, activate, early, "a second late");
        registry.propose(policy, wanted);
        vm.warp(block.timestamp + DELAY);
        Check.equal(registry.readyAt(policy, wanted), block.timestamp, "proposed again");
        passes(STRANGER, activate, "in time, by anyone");
        Check.equal(registry.measurementOf(policy, wanted.subject).from, block.timestamp, "no earlier than now");
        refuses(STRANGER, activate, unknown, "twice");
    }

    /// @dev A proposal is for all its words: what was announced is what counts.
    function test_activate_takesTheVeryChange() public {
        Change memory wanted = measured(bytes32(uint256(1)), START, UNTIL);
        registry.propose(policy, wanted);
        vm.warp(START + DELAY);
        for (uint256 i = 0; i < 5; ++i) {
            Change memory other = measured(bytes32(uint256(1)), START, UNTIL);
            if (i == 0) other.kind = ChangeKind.Advisories;
            if (i == 1) other.subject = bytes32(uint256(2));
            if (i == 2) other.value += 1;
            if (i == 3) other.commit = 0;
            if (i == 4) other.recipe = 0;
            refuses(
                address(this),
                abi.encodeCall(IEnclavePolicies.activate, (policy, other)),
                abi.encodeWithSelector(IEnclavePolicies.ChangeNotProposed.selector, policy),
                "another change"
            );
        }
        registry.activate(policy, wanted);
    }

    function test_cancel_endsAProposal() public {
        Change memory wanted = measured(bytes32(uint256(1)), START, UNTIL);
        registry.propose(policy, wanted);
        vm.prank(GUARDIAN);
        registry.cancel(policy, wanted);
        vm.warp(START + DELAY);
        bytes memory unknown = abi.encodeWithSelector(IEnclavePolicies.ChangeNotProposed.selector, policy);
        refuses(address(this), abi.encodeCall(IEnclavePolicies.activate, (policy, wanted)), unknown, "cancelled");
        refuses(address(this), abi.encodeCall(IEnclavePolicies.cancel, (policy, wanted)), unknown, "cancelled twice");
    }

    function test_guardian_cannotKeepHimself() public {
        Change memory wanted = change(ChangeKind.Guardian, word(STRANGER), 0);
        registry.propose(policy, wanted);
        refuses(
            GUARDIAN,
            abi.encodeCall(IEnclavePolicies.cancel, (policy, wanted)),
            abi.encodeWithSelector(IEnclavePolicies.NotPolicyOwner.selector, policy, GUARDIAN, address(this)),
            "the guardian"
        );
        vm.warp(START + DELAY);
        registry.activate(policy, wanted);
        (PolicyTerms memory told, , ) = registry.policyOf(policy);
        Check.equal(told.guardian, STRANGER, "another guardian");
        refuses(
            GUARDIAN,
            abi.encodeCall(IEnclavePolicies.restrict, (policy, change(ChangeKind.Paused, 0, 0))),
            abi.encodeWithSelector(IEnclavePolicies.NotPolicyGuard.selector, policy, GUARDIAN),
            "the former guardian"
        );
        refuses(
            address(this),
            abi.encodeCall(IEnclavePolicies.restrict, (policy, change(ChangeKind.Guardian, 0, 0))),
            abi.encodeWithSelector(IEnclavePolicies.ChangeForbidden.selector, ChangeKind.Guardian),
            "without the delay"
        );
    }

    /// @dev Whatever the kind: no looser by `restrict`, no tighter by `activate`, and the value outside its bounds never.
    function test_changes_goOneWay() public {
        PolicyTerms memory wanted = terms();
        (wanted.minTcbEval, wanted.statuses, wanted.flags) = (5, 6, 4);
        (wanted.maxEvidenceAge, wanted.heartbeat, wanted.keysPerPlatform) = (100, 100, 3);
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        goesOneWay(ChangeKind.MinTcbEval, 4, 6);
        goesOneWay(ChangeKind.MaxKeyAge, MAX_AGE + 1, MAX_AGE - 1);
        goesOneWay(ChangeKind.MaxEvidenceAge, 101, 99);
        goesOneWay(ChangeKind.MaxEvidenceAge, 0, 99);
        goesOneWay(ChangeKind.Heartbeat, 101, 99);
        goesOneWay(ChangeKind.Heartbeat, 0, 99);
        goesOneWay(ChangeKind.KeysPerPlatform, 4, 2);
        goesOneWay(ChangeKind.KeysPerPlatform, 0, 2);
        goesOneWay(ChangeKind.Statuses, 1, 2);
        goesOneWay(ChangeKind.Flags, 8, 4);
        outOfBounds(ChangeKind.MaxEvidenceAge, uint256(type(uint40).max) + 1, type(uint40).max);
        outOfBounds(ChangeKind.Statuses, uint256(type(uint32).max) + 1, type(uint32).max);
        outOfBounds(ChangeKind.Flags, uint256(type(uint16).max) + 1, type(uint16).max);
        outOfBounds(ChangeKind.KeysPerPlatform, 17, 16);
        outOfBounds(ChangeKind.Measurement, 1 << 80, type(uint80).max);
        Change memory debug = change(ChangeKind.Flags, 0, CLAIM_DEBUG);
        registry.propose(policy, debug);
        vm.warp(block.timestamp + DELAY);
        refuses(
            address(this),
            abi.encodeCall(IEnclavePolicies.activate, (policy, debug)),
            abi.encodeWithSelector(IEnclavePolicies.ChangeForbidden.selector, ChangeKind.Flags),
            "debug enclaves"
        );
    }

    function test_lists_goBothWays() public {
        address other = address(new EchoVerifier(keccak256("other")));
        listed(ChangeKind.Verifier, word(other), true);
        listed(ChangeKind.Scheme, word(other), true);
        listed(ChangeKind.Advisories, keccak256("advisory"), true);
        listed(ChangeKind.PlatformAllowed, PLATFORM, true);
        listed(ChangeKind.PlatformDenied, PLATFORM, false);
        Check.isTrue(registry.isVerifierAllowed(policy, verifier), "the first verifier");
        Check.isTrue(registry.isSchemeAllowed(policy, canonical), "the first scheme");
        Check.isTrue(!registry.isVerifierAllowed(policy, IAttestationVerifier(other)), "taken off again");
        Check.isTrue(!registry.isSchemeAllowed(policy, IBindingScheme(other)), "taken off again");
    }

    // ---- helpers

    function notOffered(address caller, address offered) private view returns (bytes memory) {
        return abi.encodeWithSelector(IEnclavePolicies.NotOfferedOwner.selector, policy, caller, offered);
    }

    function refusesTerms(PolicyTerms memory wanted, bytes32 salt, bytes memory reason, string memory what) private {
        bytes memory data = abi.encodeCall(IEnclavePolicies.createPolicy, (wanted, new Change[](0), salt));
        refuses(address(this), data, reason, what);
    }

    function goesOneWay(ChangeKind kind, uint256 looser, uint256 tighter) private {
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.ChangeWithoutEffect.selector, policy, kind);
        bytes memory data = abi.encodeCall(IEnclavePolicies.restrict, (policy, change(kind, 0, looser)));
        refuses(address(this), data, reason, "looser by restrict");
        Change memory wanted = change(kind, 0, tighter);
        registry.propose(policy, wanted);
        uint256 current = block.timestamp;
        vm.warp(current + DELAY);
        data = abi.encodeCall(IEnclavePolicies.activate, (policy, wanted));
        refuses(address(this), data, reason, "tighter by activate");
        registry.cancel(policy, wanted);
    }

    function outOfBounds(ChangeKind kind, uint256 value, uint256 most) private {
        refusesAtOnce(
            change(kind, bytes32(uint256(1)), value),
            abi.encodeWithSelector(IEnclavePolicies.LimitInvalid.selector, kind, value, most),
            "out of bounds"
        );
    }

    function listed(ChangeKind kind, bytes32 subject, bool looser) private {
        bytes memory none = abi.encodeWithSelector(IEnclavePolicies.ChangeWithoutEffect.selector, policy, kind);
        if (!looser) tighten(kind, subject, 0);
        loosen(kind, subject, 0);
        Check.isTrue(registry.isListed(policy, kind, subject) == looser, "after a looser change");
        (, uint32 epoch, ) = registry.policyOf(policy);
        tighten(kind, subject, 0);
        Check.isTrue(registry.isListed(policy, kind, subject) != looser, "after a tighter one");
        (, uint32 next, ) = registry.policyOf(policy);
        Check.equal(next, epoch + 1, "another epoch");
        bytes memory data = abi.encodeCall(IEnclavePolicies.restrict, (policy, change(kind, subject, 0)));
        refuses(address(this), data, none, "tighter twice");
    }
}
