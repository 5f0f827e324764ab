// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {INodeRegistry, NodeStatus, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {CoinTrap} from "../../../contracts/mocks/tokens/CoinTrap.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryFixture} from "./NodeRegistryFixture.sol";

/// @notice Slashers, what they may take, and what a node is afterwards.
contract NodeRegistrySlashingTest is NodeRegistryFixture {
    address private constant FUND = address(0xF09D);
    NodeId private node;

    function setUp() public override {
        super.setUp();
        node = registerNode(KEY, ROLE_GPU, 3 * MIN_BOND);
    }

    function test_proposeSlasher_startsTheDelay() public {
        uint40 activeAt = uint40(block.timestamp) + DELAY;
        vm.expectEmit();
        emit INodeRegistry.SlasherProposed(SLASHER, activeAt);
        vm.prank(OWNER);
        registry.proposeSlasher(SLASHER);
        vm.assertEq(registry.slasherActiveAt(SLASHER), activeAt, "time");
    }

    function testFuzz_proposeSlasher_reverts_whenNotOwner(address caller) public {
        vm.assume(caller != OWNER);
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
        vm.startPrank(caller);
        vm.expectRevert(reason);
        registry.proposeSlasher(caller);
        vm.expectRevert(reason);
        registry.removeSlasher(caller);
    }

    function test_proposeSlasher_reverts_whenZeroOrKnown() public {
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "slasher"));
        registry.proposeSlasher(address(0));
        registry.proposeSlasher(SLASHER);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.SlasherKnown.selector, SLASHER));
        registry.proposeSlasher(SLASHER);
    }

    function test_removeSlasher_worksAtOnce_andForgetsTheWaiting() public {
        activateSlasher();
        vm.expectEmit();
        emit INodeRegistry.SlasherRemoved(SLASHER);
        vm.prank(OWNER);
        registry.removeSlasher(SLASHER);
        expectNotSlasher(SLASHER);
        vm.prank(OWNER);
        registry.proposeSlasher(SLASHER);
        expectNotSlasher(SLASHER);
    }

    function test_removeSlasher_reverts_whenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotSlasher.selector, SLASHER));
        vm.prank(OWNER);
        registry.removeSlasher(SLASHER);
    }

    function testFuzz_slash_reverts_whenNotSlasher(address caller) public {
        vm.assume(caller != SLASHER);
        activateSlasher();
        expectNotSlasher(caller);
    }

    function testFuzz_slash_reverts_beforeTheSlasherIsActive(uint256 early) public {
        vm.prank(OWNER);
        registry.proposeSlasher(SLASHER);
        uint40 activeAt = registry.slasherActiveAt(SLASHER);
        vm.warp(activeAt - bounded(early, 1, DELAY));
        expectNotSlasher(SLASHER);
        vm.warp(activeAt);
        slash(1);
    }

    /// @dev INV-26: what is taken is what is given; INV-N2: active exactly while the bond suffices.
    function testFuzz_slash_movesTheAmount(uint96 amount) public {
        amount = uint96(bounded(amount, 0, 3 * MIN_BOND));
        uint96 left = 3 * MIN_BOND - amount;
        bool active = left >= MIN_BOND;
        activateSlasher();
        vm.expectEmit();
        emit INodeRegistry.Slashed(node, SLASHER, amount, FUND, active);
        slash(amount);
        vm.assertEq(FUND.balance, amount, "received");
        vm.assertEq(bondOf(node), left, "bond");
        vm.assertEq(address(registry).balance, left, "balance");
        assertStatus(node, active ? NodeStatus.Active : NodeStatus.Underbonded, "status");
    }

    function test_slash_reverts_whenMoreThanTheBond() public {
        activateSlasher();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.SlashTooLarge.selector, node, 3 * MIN_BOND + 1, 3 * MIN_BOND)
        );
        slash(3 * MIN_BOND + 1);
    }

    function test_slash_reverts_whenTheNodeIsUnknown() public {
        activateSlasher();
        node = registry.nodeIdOf(FUND, FUND);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeUnknown.selector, node));
        slash(1);
    }

    function test_slash_reverts_whenToIsZero() public {
        activateSlasher();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroAddress.selector, "to"));
        vm.prank(SLASHER);
        registry.slash(node, 1, address(0));
    }

    function test_slash_reverts_whenToRefusesCoin() public {
        CoinTrap trap = new CoinTrap();
        activateSlasher();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NativeTransferFailed.selector, trap, 7));
        vm.prank(SLASHER);
        registry.slash(node, 7, address(trap));
    }

    /// @dev INV-24: leaving does not put a bond out of reach, up to the moment it is gone.
    function test_slash_reachesAnExitingNode() public {
        activateSlasher();
        vm.prank(OPERATOR);
        registry.beginExit(node);
        slash(MIN_BOND);
        vm.warp(block.timestamp + DELAY);
        slash(2 * MIN_BOND);
        assertStatus(node, NodeStatus.Exiting, "status");
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
        vm.assertEq(FUND.balance, 3 * MIN_BOND, "received");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.SlashTooLarge.selector, node, 1, 0));
        slash(1);
    }

    /// @dev INV-24: begun in the very second in which the slasher becomes active is not before.
    function test_slash_reachesAnExitBegunAsTheSlasherBecameActive() public {
        activateSlasher();
        vm.prank(OPERATOR);
        registry.beginExit(node);
        slash(1);
        vm.assertEq(bondOf(node), 3 * MIN_BOND - 1, "bond");
    }

    function testFuzz_slash_reverts_whenTheExitBeganBefore(uint256 early) public {
        vm.prank(OWNER);
        registry.proposeSlasher(SLASHER);
        uint40 activeAt = registry.slasherActiveAt(SLASHER);
        vm.warp(activeAt - bounded(early, 1, DELAY));
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(activeAt);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ExitPrecedesSlasher.selector, node, SLASHER, activeAt));
        slash(1);
    }

    function test_increaseBond_makesAnUnderbondedNodeActiveAgain() public {
        activateSlasher();
        slash(3 * MIN_BOND - 1);
        assertStatus(node, NodeStatus.Underbonded, "slashed");
        increase(MIN_BOND - 2);
        assertStatus(node, NodeStatus.Underbonded, "one short");
        increase(1);
        assertStatus(node, NodeStatus.Active, "enough");
        vm.assertEq(bondOf(node), MIN_BOND, "bond");
    }

    function test_beginExit_letsAnUnderbondedNodeLeave() public {
        activateSlasher();
        slash(3 * MIN_BOND - 5);
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, address(0x70));
        vm.assertEq(address(0x70).balance, 5, "paid");
        vm.assertEq(address(registry).balance, 0, "balance");
    }

    function slash(uint96 amount) private {
        vm.prank(SLASHER);
        registry.slash(node, amount, FUND);
    }

    function increase(uint96 amount) private {
        vm.prank(OPERATOR);
        registry.increaseBond{value: amount}(node, amount);
    }

    function expectNotSlasher(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotSlasher.selector, caller));
        vm.prank(caller);
        registry.slash(node, 1, FUND);
    }
}
