// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry, NodeStatus, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {CoinTrap} from "../../../contracts/mocks/tokens/CoinTrap.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryFixture} from "./NodeRegistryFixture.sol";

/// @notice What an operator does with his node, up to leaving.
contract NodeRegistryManageTest is NodeRegistryFixture {
    NodeId private constant UNKNOWN = NodeId.wrap(keccak256("unknown"));
    NodeId private node;

    function setUp() public override {
        super.setUp();
        node = registerNode();
    }

    function testFuzz_everyAction_reverts_whenNotOperator(address caller) public {
        vm.assume(caller != OPERATOR);
        bytes[5] memory actions = calls(node);
        for (uint256 i = 0; i < actions.length; ++i) {
            expectError(
                caller,
                actions[i],
                abi.encodeWithSelector(INodeRegistry.NotOperator.selector, node, caller, OPERATOR)
            );
        }
    }

    function test_everyAction_reverts_whenUnknown() public {
        bytes[5] memory actions = calls(UNKNOWN);
        for (uint256 i = 0; i < actions.length; ++i) {
            expectError(OPERATOR, actions[i], abi.encodeWithSelector(INodeRegistry.NodeUnknown.selector, UNKNOWN));
        }
    }

    function test_everyActionButTheLast_reverts_whenExitingOrGone() public {
        bytes[5] memory actions = calls(node);
        vm.prank(OPERATOR);
        registry.beginExit(node);
        for (uint256 i = 0; i < 4; ++i) expectError(OPERATOR, actions[i], notActive(NodeStatus.Exiting));
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
        for (uint256 i = 0; i < 4; ++i) expectError(OPERATOR, actions[i], notActive(NodeStatus.Exited));
    }

    function testFuzz_increaseBond_adds(uint96 amount) public {
        amount = uint96(bounded(amount, 1, 100 ether));
        vm.expectEmit();
        emit INodeRegistry.BondIncreased(node, amount, MIN_BOND + amount);
        vm.prank(OPERATOR);
        registry.increaseBond{value: amount}(node, amount);
        vm.assertEq(bondOf(node), MIN_BOND + amount, "bond");
        vm.assertEq(address(registry).balance, MIN_BOND + amount, "balance");
        assertStatus(node, NodeStatus.Active, "status");
    }

    function test_increaseBond_reverts_whenNothingIsAdded() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTooSmall.selector, 0, 1));
        vm.prank(OPERATOR);
        registry.increaseBond(node, 0);
    }

    function test_increaseBond_reverts_whenTheBondWouldNotFit() public {
        uint256 most = type(uint96).max;
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTooLarge.selector, most + MIN_BOND, most));
        registry.increaseBond(node, type(uint96).max);
    }

    function testFuzz_increaseBond_reverts_whenTheCoinSentDiffers(uint96 sent, uint96 amount) public {
        sent = uint96(bounded(sent, 0, 100 ether));
        vm.assume(amount != 0 && amount != sent && amount < type(uint96).max - MIN_BOND);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, sent, amount));
        vm.prank(OPERATOR);
        registry.increaseBond{value: sent}(node, amount);
    }

    function test_setPayee_changesWhoIsPaid() public {
        vm.expectEmit();
        emit INodeRegistry.PayeeChanged(node, address(0xFEE));
        vm.prank(OPERATOR);
        registry.setPayee(node, address(0xFEE));
        (address payee, NodeStatus status, uint8 roles) = registry.signerOf(vm.addr(KEY));
        vm.assertEq(payee, address(0xFEE), "payee");
        vm.assertEq(uint8(status), uint8(NodeStatus.Active), "status");
        vm.assertEq(roles, ROLE_GPU, "roles");
    }

    function test_setPayee_reverts_whenZero() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "payee"));
        vm.prank(OPERATOR);
        registry.setPayee(node, address(0));
    }

    function test_setEndpoint_replacesIt() public {
        vm.expectEmit();
        emit INodeRegistry.EndpointChanged(node, "https://elsewhere.example");
        vm.prank(OPERATOR);
        registry.setEndpoint(node, "https://elsewhere.example");
        vm.assertEq(registry.nodeOf(node).endpoint, "https://elsewhere.example", "endpoint");
    }

    function test_setEndpoint_reverts_whenTooLong() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.EndpointTooLong.selector, 257, 256));
        vm.prank(OPERATOR);
        registry.setEndpoint(node, string(new bytes(257)));
    }

    function test_beginExit_stopsTheNodeAtOnce() public {
        uint40 exitAt = uint40(block.timestamp) + DELAY;
        vm.expectEmit();
        emit INodeRegistry.ExitBegun(node, exitAt);
        vm.prank(OPERATOR);
        registry.beginExit(node);
        assertStatus(node, NodeStatus.Exiting, "status");
        vm.assertEq(registry.nodeOf(node).exitAt, exitAt, "time");
        vm.assertEq(bondOf(node), MIN_BOND, "bond");
    }

    /// @dev INV-23: not one second before the delay is over.
    function testFuzz_completeExit_reverts_whenTooEarly(uint256 early) public {
        vm.prank(OPERATOR);
        registry.beginExit(node);
        uint40 exitAt = registry.nodeOf(node).exitAt;
        vm.warp(exitAt - bounded(early, 1, DELAY));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ExitNotDue.selector, node, exitAt));
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
    }

    function testFuzz_completeExit_paysTheBond(uint96 bond, uint256 late) public {
        NodeId rich = registerNode(KEY + 1, ROLE_GPU, uint96(bounded(bond, MIN_BOND, 1_000 ether)));
        uint96 amount = bondOf(rich);
        vm.prank(OPERATOR);
        registry.beginExit(rich);
        vm.warp(block.timestamp + DELAY + bounded(late, 0, 10_000 days));
        address to = address(0x70);
        uint256 before = to.balance;
        vm.expectEmit();
        emit INodeRegistry.Exited(rich, to, amount);
        vm.prank(OPERATOR);
        registry.completeExit(rich, to);
        vm.assertEq(to.balance - before, amount, "paid");
        vm.assertEq(bondOf(rich), 0, "bond");
        vm.assertEq(address(registry).balance, MIN_BOND, "the other bond stays");
        assertStatus(rich, NodeStatus.Exited, "status");
    }

    function test_completeExit_reverts_whenNotExiting() public {
        bytes4 error = INodeRegistry.NodeNotExiting.selector;
        expectError(OPERATOR, calls(node)[4], abi.encodeWithSelector(error, node, NodeStatus.Active));
        exit(OPERATOR);
        expectError(OPERATOR, calls(node)[4], abi.encodeWithSelector(error, node, NodeStatus.Exited));
        vm.assertEq(address(registry).balance, 0, "paid once");
    }

    function test_completeExit_reverts_whenToIsZero() public {
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "to"));
        vm.prank(OPERATOR);
        registry.completeExit(node, address(0));
    }

    /// @dev INV-6: an account that cannot receive holds up nobody, and its operator names another.
    function test_completeExit_reverts_whenToRefusesCoin_andPaysAnother() public {
        CoinTrap trap = new CoinTrap();
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NativeTransferFailed.selector, trap, MIN_BOND));
        vm.prank(OPERATOR);
        registry.completeExit(node, address(trap));
        assertStatus(node, NodeStatus.Exiting, "nothing changed");
        vm.prank(OPERATOR);
        registry.completeExit(node, address(0x70));
        assertStatus(node, NodeStatus.Exited, "left");
    }

    function test_receive_refusesCoinThatIsNoBond() public {
        vm.deal(address(this), 1 ether);
        (bool ok, ) = address(registry).call{value: 1 ether}("");
        vm.assertFalse(ok, "plain coin");
    }

    function exit(address to) private {
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, to);
    }

    /// @dev Everything that only an operator may do; leaving for good comes last.
    function calls(NodeId target) private pure returns (bytes[5] memory) {
        return
            [
                abi.encodeCall(INodeRegistry.increaseBond, (target, 1)),
                abi.encodeCall(INodeRegistry.setPayee, (target, address(1))),
                abi.encodeCall(INodeRegistry.setEndpoint, (target, "x")),
                abi.encodeCall(INodeRegistry.beginExit, (target)),
                abi.encodeCall(INodeRegistry.completeExit, (target, OPERATOR))
            ];
    }

    function notActive(NodeStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(INodeRegistry.NodeNotActive.selector, vm.addr(KEY), status);
    }

    function expectError(address caller, bytes memory action, bytes memory reason) private {
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(registry).call(action);
        vm.assertFalse(ok, "refused");
        vm.assertEq(keccak256(answer), keccak256(reason), "error");
    }
}
