// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {INodeRegistry, NodeStatus, ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {CoinTrap} from "../../../contracts/mocks/tokens/CoinTrap.sol";
import {FeeOnTransferToken} from "../../../contracts/mocks/tokens/FeeOnTransferToken.sol";
import {HookToken} from "../../../contracts/mocks/tokens/HookToken.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {MuteToken} from "../../../contracts/mocks/tokens/MuteToken.sol";
import {NodeId} from "../../../contracts/types/Ids.sol";
import {deployNodeRegistry} from "../../support/Deploy.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {NodeRegistryFixture} from "./NodeRegistryFixture.sol";

/// @notice Bonds in tokens, good and evil, and money that comes back into the registry while it pays.
contract NodeRegistryTokensTest is NodeRegistryFixture {
    uint96 private constant WEALTH = 1_000_000 ether;
    MintableToken private token;

    function setUp() public override {
        super.setUp();
        use(new MintableToken());
    }

    function testFuzz_bond_livesItsWholeLifeInTokens(uint96 bond, uint96 more, uint96 slashed) public {
        bond = uint96(bounded(bond, MIN_BOND, 1_000 ether));
        more = uint96(bounded(more, 1, 1_000 ether));
        slashed = uint96(bounded(slashed, 0, bond + more));
        NodeId node = register(bond);
        vm.assertEq(token.balanceOf(address(registry)), bond, "registered");
        vm.prank(OPERATOR);
        registry.increaseBond(node, more);
        vm.assertEq(token.balanceOf(address(registry)), bond + more, "increased");
        activateSlasher();
        vm.prank(SLASHER);
        registry.slash(node, slashed, address(0xF09D));
        vm.assertEq(token.balanceOf(address(0xF09D)), slashed, "slashed");
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, address(0x70));
        vm.assertEq(token.balanceOf(address(0x70)), bond + more - slashed, "paid");
        vm.assertEq(token.balanceOf(address(registry)), 0, "nothing left");
    }

    function test_register_reverts_whenCoinComesToo() public {
        expectRegisterRefused(1, abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, 1, 0));
    }

    function test_increaseBond_reverts_whenCoinComesToo() public {
        NodeId node = register(MIN_BOND);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, 1, 0));
        vm.prank(OPERATOR);
        registry.increaseBond{value: 1}(node, 1);
    }

    function test_register_reverts_whenTheTokenTakesAFee() public {
        use(new FeeOnTransferToken());
        uint96 short = MIN_BOND - MIN_BOND / 100;
        expectRegisterRefused(0, abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, short, MIN_BOND));
    }

    function test_register_reverts_whenTheTokenSaysNo() public {
        use(new MuteToken(false));
        expectRegisterRefused(0, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, token));
    }

    function test_register_reverts_whenTheTokenSaysYesAndMovesNothing() public {
        use(new MuteToken(true));
        expectRegisterRefused(0, abi.encodeWithSelector(INodeRegistry.BondTransferMismatch.selector, 0, MIN_BOND));
    }

    function test_register_reverts_whenTheTokenHasNoCode() public {
        use(MintableToken(address(0xDEAD)));
        bytes memory proof = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        vm.expectRevert();
        vm.prank(OPERATOR);
        registry.register(vm.addr(KEY), PAYEE, ROLE_GPU, MIN_BOND, ENDPOINT, proof);
    }

    /// @dev Without the guard one deposit would count for two: the inner call's tokens raise the outer one's balance.
    function test_register_reverts_whenTheTokenReenters() public {
        HookToken evil = new HookToken();
        use(evil);
        NodeId node = register(MIN_BOND);
        bytes[4] memory attacks = [
            abi.encodeCall(INodeRegistry.increaseBond, (node, 1)),
            abi.encodeCall(INodeRegistry.completeExit, (node, OPERATOR)),
            abi.encodeCall(INodeRegistry.slash, (node, 1, OPERATOR)),
            abi.encodeCall(INodeRegistry.register, (OPERATOR, OPERATOR, ROLE_GPU, MIN_BOND, "", ""))
        ];
        bytes memory reason = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        for (uint256 i = 0; i < attacks.length; ++i) {
            evil.setHook(address(registry), attacks[i]);
            vm.expectRevert(reason);
            vm.prank(OPERATOR);
            registry.increaseBond(node, 5);
        }
        evil.setHook(address(0), "");
        vm.assertEq(bondOf(node), MIN_BOND, "bond");
        vm.assertEq(token.balanceOf(address(registry)), MIN_BOND, "balance");
    }

    /// @dev A bond that was slashed to nothing still lets its node go, whatever the token thinks of zero.
    function test_completeExit_asksTheTokenForNothing_whenNothingIsLeft() public {
        HookToken evil = new HookToken();
        use(evil);
        NodeId node = register(MIN_BOND);
        activateSlasher();
        vm.prank(SLASHER);
        registry.slash(node, MIN_BOND, address(0xF09D));
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        evil.setHook(address(evil), hex"deadbeef");
        vm.prank(OPERATOR);
        registry.completeExit(node, OPERATOR);
        assertStatus(node, NodeStatus.Exited, "left");
    }

    /// @dev INV-7: an operator that re-enters on being paid is paid once.
    function test_completeExit_paysOnce_whenTheReceiverReenters() public {
        registry = deployNodeRegistry(address(0), MIN_BOND, DELAY, OWNER);
        CoinTrap trap = new CoinTrap();
        bytes memory proof = possession(registry, KEY, address(trap), PAYEE, ROLE_GPU);
        trap.forward{value: MIN_BOND}(
            address(registry),
            abi.encodeCall(INodeRegistry.register, (vm.addr(KEY), PAYEE, ROLE_GPU, MIN_BOND, "", proof))
        );
        registerNode(KEY + 1, ROLE_GPU, MIN_BOND);
        NodeId node = registry.nodeIdOf(address(trap), vm.addr(KEY));
        trap.forward(address(registry), abi.encodeCall(INodeRegistry.beginExit, (node)));
        vm.warp(block.timestamp + DELAY);
        bytes memory leave = abi.encodeCall(INodeRegistry.completeExit, (node, address(trap)));
        trap.setCall(address(registry), leave);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NativeTransferFailed.selector, trap, MIN_BOND));
        trap.forward(address(registry), leave);
        vm.assertEq(address(registry).balance, 2 * MIN_BOND, "both bonds are still there");
    }

    /// @dev INV-1 with coin forced on the registry: it is nobody's, and stops nothing.
    function test_forcedCoin_changesNoBond() public {
        registry = deployNodeRegistry(address(0), MIN_BOND, DELAY, OWNER);
        vm.deal(address(registry), 3 ether);
        NodeId node = registerNode();
        vm.assertEq(address(registry).balance, MIN_BOND + 3 ether, "balance");
        vm.prank(OPERATOR);
        registry.beginExit(node);
        vm.warp(block.timestamp + DELAY);
        vm.prank(OPERATOR);
        registry.completeExit(node, address(0x70));
        vm.assertEq(address(0x70).balance, MIN_BOND, "the bond and no more");
        vm.assertEq(address(registry).balance, 3 ether, "what was forced stays");
    }

    function use(MintableToken token_) private {
        token = token_;
        registry = deployNodeRegistry(address(token), MIN_BOND, DELAY, OWNER);
        if (address(token).code.length == 0) return;
        token.mint(OPERATOR, WEALTH);
        vm.prank(OPERATOR);
        token.approve(address(registry), WEALTH);
    }

    function register(uint96 bond) private returns (NodeId) {
        bytes memory proof = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        vm.prank(OPERATOR);
        return registry.register(vm.addr(KEY), PAYEE, ROLE_GPU, bond, ENDPOINT, proof);
    }

    function expectRegisterRefused(uint256 coin, bytes memory reason) private {
        bytes memory proof = possession(registry, KEY, OPERATOR, PAYEE, ROLE_GPU);
        vm.expectRevert(reason);
        vm.prank(OPERATOR);
        registry.register{value: coin}(vm.addr(KEY), PAYEE, ROLE_GPU, MIN_BOND, ENDPOINT, proof);
        (, NodeStatus status, ) = registry.signerOf(vm.addr(KEY));
        vm.assertEq(uint8(status), uint8(NodeStatus.None), "the signer stays free");
    }
}
