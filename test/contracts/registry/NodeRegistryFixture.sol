// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NodeInfo, NodeStatus, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {NodeRegistry} from "../../../contracts/registry/NodeRegistry.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {deployNodeRegistry} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A registry with bonds in the chain's coin, and one way to register a node of `OPERATOR`.
abstract contract NodeRegistryFixture {
    uint96 internal constant MIN_BOND = 1 ether;
    uint40 internal constant DELAY = 21 days;
    uint256 internal constant KEY = 0x5160;
    address internal constant OWNER = address(0xA11CE);
    address internal constant OPERATOR = address(0x09E7A704);
    address internal constant PAYEE = address(0x9A1EE);
    address internal constant SLASHER = address(0x51A54E7);
    string internal constant ENDPOINT = "https://node.example";

    NodeRegistry internal registry;

    function setUp() public virtual {
        registry = deployNodeRegistry(address(0), MIN_BOND, DELAY, OWNER);
        vm.deal(OPERATOR, 1_000_000 ether);
    }

    /// @dev A plain node with the least bond.
    function registerNode() internal returns (NodeId) {
        return registerNode(KEY, ROLE_GPU, MIN_BOND);
    }

    function registerNode(uint256 key, uint8 roles, uint96 bond) internal returns (NodeId) {
        return _register(key, roles, bond, "");
    }

    /// @dev Registering must fail with exactly `reason`.
    function expectRefused(uint256 key, uint8 roles, uint96 bond, bytes memory reason) internal {
        _register(key, roles, bond, reason);
    }

    function _register(uint256 key, uint8 roles, uint96 bond, bytes memory reason) private returns (NodeId) {
        bytes memory proof = possession(registry, key, OPERATOR, PAYEE, roles);
        if (reason.length != 0) vm.expectRevert(reason);
        vm.prank(OPERATOR);
        return registry.register{value: bond}(vm.addr(key), PAYEE, roles, bond, ENDPOINT, proof);
    }

    /// @dev The signature that `register` asks of a node's key.
    function possession(
        NodeRegistry at,
        uint256 key,
        address operator,
        address payee,
        uint8 roles
    ) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, registrationDigest(at, operator, payee, roles));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Built from the published domain, without the contract's own helpers.
    function registrationDigest(
        NodeRegistry at,
        address operator,
        address payee,
        uint8 roles
    ) internal view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifying, , ) = at.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifying
            )
        );
        bytes32 message = keccak256(
            abi.encode(keccak256("RegisterNode(address operator,address payee,uint8 roles)"), operator, payee, roles)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    /// @dev Proposes `SLASHER` and waits until it is active.
    function activateSlasher() internal {
        vm.prank(OWNER);
        registry.proposeSlasher(SLASHER);
        vm.warp(block.timestamp + DELAY);
    }

    function assertStatus(NodeId node, NodeStatus expected, string memory message) internal view {
        NodeInfo memory info = registry.nodeOf(node);
        vm.assertEq(uint8(info.status), uint8(expected), message);
        (, NodeStatus ofSigner, ) = registry.signerOf(info.signer);
        vm.assertEq(uint8(ofSigner), uint8(expected), message);
    }

    function bondOf(NodeId node) internal view returns (uint96) {
        return registry.nodeOf(node).bond;
    }
}
