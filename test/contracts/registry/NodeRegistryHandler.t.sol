// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry, NodeInfo, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {NodeRegistry} from "../../../contracts/registry/NodeRegistry.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {deployNodeRegistry} from "../../support/Deploy.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryFixture} from "./NodeRegistryFixture.sol";

/// @notice Does what operators, slashers, the owner and strangers can do, in any order, and keeps a book of its own.
/// @dev Actions whose outcome the book can foretell must not fail; a stranger's must. `broken` keeps the first breach,
/// since a failing assertion inside an action would only count as a reverted call. The file's name ends in .t.sol
/// because the runner fuzzes contracts of such files only.
contract NodeRegistryHandler is NodeRegistryFixture {
    uint256 private constant KEYS = 5;
    uint256 private constant OPERATORS = 3;

    MintableToken public immutable TOKEN;

    NodeId[] public nodes;
    string public broken;
    uint256 public forced;
    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public moves;

    mapping(address signer => NodeId node) public nodeOfSigner;
    mapping(address signer => bool used) public used;
    mapping(NodeId node => uint256 bond) public bookedBond;
    mapping(NodeId node => uint256 exitAt) public bookedExit;
    mapping(NodeId node => bool gone) public gone;
    uint256 private _slasherFrom;

    constructor(bool inTokens) {
        TOKEN = inTokens ? new MintableToken() : MintableToken(address(0));
        registry = deployNodeRegistry(address(TOKEN), MIN_BOND, DELAY, OWNER);
    }

    /// @dev The fixture's would put another registry in the place of this one.
    function setUp() public pure override {}

    function theRegistry() external view returns (NodeRegistry) {
        return registry;
    }

    function nodeCount() external view returns (uint256) {
        return nodes.length;
    }

    function signerAt(uint256 index) external pure returns (address) {
        return vm.addr(_key(index));
    }

    function keyCount() external pure returns (uint256) {
        return KEYS;
    }

    function registerAny(uint256 keySeed, uint256 operatorSeed, uint96 bond) external {
        uint256 key = _key(keySeed);
        address signer = vm.addr(key);
        address operator = _operator(operatorSeed);
        bond = uint96(bounded(bond, MIN_BOND - 1, 3 * MIN_BOND));
        bytes memory proof = possession(registry, key, operator, PAYEE, ROLE_GPU);
        uint256 coin = _fund(operator, bond);
        vm.prank(operator);
        try registry.register{value: coin}(signer, PAYEE, ROLE_GPU, bond, "", proof) returns (NodeId node) {
            _hold(bond >= MIN_BOND, "a bond below the least was taken");
            _hold(!used[signer], "a signer was used twice");
            used[signer] = true;
            nodeOfSigner[signer] = node;
            nodes.push(node);
            bookedBond[node] = bond;
            paidIn += bond;
            ++moves;
        } catch {
            _hold(bond < MIN_BOND || used[signer], "a good registration was refused");
        }
    }

    function increase(uint256 nodeSeed, uint96 amount) external {
        (bool any, NodeId node, NodeInfo memory info) = _pick(nodeSeed);
        if (!any) return;
        amount = uint96(bounded(amount, 1, 2 * MIN_BOND));
        uint256 coin = _fund(info.operator, amount);
        vm.prank(info.operator);
        try registry.increaseBond{value: coin}(node, amount) {
            _hold(bookedExit[node] == 0, "a leaving node took more bond");
            bookedBond[node] += amount;
            paidIn += amount;
            ++moves;
        } catch {
            _hold(bookedExit[node] != 0, "a good increase was refused");
        }
    }

    function leave(uint256 nodeSeed) external {
        (bool any, NodeId node, NodeInfo memory info) = _pick(nodeSeed);
        if (!any) return;
        vm.prank(info.operator);
        try registry.beginExit(node) {
            _hold(bookedExit[node] == 0, "a node began to leave twice");
            bookedExit[node] = block.timestamp + DELAY;
            ++moves;
        } catch {
            _hold(bookedExit[node] != 0, "a node was kept");
        }
    }

    function finish(uint256 nodeSeed) external {
        (bool any, NodeId node, NodeInfo memory info) = _pick(nodeSeed);
        if (!any) return;
        bool due = bookedExit[node] != 0 && block.timestamp >= bookedExit[node] && !gone[node];
        vm.prank(info.operator);
        try registry.completeExit(node, address(0x70)) {
            _hold(due, "a bond went out too early or twice");
            gone[node] = true;
            paidOut += bookedBond[node];
            bookedBond[node] = 0;
            ++moves;
        } catch {
            _hold(!due, "a bond that was due was kept");
        }
    }

    function slashAny(uint256 nodeSeed, uint96 amount) external {
        (bool any, NodeId node, ) = _pick(nodeSeed);
        if (!any) return;
        amount = uint96(bounded(amount, 0, bookedBond[node] + 1));
        bool active = _slasherFrom != 0 && block.timestamp >= _slasherFrom;
        bool tooEarly = bookedExit[node] != 0 && !gone[node] && bookedExit[node] < _slasherFrom + DELAY;
        bool allowed = active && !tooEarly && amount <= bookedBond[node];
        vm.prank(SLASHER);
        try registry.slash(node, amount, address(0xF09D)) {
            _hold(allowed, "a bond was slashed that was out of reach");
            bookedBond[node] -= amount;
            paidOut += amount;
            ++moves;
        } catch {
            _hold(!allowed, "a slash was refused");
        }
    }

    function toggleSlasher(bool propose) external {
        vm.prank(OWNER);
        if (propose && _slasherFrom == 0) {
            registry.proposeSlasher(SLASHER);
            _slasherFrom = block.timestamp + DELAY;
        } else if (!propose && _slasherFrom != 0 && block.timestamp % 4 == 0) {
            registry.removeSlasher(SLASHER);
            _slasherFrom = 0;
        } else {
            registry.owner();
        }
    }

    /// @dev Nobody but the operator, the owner and a slasher can do anything to a node.
    function meddle(uint256 nodeSeed, address stranger, uint8 action) external {
        (bool any, NodeId node, NodeInfo memory info) = _pick(nodeSeed);
        if (!any || stranger == info.operator || stranger == OWNER || stranger == SLASHER) return;
        bytes[6] memory actions = [
            abi.encodeCall(INodeRegistry.slash, (node, 1, stranger)),
            abi.encodeCall(INodeRegistry.completeExit, (node, stranger)),
            abi.encodeCall(INodeRegistry.beginExit, (node)),
            abi.encodeCall(INodeRegistry.setPayee, (node, stranger)),
            abi.encodeCall(INodeRegistry.increaseBond, (node, 1)),
            abi.encodeCall(INodeRegistry.proposeSlasher, (stranger))
        ];
        vm.prank(stranger);
        (bool ok, ) = address(registry).call(actions[action % 6]);
        _hold(!ok, "a stranger had his way");
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bounded(time, 1, DELAY));
    }

    function forceMoney(uint96 amount) external {
        amount = uint96(bounded(amount, 1, MIN_BOND));
        forced += amount;
        if (address(TOKEN) != address(0)) TOKEN.mint(address(registry), amount);
        else vm.deal(address(registry), address(registry).balance + amount);
    }

    function held() external view returns (uint256) {
        return address(TOKEN) != address(0) ? TOKEN.balanceOf(address(registry)) : address(registry).balance;
    }

    function _pick(uint256 seed) private view returns (bool any, NodeId node, NodeInfo memory info) {
        if (nodes.length == 0) return (false, node, info);
        node = nodes[seed % nodes.length];
        return (true, node, registry.nodeOf(node));
    }

    function _fund(address operator, uint256 amount) private returns (uint256 coin) {
        if (address(TOKEN) == address(0)) {
            vm.deal(operator, amount);
            return amount;
        }
        TOKEN.mint(operator, amount);
        vm.prank(operator);
        TOKEN.approve(address(registry), amount);
    }

    function _hold(bool ok, string memory breach) private {
        if (!ok && bytes(broken).length == 0) broken = breach;
    }

    function _key(uint256 seed) private pure returns (uint256) {
        return KEY + (seed % KEYS);
    }

    function _operator(uint256 seed) private pure returns (address) {
        return address(uint160(uint160(OPERATOR) + (seed % OPERATORS)));
    }
}
