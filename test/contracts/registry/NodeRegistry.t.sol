// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {INodeRegistry, NodeInfo, NodeStatus, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {NodeRegistry} from "../../../contracts/registry/NodeRegistry.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {MAX_CHALLENGE_WINDOW, MAX_REQUEST_LIFETIME} from "../../../contracts/types/Limits.sol";
import {deployNodeRegistry} from "../../support/Deploy.sol";
import {CURVE_ORDER, bounded, privateKey} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryFixture} from "./NodeRegistryFixture.sol";

/// @notice Deployment, registration, and the proof that the signer agrees.
contract NodeRegistryTest is NodeRegistryFixture {
    function test_constructor_keepsItsTerms() public view {
        vm.assertEq(registry.BOND_TOKEN(), address(0), "token");
        vm.assertEq(registry.MIN_BOND(), MIN_BOND, "least bond");
        vm.assertEq(registry.UNBONDING_DELAY(), DELAY, "delay");
        vm.assertEq(registry.owner(), OWNER, "owner");
    }

    function testFuzz_constructor_reverts_whenTheDelayIsTooShort(uint40 delay) public {
        uint40 least = MAX_REQUEST_LIFETIME + MAX_CHALLENGE_WINDOW + 1;
        deployNodeRegistry(address(0), MIN_BOND, least, OWNER);
        delay = uint40(bounded(delay, 0, least - 1));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.UnbondingDelayTooShort.selector, delay, least));
        deployNodeRegistry(address(0), MIN_BOND, delay, OWNER);
    }

    function testFuzz_constructor_reverts_whenTheDelayIsTooLong(uint40 delay) public {
        deployNodeRegistry(address(0), MIN_BOND, 365 days, OWNER);
        delay = uint40(bounded(delay, 365 days + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.UnbondingDelayTooLong.selector, delay, uint256(365 days)));
        deployNodeRegistry(address(0), MIN_BOND, delay, OWNER);
    }

    function test_constructor_reverts_whenNodesWouldBeUnbonded() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTooSmall.selector, 0, 1));
        deployNodeRegistry(address(0), 0, DELAY, OWNER);
    }

    function test_constructor_reverts_whenTheOwnerIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        deployNodeRegistry(address(0), MIN_BOND, DELAY, address(0));
    }

    function testFuzz_register_keepsEveryField(
        uint256 seed,
        address operator,
        address payee,
        uint8 roles,
        uint96 bond
    ) public {
        vm.assume(operator != address(0) && payee != address(0));
        uint256 key = privateKey(seed);
        roles = uint8(bounded(roles, 1, 15));
        bond = uint96(bounded(bond, MIN_BOND, type(uint96).max));
        address signer = vm.addr(key);
        NodeId expected = registry.nodeIdOf(operator, signer);
        bytes memory proof = possession(registry, key, operator, payee, roles);
        vm.deal(operator, bond);

        vm.expectEmit();
        emit INodeRegistry.NodeRegistered(expected, operator, signer, payee, roles, bond, ENDPOINT);
        vm.prank(operator);
        NodeId node = registry.register{value: bond}(signer, payee, roles, bond, ENDPOINT, proof);

        vm.assertTrue(node == expected, "id");
        NodeInfo memory info = registry.nodeOf(node);
        NodeInfo memory wanted = NodeInfo(operator, signer, payee, NodeStatus.Active, roles, 0, bond, ENDPOINT);
        vm.assertEq(keccak256(abi.encode(info)), keccak256(abi.encode(wanted)), "node");
        (address paid, NodeStatus status, uint8 held) = registry.signerOf(signer);
        vm.assertEq(paid, payee, "payee of the signer");
        vm.assertEq(uint8(status), uint8(NodeStatus.Active), "status of the signer");
        vm.assertEq(held, roles, "roles of the signer");
        vm.assertEq(address(registry).balance, bond, "balance");
    }

    function test_register_reverts_whenAnAddressIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "signer"));
        registry.register(address(0), PAYEE, ROLE_GPU, MIN_BOND, "", "");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "payee"));
        registry.register(vm.addr(KEY), address(0), ROLE_GPU, MIN_BOND, "", "");
    }

    function testFuzz_register_reverts_whenRolesAreNoneOrUnknown(uint8 roles) public {
        roles = roles < 16 ? 0 : roles;
        expectRefused(KEY, roles, MIN_BOND, abi.encodeWithSelector(INodeRegistry.RolesInvalid.selector, roles));
    }

    function testFuzz_register_reverts_whenTheBondIsTooSmall(uint96 bond) public {
        bond = uint96(bounded(bond, 0, MIN_BOND - 1));
        bytes memory reason = abi.encodeWithSelector(INodeRegistry.BondTooSmall.selector, bond, MIN_BOND);
        expectRefused(KEY, ROLE_GPU, bond, reason);
    }

    function testFuzz_register_reverts_whenTheCoinSentIsNotTheBond(uint96 sent) public {
        sent = uint96(bounded(sent, 0, 10 ether));
        vm.assume(sent != MIN_BOND);
        bytes memory proof = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, sent, MIN_BOND));
        vm.prank(OPERATOR);
        registry.register{value: sent}(vm.addr(KEY), PAYEE, ROLE_GPU, MIN_BOND, ENDPOINT, proof);
    }

    function test_register_reverts_whenTheEndpointIsTooLong() public {
        bytes memory proof = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        address signer = vm.addr(KEY);
        vm.startPrank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.EndpointTooLong.selector, 257, 256));
        registry.register{value: MIN_BOND}(signer, PAYEE, ROLE_GPU, MIN_BOND, string(new bytes(257)), proof);
        registry.register{value: MIN_BOND}(signer, PAYEE, ROLE_GPU, MIN_BOND, string(new bytes(256)), proof);
    }

    /// @dev INV-N1: not by another operator, not by the same, not after it left.
    function test_register_reverts_whenTheSignerWasEverUsed() public {
        NodeId node = registerNode();
        bytes memory taken = abi.encodeWithSelector(INodeRegistry.SignerTaken.selector, vm.addr(KEY));
        expectRefused(KEY, ROLE_GPU, MIN_BOND, taken);
        expectTakenBySomeoneElse(taken);

        vm.prank(OPERATOR);
        registry.beginExit(node);
        expectRefused(KEY, ROLE_GPU, MIN_BOND, taken);
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
        expectRefused(KEY, ROLE_GPU, MIN_BOND, taken);
        expectTakenBySomeoneElse(taken);
    }

    function testFuzz_register_reverts_whenSignedByAnotherKey(uint256 seed) public {
        uint256 key = privateKey(seed);
        vm.assume(key != KEY);
        expectProofRefused(possession(registry, key, OPERATOR, PAYEE, ROLE_GPU), vm.addr(key));
    }

    /// @dev INV-11 for the proof of possession: it dies when any one field changes.
    function test_register_reverts_whenAnySignedFieldDiffers() public {
        NodeRegistry other = deployNodeRegistry(address(0), MIN_BOND, DELAY, OWNER);
        expectProofRefused(possession(registry, KEY, address(0xBAD), PAYEE, ROLE_GPU));
        expectProofRefused(possession(registry, KEY, OPERATOR, address(0xBAD), ROLE_GPU));
        expectProofRefused(possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU | 2));
        expectProofRefused(possession(other, KEY, OPERATOR, PAYEE, ROLE_GPU));
        // The number is written out: the optimizer takes `block.chainid` for a constant of the call.
        vm.chainId(1);
        bytes memory foreign = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        vm.chainId(31337);
        expectProofRefused(foreign);
        registerNode();
    }

    /// @dev The domain follows the chain, also one that forks off after deployment.
    function test_register_readsTheChainIdEachTime() public {
        vm.chainId(1);
        registerNode();
    }

    function test_register_reverts_whenTheSignatureIsNotCanonical() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, registrationDigest(registry, OPERATOR, PAYEE, ROLE_GPU));
        bytes32 highS = bytes32(CURVE_ORDER - uint256(s));
        expectProofRefused(abi.encodePacked(r, highS, v ^ 7), address(0));
        expectProofRefused(abi.encodePacked(r, s, v - 27), address(0));
        expectProofRefused(abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))), address(0));
        expectProofRefused("", address(0));
    }

    function test_nodeOf_reverts_whenUnknown() public {
        NodeId unknown = registry.nodeIdOf(OPERATOR, vm.addr(KEY));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeUnknown.selector, unknown));
        registry.nodeOf(unknown);
    }

    function testFuzz_signerOf_answersZerosForAnUnknownSigner(address signer) public view {
        (address payee, NodeStatus status, uint8 roles) = registry.signerOf(signer);
        vm.assertEq(payee, address(0), "payee");
        vm.assertEq(uint8(status), uint8(NodeStatus.None), "status");
        vm.assertEq(roles, 0, "roles");
    }

    function testFuzz_nodeIdOf_commitsToEverything(address operator, address signer) public {
        NodeId id = registry.nodeIdOf(operator, signer);
        bytes32 expected = keccak256(abi.encode(block.chainid, address(registry), operator, signer));
        vm.assertEq(NodeId.unwrap(id), expected, "hash");
        if (operator != signer) vm.assertFalse(id == registry.nodeIdOf(signer, operator), "swapped");
        vm.chainId(1);
        vm.assertFalse(id == registry.nodeIdOf(operator, signer), "chain");
    }

    function expectProofRefused(bytes memory proof) private {
        address signer = vm.addr(KEY);
        uint256 before = address(registry).balance;
        vm.prank(OPERATOR);
        try registry.register{value: MIN_BOND}(signer, PAYEE, ROLE_GPU, MIN_BOND, ENDPOINT, proof) {
            vm.assertTrue(false, "a proof for something else was accepted");
        } catch (bytes memory reason) {
            vm.assertTrue(bytes4(reason) == INodeRegistry.SignerProofInvalid.selector, "error");
        }
        vm.assertEq(address(registry).balance, before, "balance");
    }

    function expectProofRefused(bytes memory proof, address recovered) private {
        address signer = vm.addr(KEY);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.SignerProofInvalid.selector, signer, recovered));
        vm.prank(OPERATOR);
        registry.register{value: MIN_BOND}(signer, PAYEE, ROLE_GPU, MIN_BOND, ENDPOINT, proof);
    }

    function expectTakenBySomeoneElse(bytes memory taken) private {
        address thief = address(0x7413F);
        vm.deal(thief, MIN_BOND);
        bytes memory proof = possession(registry, KEY, thief, thief, ROLE_GPU);
        vm.expectRevert(taken);
        vm.prank(thief);
        registry.register{value: MIN_BOND}(vm.addr(KEY), thief, ROLE_GPU, MIN_BOND, ENDPOINT, proof);
    }
}
