// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    INodeRegistry,
    NodeStatus,
    ROLE_DATA,
    ROLE_FULL,
    ROLE_GPU,
    ROLE_STORAGE
} from "../../../contracts/interfaces/INodeRegistry.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {deployNodeRegistry} from "../../support/Deploy.sol";
import {bounded, privateKey} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {SignatureAdapterFixture} from "./SignatureAdapterFixture.sol";

/// @notice Whose signature counts, and when.
contract SignatureAdapterTest is SignatureAdapterFixture {
    function test_selector_isKindOneNumberOne() public view {
        vm.assertTrue(registry.selector() == SELECTOR, "selector");
        vm.assertEq(registry.selector().kind(), 1, "kind");
    }

    function testFuzz_verify_acceptsAnActiveNode(uint256 seed, Statement memory claim, uint8 roles) public {
        uint256 key = privateKey(seed);
        claim.beneficiary = PAYEE;
        registerNode(key, uint8(bounded(roles, 0, 15)) | ROLE_GPU, MIN_BOND);
        assertAccepted(claim, evidenceFor(key, claim), "active node");
    }

    function test_verify_gas() public {
        registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        vm.cool(address(registry));
        registry.verify(statement(), "output", evidence);
        uint256 gas = vm.snapshotGasLastCall("verify: signature");
        vm.assertLt(gas, 12_000, "gas");
    }

    /// @dev A hub's check of a signature costs one cold read in the registry.
    function test_verify_readsOneSlot() public {
        registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        vm.record();
        registry.verify(statement(), "output", evidence);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(registry));
        vm.assertGe(reads.length, 1, "reads");
        for (uint256 i = 1; i < reads.length; ++i) vm.assertEq(reads[i], reads[0], "slot");
        vm.assertEq(writes.length, 0, "writes");
    }

    function testFuzz_verify_reverts_whenTheSignerIsUnknown(uint256 seed) public {
        uint256 key = privateKey(seed);
        vm.assume(key != KEY);
        registerNode();
        assertRefused(statement(), evidenceFor(key, statement()), notActive(key, NodeStatus.None), "unknown signer");
    }

    function test_verify_reverts_whenTheNodeLeft() public {
        NodeId node = registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        assertAccepted(statement(), evidence, "active");
        vm.prank(OPERATOR);
        registry.beginExit(node);
        assertRefused(statement(), evidence, notActive(KEY, NodeStatus.Exiting), "exiting");
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
        assertRefused(statement(), evidence, notActive(KEY, NodeStatus.Exited), "exited");
    }

    function test_verify_reverts_whileTheBondIsTooSmall() public {
        NodeId node = registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        activateSlasher();
        vm.prank(SLASHER);
        registry.slash(node, 1, SLASHER);
        assertRefused(statement(), evidence, notActive(KEY, NodeStatus.Underbonded), "underbonded");
        vm.prank(OPERATOR);
        registry.increaseBond{value: 1}(node, 1);
        assertAccepted(statement(), evidence, "bonded again");
    }

    function test_verify_reverts_whenTheNodeIsNoGpuNode() public {
        uint8 roles = ROLE_FULL | ROLE_DATA | ROLE_STORAGE;
        registerNode(KEY, roles, MIN_BOND);
        assertRefused(
            statement(),
            evidenceFor(KEY, statement()),
            abi.encodeWithSelector(INodeRegistry.RolesInvalid.selector, roles),
            "role"
        );
    }

    /// @dev INV-15: a node's signature pays that node's payee and nobody else, even where the node signs otherwise.
    function testFuzz_verify_reverts_whenTheBeneficiaryIsNotThePayee(address beneficiary) public {
        vm.assume(beneficiary != PAYEE);
        registerNode();
        Statement memory claim = statement();
        claim.beneficiary = beneficiary;
        assertRefused(
            claim,
            evidenceFor(KEY, claim),
            abi.encodeWithSelector(INodeRegistry.PayeeMismatch.selector, beneficiary, PAYEE),
            "beneficiary"
        );
    }

    function test_verify_followsTheChangedPayee() public {
        NodeId node = registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        vm.prank(OPERATOR);
        registry.setPayee(node, address(0xFEE));
        assertRefused(
            statement(),
            evidence,
            abi.encodeWithSelector(INodeRegistry.PayeeMismatch.selector, PAYEE, address(0xFEE)),
            "old payee"
        );
        Statement memory claim = statement();
        claim.beneficiary = address(0xFEE);
        assertAccepted(claim, evidenceFor(KEY, claim), "new payee");
    }

    function test_verify_reverts_whenTheNodeIsOfAnotherRegistry() public {
        registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        registry = deployNodeRegistry(address(0), MIN_BOND, DELAY, OWNER);
        assertRefused(statement(), evidence, notActive(KEY, NodeStatus.None), "other registry");
    }

    /// @dev The chain is the one the statement names; that it is this one is the hub's to check.
    function test_verify_bindsTheChainOfTheStatement() public {
        registerNode();
        bytes memory evidence = evidenceFor(KEY, statement());
        vm.chainId(1);
        assertAccepted(statement(), evidence, "same statement on a chain that was renumbered");
        Statement memory claim = statement();
        claim.chainId = 1;
        assertRefused(claim, evidence, "statement of another chain");
    }

    /// @dev Signed for another adapter: the digest holds the selector.
    function testFuzz_verify_reverts_whenSignedForAnotherAdapter(bytes4 other) public {
        vm.assume(other != ProofSelector.unwrap(SELECTOR));
        registerNode();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, this.digestOf(statement(), ProofSelector.wrap(other)));
        assertRefused(statement(), abi.encodePacked(SELECTOR, r, s, v), "other selector in the digest");
    }

    function notActive(uint256 key, NodeStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(INodeRegistry.NodeNotActive.selector, vm.addr(key), status);
    }
}
