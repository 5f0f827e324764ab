// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../../../contracts/interfaces/IBindingScheme.sol";
import {Change, ChangeKind, IEnclavePolicies} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, Registration} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {HostileAnswerer} from "../../../contracts/mocks/attestation/HostileAnswerer.sol";
import {RawVerifier} from "../../../contracts/mocks/attestation/RawVerifier.sol";
import {DEVELOPMENT_FORMAT, DevelopmentRootOnLiveNetwork} from "../../../contracts/types/Development.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

/// @notice Verifiers and schemes that answer with anything but an answer.
contract EnclaveRegistryHostileTest is EnclaveRegistryBase {
    uint256 private _salt;

    function test_registerKey_reverts_whenAVerifierClaimsTheDevelopmentFormat() public {
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.format = DEVELOPMENT_FORMAT;
        refuses(
            OPERATOR,
            registration(OPERATOR, claims),
            abi.encodeWithSelector(DevelopmentRootOnLiveNetwork.selector, 10),
            "the development format under another name"
        );
    }

    function testFuzz_registerKey_refusesAnAnswerOfAnyOtherLength(uint16 length) public {
        length = length % 1024;
        if (length == 0 || length == 416) length = 415;
        useVerifier(address(new RawVerifier()));
        refuses(OPERATOR, with(new bytes(length)), invalid(), "a short or long answer");
    }

    function testFuzz_registerKey_refusesWordsThatAreTooWide(uint8 field, uint256 value) public {
        // Fields narrower than a word, and their widths.
        uint8[2][5] memory narrow = [[7, 64], [8, 64], [9, 32], [10, 8], [11, 16]];
        uint8[2] memory which = [narrow[field % 5][0], narrow[field % 5][1]];
        value |= 1 << which[1];
        bytes memory evidence = abi.encode(honest(bindingFor(OPERATOR)));
        uint256 at = 0x20 + uint256(which[0]) * 0x20;
        assembly ("memory-safe") {
            mstore(add(evidence, at), value)
        }
        useVerifier(address(new RawVerifier()));
        refuses(OPERATOR, with(evidence), invalid(), "a word that is too wide");
    }

    function test_registerKey_passesTheVerifiersErrorOn() public {
        useVerifier(address(new RawVerifier()));
        bytes memory reason = abi.encodeWithSelector(RawVerifier.Refused.selector, 2);
        refuses(OPERATOR, with(hex"ffff"), reason, "a typed refusal");
        refuses(OPERATOR, with(""), invalid(), "a refusal without a reason");
    }

    function test_hostileVerifiers_areRefusedCheaply() public {
        for (uint256 i = 0; i < 7; ++i) {
            HostileAnswerer.Mood mood = HostileAnswerer.Mood(i);
            useVerifier(address(new HostileAnswerer(mood)));
            bytes memory data = with("");
            (bytes memory reason, uint256 spent) = reasonOf(data);
            if (mood == HostileAnswerer.Mood.HugeReason) Check.equal(reason.length, 1024, "a reason cut short");
            else Check.equal(keccak256(reason), keccak256(invalid()), "no verifier");
            // What the verifier itself burns is the sender's affair; its answer must cost nothing more.
            if (mood != HostileAnswerer.Mood.BurnGas) Check.isTrue(spent < 2_700_000, "not paid for twice");
            Check.isTrue(!isValid(), "no key");
        }
    }

    function test_hostileSchemes_areRefused() public {
        for (uint256 i = 0; i < 7; ++i) {
            HostileAnswerer.Mood mood = HostileAnswerer.Mood(i);
            canonical = IBindingScheme(address(new HostileAnswerer(mood)));
            policy = registry.createPolicy(terms(), basics(), bytes32(++_salt));
            (bytes memory reason, ) = reasonOf(registration(OPERATOR));
            bytes memory refused = abi.encodeWithSelector(IEnclaveKeys.SchemeRefused.selector, canonical);
            if (mood == HostileAnswerer.Mood.HugeReason) Check.equal(reason.length, 1024, "a reason cut short");
            else Check.equal(keccak256(reason), keccak256(refused), "no scheme");
            Check.isTrue(!isValid(), "no key");
        }
    }

    function test_whatNobodyKnows_isRefused() public {
        (bool ok, bytes memory answer) = address(registry).call(abi.encodeWithSelector(0xdeadbeef));
        Check.isTrue(!ok && answer.length == 0, "a call that neither half knows");
        (ok, ) = address(registry).call("");
        Check.isTrue(!ok, "an empty call");
        vm.deal(address(this), 1);
        (ok, ) = address(registry).call{value: 1}("");
        Check.isTrue(!ok, "coin");
    }

    // ---- helpers

    function useVerifier(address other) private {
        verifier = IAttestationVerifier(other);
        Change[] memory changes = basics();
        changes[0] = change(ChangeKind.Verifier, word(other), 0);
        policy = registry.createPolicy(terms(), changes, bytes32(++_salt));
    }

    function with(bytes memory evidence) private view returns (bytes memory) {
        Registration memory made = blank(OPERATOR);
        made.evidence = evidence;
        return encode(made);
    }

    function invalid() private view returns (bytes memory) {
        return abi.encodeWithSelector(IEnclavePolicies.VerifierInvalid.selector, verifier);
    }

    function reasonOf(bytes memory data) private returns (bytes memory answer, uint256 spent) {
        vm.prank(OPERATOR);
        spent = gasleft();
        bool ok;
        (ok, answer) = address(registry).call{gas: 8_000_000}(data);
        spent -= gasleft();
        Check.isTrue(!ok, "a hostile answer was taken");
    }
}
