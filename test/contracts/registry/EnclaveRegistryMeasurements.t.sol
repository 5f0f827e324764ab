// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {
    Change,
    ChangeKind,
    IEnclavePolicies,
    PolicyTerms,
    Validity
} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KeyId} from "../../../contracts/interfaces/IReceiptKey.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../../../contracts/types/Development.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice What a policy takes: verifiers, schemes and measurements.
contract EnclaveRegistryMeasurementsTest is EnclaveRegistryBase {
    // Verifiers and schemes

    function test_activate_reverts_whenItIsNoVerifier() public {
        address nameless = address(new EchoVerifier(0));
        address[3] memory none = [address(0xDEAD), address(registry), nameless];
        for (uint256 i = 0; i < none.length; ++i) {
            refusesAtOnce(
                change(ChangeKind.Verifier, word(none[i]), 0),
                abi.encodeWithSelector(IEnclavePolicies.VerifierInvalid.selector, none[i]),
                "no verifier"
            );
        }
        refusesAtOnce(
            change(ChangeKind.Scheme, word(STRANGER), 0),
            abi.encodeWithSelector(IEnclavePolicies.SchemeInvalid.selector, STRANGER),
            "no scheme"
        );
        bytes32 dirty = bytes32(uint256(1) << 160) | word(address(verifier));
        refusesAtOnce(
            change(ChangeKind.Verifier, dirty, 0),
            abi.encodeWithSelector(
                IEnclavePolicies.LimitInvalid.selector,
                ChangeKind.Verifier,
                dirty,
                type(uint160).max
            ),
            "more than an address"
        );
    }

    function testFuzz_developmentRoot_isRefusedOnLiveChains(uint64 chainId) public {
        if (chainId == 31337 || chainId == 1337 || chainId == 0) chainId = 1;
        vm.chainId(31337);
        verifier = new EchoVerifier(DEVELOPMENT_FORMAT);
        policy = registry.createPolicy(terms(), basics(), bytes32(uint256(1)));
        register();

        vm.chainId(chainId);
        bytes memory reason = abi.encodeWithSelector(DevelopmentRootOnLiveNetwork.selector, chainId);
        refusesAtOnce(change(ChangeKind.Verifier, word(address(verifier)), 0), reason, "allowed on a live chain");
        // As on a live chain forked from a local one, where the verifier was allowed.
        refuses(OPERATOR, registration(OPERATOR), reason, "registered on a live chain");
    }

    // Measurements

    function testFuzz_measurement_reverts_whenTheIntervalIsEmpty(uint40 from, uint40 until) public {
        uint40 effective = from < START ? START : from;
        until = uint40(uint256(until) % (uint256(effective) + 1));
        refusesAtOnce(
            measured(bytes32(uint256(1)), from, until),
            abi.encodeWithSelector(IEnclavePolicies.ValidityInvalid.selector, effective, until),
            "an empty interval"
        );
    }

    function test_INVE1_aMeasurementIsAddedOnce() public {
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.MeasurementKnown.selector, policy, MEASUREMENT);
        for (uint256 i = 0; i < 2; ++i) {
            Change memory again = measured(MEASUREMENT, 0, UNTIL + 1000 days);
            registry.propose(policy, again);
            vm.warp(block.timestamp + DELAY);
            refuses(address(this), abi.encodeCall(IEnclavePolicies.activate, (policy, again)), reason, "added twice");
            registry.cancel(policy, again);
            if (i == 0) registry.revokeMeasurement(policy, MEASUREMENT);
        }
    }

    function test_revokeMeasurement_endsEveryKeyAtOnce() public {
        register();
        vm.warp(START + 10);
        Check.isTrue(isValid(), "before");
        registry.revokeMeasurement(policy, MEASUREMENT);
        bytes memory ended = measurementNotValid(START + 10);
        refuses(
            address(this),
            abi.encodeCall(IEnclaveKeys.requireValidKey, (policy, key)),
            ended,
            "in the very second of the revocation"
        );
        refuses(STRANGER, abi.encodeCall(IEnclaveKeys.refresh, (policy, key)), ended, "and for good");
        Validity memory validity = registry.measurementOf(policy, MEASUREMENT);
        Check.equal(validity.from, START, "what was valid stays known");
        Check.equal(validity.until, START + 10, "until when");
    }

    function test_deprecation_letsKeysComeBackUntilTheSunset() public {
        register();
        uint40 sunset = START + 5000;
        tighten(ChangeKind.Measurement, MEASUREMENT, sunset);
        assertFault(IEnclaveKeys.KeyStale.selector, "until it is refreshed");
        vm.prank(STRANGER);
        registry.refresh(policy, key);
        Check.isTrue(isValid(), "refreshed by anyone");
        Check.equal(registry.keyOf(policy, key).validity.until, sunset, "no longer than the measurement");
        vm.warp(sunset - 1);
        Check.isTrue(isValid(), "in the last second");
        vm.warp(sunset);
        Check.isTrue(!isValid(), "after the sunset");
    }

    function test_INVE1_theEndOfAMeasurementOnlyComesNearer() public {
        bytes memory data = abi.encodeCall(
            IEnclavePolicies.restrict,
            (policy, change(ChangeKind.Measurement, MEASUREMENT, UNTIL))
        );
        refuses(
            address(this),
            data,
            abi.encodeWithSelector(IEnclavePolicies.ChangeWithoutEffect.selector, policy, ChangeKind.Measurement),
            "no earlier"
        );
        vm.warp(UNTIL);
        bytes memory reason = measurementNotValid(UNTIL);
        data = abi.encodeCall(IEnclavePolicies.revokeMeasurement, (policy, MEASUREMENT));
        refuses(address(this), data, reason, "one that has ended");
    }

    function test_revokeMeasurement_beforeItBegan() public {
        bytes32 later = bytes32(uint256(1));
        loosen(measured(later, START + 10 days, UNTIL));
        registry.revokeMeasurement(policy, later);
        Validity memory validity = registry.measurementOf(policy, later);
        Check.equal(validity.from, START + 10 days, "from");
        Check.equal(validity.until, START + 10 days, "an empty interval");
    }

    function testFuzz_measurement_reverts_whenUnknown(bytes32 unknown) public {
        vm.assume(unknown != MEASUREMENT);
        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.MeasurementUnknown.selector, policy, unknown);
        refuses(
            address(this),
            abi.encodeCall(IEnclavePolicies.revokeMeasurement, (policy, unknown)),
            reason,
            "revoking it"
        );
        refuses(address(this), abi.encodeCall(IEnclavePolicies.measurementOf, (policy, unknown)), reason, "reading it");
    }

    /// @dev An epoch has room for 208 measurements that keys have; one more begins another.
    function test_measurements_moreThanAnEpochHolds() public {
        vm.chainId(31337);
        PolicyTerms memory wanted = terms();
        (wanted.test, wanted.delay) = (true, 0);
        policy = registry.createPolicy(wanted, basics(), bytes32(uint256(1)));
        register();
        KeyId first = key;
        for (uint256 i = 1; i <= 208; ++i) {
            Change memory more = measured(bytes32(i), START, UNTIL);
            registry.propose(policy, more);
            registry.activate(policy, more);
            useKey(0xB0B + i);
            registerUnder(bytes32(i));
            (, uint32 epoch, ) = registry.policyOf(policy);
            Check.equal(epoch, i < 208 ? 1 : 2, "the epoch");
        }
        Check.isTrue(isValid(), "the last one");
        key = first;
        assertFault(IEnclaveKeys.KeyStale.selector, "the first one, until it is refreshed");
        registry.refresh(policy, key);
        Check.isTrue(isValid(), "refreshed");
    }

    // ---- helpers

    function registerUnder(bytes32 measurement) private {
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.measurement = measurement;
        passes(OPERATOR, registration(OPERATOR, claims), "a registration under another measurement");
    }
}
