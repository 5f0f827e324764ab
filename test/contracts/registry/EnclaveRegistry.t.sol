// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IEnclaveRegistry, Validity} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {RawVerifier} from "../../../contracts/mocks/attestation/RawVerifier.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../../../contracts/types/Development.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

contract EnclaveRegistryTest is EnclaveRegistryBase {
    address private constant STRANGER = address(0x57A46E4);

    // Policies

    function testFuzz_createPolicy_bindsTheIdToItsCreator(address creator, bytes32 salt, uint40 age) public {
        vm.assume(creator != address(0));
        if (age == 0) age = 1;
        bytes32 expected = keccak256(abi.encode(block.chainid, address(registry), creator, salt));
        vm.assume(expected != PolicyId.unwrap(policy));
        vm.prank(creator);
        PolicyId made = registry.createPolicy(age, salt);
        Check.equal(PolicyId.unwrap(made), expected, "the id");
        Check.equal(PolicyId.unwrap(registry.policyIdOf(creator, salt)), expected, "policyIdOf");
        Check.equal(registry.ownerOf(made), creator, "the owner");
    }

    function test_createPolicy_reverts_whenItExists() public {
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.createPolicy, (1, 0)),
            abi.encodeWithSelector(IEnclaveRegistry.PolicyExists.selector, policy),
            "a policy made twice"
        );
    }

    function test_createPolicy_reverts_whenKeysWouldNeverBeValid() public {
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.createPolicy, (0, bytes32(uint256(1)))),
            abi.encodeWithSelector(IEnclaveRegistry.ValidityInvalid.selector, 0, 0),
            "a maximum age of zero"
        );
    }

    function test_ownership_takesAnOfferAndAnAcceptance() public {
        registry.offerPolicyOwnership(policy, STRANGER);
        Check.equal(registry.ownerOf(policy), address(this), "the owner before acceptance");
        refuses(
            OPERATOR,
            abi.encodeCall(IEnclaveRegistry.acceptPolicyOwnership, (policy)),
            abi.encodeWithSelector(IEnclaveRegistry.NotOfferedOwner.selector, policy, OPERATOR, STRANGER),
            "another's offer"
        );
        passes(STRANGER, abi.encodeCall(IEnclaveRegistry.acceptPolicyOwnership, (policy)), "acceptance");
        Check.equal(registry.ownerOf(policy), STRANGER, "the owner after acceptance");
        refuses(
            STRANGER,
            abi.encodeCall(IEnclaveRegistry.acceptPolicyOwnership, (policy)),
            abi.encodeWithSelector(IEnclaveRegistry.NotOfferedOwner.selector, policy, STRANGER, address(0)),
            "an offer taken twice"
        );
    }

    function test_ownership_anOfferCanBeTakenBack() public {
        registry.offerPolicyOwnership(policy, STRANGER);
        registry.offerPolicyOwnership(policy, address(0));
        refuses(
            STRANGER,
            abi.encodeCall(IEnclaveRegistry.acceptPolicyOwnership, (policy)),
            abi.encodeWithSelector(IEnclaveRegistry.NotOfferedOwner.selector, policy, STRANGER, address(0)),
            "an offer taken back"
        );
    }

    function test_ownerOnly_everyCallThatChangesAPolicy() public {
        bytes[5] memory calls = [
            abi.encodeCall(IEnclaveRegistry.offerPolicyOwnership, (policy, STRANGER)),
            abi.encodeCall(IEnclaveRegistry.allowVerifier, (policy, verifier)),
            abi.encodeCall(IEnclaveRegistry.forbidVerifier, (policy, verifier)),
            abi.encodeCall(IEnclaveRegistry.addMeasurement, (policy, bytes32(uint256(1)), START, UNTIL)),
            abi.encodeCall(IEnclaveRegistry.revokeMeasurement, (policy, MEASUREMENT))
        ];
        bytes memory reason = abi.encodeWithSelector(
            IEnclaveRegistry.NotPolicyOwner.selector,
            policy,
            STRANGER,
            address(this)
        );
        for (uint256 i = 0; i < calls.length; ++i) refuses(STRANGER, calls[i], reason, "a call by a stranger");
    }

    function testFuzz_unknownPolicy_isRefusedEverywhere(PolicyId unknown) public {
        vm.assume(unknown != policy);
        bytes[8] memory calls = [
            abi.encodeCall(IEnclaveRegistry.offerPolicyOwnership, (unknown, STRANGER)),
            abi.encodeCall(IEnclaveRegistry.acceptPolicyOwnership, (unknown)),
            abi.encodeCall(IEnclaveRegistry.allowVerifier, (unknown, verifier)),
            abi.encodeCall(IEnclaveRegistry.forbidVerifier, (unknown, verifier)),
            abi.encodeCall(IEnclaveRegistry.addMeasurement, (unknown, MEASUREMENT, START, UNTIL)),
            abi.encodeCall(IEnclaveRegistry.revokeMeasurement, (unknown, MEASUREMENT)),
            abi.encodeCall(IEnclaveRegistry.ownerOf, (unknown)),
            abi.encodeCall(IEnclaveRegistry.registerKey, (unknown, verifier, key, "", 0, "", "", ""))
        ];
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.PolicyUnknown.selector, unknown);
        for (uint256 i = 0; i < calls.length; ++i) refuses(address(this), calls[i], reason, "an unknown policy");
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.requireValidKey, (unknown, key)),
            abi.encodeWithSelector(IEnclaveRegistry.KeyUnknown.selector, unknown, key),
            "a key of an unknown policy"
        );
    }

    // Verifiers

    function test_allowVerifier_reverts_whenItIsNone() public {
        address[2] memory none = [address(0xDEAD), address(registry)];
        for (uint256 i = 0; i < none.length; ++i) {
            refuses(
                address(this),
                abi.encodeCall(IEnclaveRegistry.allowVerifier, (policy, IAttestationVerifier(none[i]))),
                abi.encodeWithSelector(IEnclaveRegistry.VerifierInvalid.selector, none[i]),
                "no verifier"
            );
        }
        IAttestationVerifier nameless = new EchoVerifier(0);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.allowVerifier, (policy, nameless)),
            abi.encodeWithSelector(IEnclaveRegistry.VerifierInvalid.selector, nameless),
            "a verifier without a format"
        );
    }

    function test_forbidVerifier_stopsNewKeysAndLeavesOldOnes() public {
        register();
        registry.forbidVerifier(policy, verifier);
        Check.isTrue(!registry.isVerifierAllowed(policy, verifier), "forbidden");
        Check.isTrue(isValid(), "a key that stood keeps standing");
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.VerifierNotAllowed.selector, policy, verifier);
        refuses(OPERATOR, registration(OPERATOR, honest(bindingFor(OPERATOR))), reason, "a forbidden verifier");
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.forbidVerifier, (policy, verifier)),
            reason,
            "forbidden twice"
        );
    }

    function testFuzz_developmentRoot_isRefusedOnLiveChains(uint64 chainId) public {
        if (chainId == 31337 || chainId == 1337 || chainId == 0) chainId = 1;
        IAttestationVerifier development = new EchoVerifier(DEVELOPMENT_FORMAT);
        registry.allowVerifier(policy, development);
        verifier = development;
        register();

        vm.chainId(chainId);
        bytes memory reason = abi.encodeWithSelector(DevelopmentRootOnLiveNetwork.selector, chainId);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.allowVerifier, (policy, development)),
            reason,
            "allowed on a live chain"
        );
        // As on a live chain forked from a local one, where the verifier was allowed.
        bytes memory data = registration(OPERATOR, honest(bindingFor(OPERATOR)));
        refuses(OPERATOR, data, reason, "registered on a live chain");
    }

    function test_registerKey_reverts_whenAnotherVerifierClaimsTheDevelopmentFormat() public {
        vm.chainId(1);
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.format = DEVELOPMENT_FORMAT;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(DevelopmentRootOnLiveNetwork.selector, 1),
            "the development format under another name"
        );
    }

    function testFuzz_registerKey_refusesAnAnswerOfAnyOtherLength(uint16 length) public {
        length = length % 1024;
        if (length == 0 || length == 416) length = 415;
        verifier = IAttestationVerifier(address(new RawVerifier()));
        registry.allowVerifier(policy, verifier);
        refuses(
            OPERATOR,
            registration(new bytes(length), sign(KEY, bindingFor(OPERATOR))),
            abi.encodeWithSelector(IEnclaveRegistry.VerifierInvalid.selector, verifier),
            "a short or long answer"
        );
    }

    function test_registerKey_passesTheVerifiersErrorOn() public {
        verifier = IAttestationVerifier(address(new RawVerifier()));
        registry.allowVerifier(policy, verifier);
        bytes memory proof = sign(KEY, bindingFor(OPERATOR));
        refuses(
            OPERATOR,
            registration(hex"ffff", proof),
            abi.encodeWithSelector(RawVerifier.Refused.selector, 2),
            "a typed refusal"
        );
        refuses(
            OPERATOR,
            registration("", proof),
            abi.encodeWithSelector(IEnclaveRegistry.VerifierInvalid.selector, verifier),
            "a refusal without a reason"
        );
    }

    // Measurements

    function test_addMeasurement_startsNoEarlierThanNow() public {
        registry.addMeasurement(policy, bytes32(uint256(1)), 0, START + 1);
        Validity memory validity = registry.measurementOf(policy, bytes32(uint256(1)));
        Check.equal(validity.from, START, "from");
        Check.equal(validity.until, START + 1, "until");
    }

    function testFuzz_addMeasurement_reverts_whenTheIntervalIsEmpty(uint40 from, uint40 until) public {
        uint40 effective = from < START ? START : from;
        until = uint40(uint256(until) % (uint256(effective) + 1));
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.addMeasurement, (policy, bytes32(uint256(1)), from, until)),
            abi.encodeWithSelector(IEnclaveRegistry.ValidityInvalid.selector, effective, until),
            "an empty interval"
        );
    }

    function test_INVE1_aMeasurementIsAddedOnce() public {
        bytes memory data = abi.encodeCall(IEnclaveRegistry.addMeasurement, (policy, MEASUREMENT, START, UNTIL));
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.MeasurementKnown.selector, policy, MEASUREMENT);
        refuses(address(this), data, reason, "added twice");
        registry.revokeMeasurement(policy, MEASUREMENT);
        refuses(address(this), data, reason, "added again after its revocation");
    }

    function test_revokeMeasurement_endsEveryKeyAtOnce() public {
        register();
        vm.warp(START + 10);
        Check.isTrue(isValid(), "before");
        registry.revokeMeasurement(policy, MEASUREMENT);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.requireValidKey, (policy, key)),
            abi.encodeWithSelector(
                IEnclaveRegistry.MeasurementNotValid.selector,
                policy,
                MEASUREMENT,
                START,
                START + 10
            ),
            "in the very second of the revocation"
        );
        Validity memory validity = registry.measurementOf(policy, MEASUREMENT);
        Check.equal(validity.from, START, "what was valid stays known");
        Check.equal(validity.until, START + 10, "until when");
    }

    function test_revokeMeasurement_beforeItBegan() public {
        bytes32 later = bytes32(uint256(1));
        registry.addMeasurement(policy, later, START + 100, UNTIL);
        registry.revokeMeasurement(policy, later);
        Validity memory validity = registry.measurementOf(policy, later);
        Check.equal(validity.from, START + 100, "from");
        Check.equal(validity.until, START + 100, "an empty interval");
    }

    function test_revokeMeasurement_reverts_whenItHasEnded() public {
        vm.warp(UNTIL);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.revokeMeasurement, (policy, MEASUREMENT)),
            abi.encodeWithSelector(IEnclaveRegistry.MeasurementNotValid.selector, policy, MEASUREMENT, START, UNTIL),
            "one that has ended"
        );
    }

    function testFuzz_measurement_reverts_whenUnknown(bytes32 unknown) public {
        vm.assume(unknown != MEASUREMENT);
        bytes memory reason = abi.encodeWithSelector(IEnclaveRegistry.MeasurementUnknown.selector, policy, unknown);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveRegistry.revokeMeasurement, (policy, unknown)),
            reason,
            "revoking it"
        );
        refuses(address(this), abi.encodeCall(IEnclaveRegistry.measurementOf, (policy, unknown)), reason, "reading it");
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.measurement = unknown;
        refuses(OPERATOR, registration(OPERATOR, claims), reason, "a key under it");
    }
}
