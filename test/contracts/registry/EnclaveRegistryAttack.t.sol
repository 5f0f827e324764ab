// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {Change, ChangeKind, IEnclavePolicies} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, Registration} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IBindingScheme} from "../../../contracts/interfaces/IBindingScheme.sol";
import {Check} from "../../support/Check.sol";
import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "./EnclaveRegistryBase.sol";

interface IBlockhashes {
    function setBlockhash(uint256 blockNumber, bytes32 blockHash) external;
}

/// @notice Ways around the delay of a policy and the freshness of evidence.
contract EnclaveRegistryAttackTest is EnclaveRegistryBase {
    /// @dev Evidence that shows a key alone, of years ago.
    function old(IBindingScheme scheme) private view returns (bytes memory) {
        Claims memory claims = honest(0);
        claims.issuedAt = START - 1000 days;
        claims.keyHash = bytes32(uint256(uint160(vm.addr(KEY))));
        Registration memory made = blank(OPERATOR);
        made.scheme = scheme;
        made.evidence = abi.encode(claims);
        return encode(made);
    }

    /// @dev A policy without an age of evidence takes none that shows a key alone, so a first age is looser and waits.
    function test_maxEvidenceAge_theFirstWaits() public {
        IBindingScheme scheme = IBindingScheme(deploy("NitroPublicKeyBinding.sol:NitroPublicKeyBinding", ""));
        loosen(ChangeKind.Scheme, word(address(scheme)), 0);
        bytes memory reason = abi.encodeWithSelector(
            IEnclaveKeys.EvidenceAgeInvalid.selector,
            uint64(START - 1000 days),
            uint40(0)
        );
        refuses(OPERATOR, old(scheme), reason, "no age");
        Change memory age = change(ChangeKind.MaxEvidenceAge, 0, type(uint40).max);
        reason = abi.encodeWithSelector(IEnclavePolicies.ChangeForbidden.selector, ChangeKind.MaxEvidenceAge);
        refuses(GUARDIAN, abi.encodeCall(IEnclavePolicies.restrict, (policy, age)), reason, "at once");
        loosen(age);
        passes(OPERATOR, old(scheme), "after the delay");
    }

    /// @dev What was ready before a restriction does not undo it, however many of the same were kept ready.
    function test_restrict_voidsWhatWasProposedBefore() public {
        Change memory again = change(ChangeKind.Verifier, word(address(verifier)), 0);
        Change memory pause = change(ChangeKind.Paused, bytes32(uint256(1)), 0);
        Change memory other = change(ChangeKind.Verifier, word(address(canonical)), 0);
        registry.propose(policy, again);
        again.commit = bytes32(uint256(1));
        registry.propose(policy, again);
        registry.propose(policy, pause);
        registry.propose(policy, other);
        vm.warp(block.timestamp + DELAY);
        vm.prank(GUARDIAN);
        tighten(ChangeKind.Verifier, word(address(verifier)), 0);
        vm.prank(GUARDIAN);
        tighten(ChangeKind.Paused, 0, 0);

        bytes memory reason = abi.encodeWithSelector(IEnclavePolicies.ChangeNotProposed.selector, policy);
        bytes memory data = abi.encodeCall(IEnclavePolicies.activate, (policy, again));
        refuses(STRANGER, data, reason, "with a commit");
        again.commit = 0;
        data = abi.encodeCall(IEnclavePolicies.activate, (policy, again));
        refuses(STRANGER, data, reason, "without");
        data = abi.encodeCall(IEnclavePolicies.activate, (policy, pause));
        refuses(STRANGER, data, reason, "the pause, with a subject that it has not");
        Check.equal(uint256(registry.readyAt(policy, again)), 0, "told as gone");
        Check.equal(uint256(registry.readyAt(policy, other)), block.timestamp, "another subject");
        // Proposed anew, in the same second even, it waits its time.
        loosen(again);
        Check.isTrue(registry.isVerifierAllowed(policy, verifier), "after another delay");
    }

    /// @dev Where the chain tells no hash there is no challenge.
    function test_challenge_needsAHash() public {
        Registration memory made = blank(OPERATOR);
        IBlockhashes(address(vm)).setBlockhash(made.challengeBlock, 0);
        made = blank(OPERATOR);
        made.evidence = abi.encode(honest(bindingFor(OPERATOR)));
        bytes memory reason = abi.encodeWithSelector(
            IEnclaveKeys.ChallengeTooOld.selector,
            made.challengeBlock,
            block.number
        );
        refuses(OPERATOR, encode(made), reason, "a hash of zero");
    }
}
