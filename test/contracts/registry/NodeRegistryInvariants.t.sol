// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NodeInfo, NodeStatus} from "../../../contracts/interfaces/INodeRegistry.sol";
import {NodeRegistry} from "../../../contracts/registry/NodeRegistry.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryHandler} from "./NodeRegistryHandler.t.sol";

/// @notice What holds of the node registry after any sequence of actions, whatever its bonds are in.
abstract contract NodeRegistryInvariants {
    NodeRegistryHandler internal handler;
    NodeRegistry internal registry;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function checkBonds() internal view {
        uint256 sum = 0;
        uint256 count = handler.nodeCount();
        for (uint256 i = 0; i < count; ++i) {
            NodeId node = handler.nodes(i);
            NodeInfo memory info = registry.nodeOf(node);
            sum += info.bond;
            vm.assertEq(info.bond, handler.bookedBond(node), "INV-23: the bond is what came in less what was taken");
            vm.assertEq(info.exitAt, handler.bookedExit(node), "INV-23: the time of leaving never moves");
            vm.assertEq(uint8(info.status), uint8(expectedStatus(node, info.bond)), "INV-N2: the status");
            vm.assertTrue(node == registry.nodeIdOf(info.operator, info.signer), "INV-12: the id");
            vm.assertTrue(node == handler.nodeOfSigner(info.signer), "INV-N1: one node for each signer");
            (, NodeStatus status, ) = registry.signerOf(info.signer);
            vm.assertEq(uint8(status), uint8(info.status), "INV-N2: what evidence is checked against");
        }
        vm.assertEq(handler.held(), sum + handler.forced(), "INV-1: the balance is the bonds and what was forced");
        vm.assertEq(handler.paidIn(), sum + handler.paidOut(), "INV-2: in is out and what is left");
        vm.assertEq(handler.broken(), "", "an action ended otherwise than foretold");
    }

    /// @dev INV-N1 from the other side: a signer that was used never becomes free again.
    function checkSigners() internal view {
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            address signer = handler.signerAt(i);
            (, NodeStatus status, ) = registry.signerOf(signer);
            vm.assertTrue((status != NodeStatus.None) == handler.used(signer), "taken exactly when used");
        }
    }

    function expectedStatus(NodeId node, uint256 bond) private view returns (NodeStatus) {
        if (handler.gone(node)) return NodeStatus.Exited;
        if (handler.bookedExit(node) != 0) return NodeStatus.Exiting;
        return bond >= registry.MIN_BOND() ? NodeStatus.Active : NodeStatus.Underbonded;
    }
}

/// @notice Bonds in the chain's own coin.
contract NodeRegistryCoinInvariantTest is NodeRegistryInvariants {
    function setUp() external {
        handler = NodeRegistryHandler(deploy("NodeRegistryHandler.t.sol:NodeRegistryHandler", abi.encode(false)));
        registry = handler.theRegistry();
    }

    function invariant_INV1_INVN1_INVN2_bondsStatusesAndSigners() external view {
        checkBonds();
        checkSigners();
    }
}

/// @notice Bonds in a token.
contract NodeRegistryTokenInvariantTest is NodeRegistryInvariants {
    function setUp() external {
        handler = NodeRegistryHandler(deploy("NodeRegistryHandler.t.sol:NodeRegistryHandler", abi.encode(true)));
        registry = handler.theRegistry();
    }

    function invariant_INV1_INVN1_INVN2_bondsStatusesAndSigners() external view {
        checkBonds();
        checkSigners();
    }
}
