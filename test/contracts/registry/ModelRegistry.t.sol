// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {ModelId} from "../../../contracts/types/Ids.sol";
import {deployModelRegistry} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {ModelRegistryFixture} from "./ModelRegistryFixture.sol";

/// @notice Models: their ids and their owners.
contract ModelRegistryTest is ModelRegistryFixture {
    address private constant HEIR = address(0xBEEF);
    ModelId private constant UNKNOWN = ModelId.wrap(keccak256("unknown"));

    function testFuzz_createModel_makesTheCallerOwner(address creator, bytes32 salt) public {
        vm.assume(creator != address(0) && creator != OWNER);
        ModelId expected = registry.modelIdOf(creator, salt);
        vm.expectEmit();
        emit IModelRegistry.ModelCreated(expected, creator, salt);
        vm.prank(creator);
        ModelId made = registry.createModel(salt);
        assertSame(made, expected, "id");
        vm.assertEq(registry.ownerOf(made), creator, "owner");
    }

    function test_createModel_reverts_whenTheSaltWasUsed() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, model));
        vm.prank(OWNER);
        registry.createModel("digits");
    }

    function test_createModel_reverts_whenTheModelWasHandedOn() public {
        handOver(HEIR);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, model));
        vm.prank(OWNER);
        registry.createModel("digits");
    }

    /// @dev INV-12: no id can be made by another account, on another chain or at another registry.
    function testFuzz_modelIdOf_commitsToEverything(address creator, address other, bytes32 salt) public {
        vm.assume(creator != other);
        ModelId id = registry.modelIdOf(creator, salt);
        vm.assertTrue(id == registry.modelIdOf(creator, salt), "same id for the same input");
        vm.assertFalse(id == registry.modelIdOf(other, salt), "creator");
        vm.assertFalse(id == registry.modelIdOf(creator, ~salt), "salt");
        vm.assertFalse(id == deployModelRegistry().modelIdOf(creator, salt), "registry");
        vm.chainId(1);
        vm.assertFalse(id == registry.modelIdOf(creator, salt), "chain");
    }

    function test_modelIdOf_isTheHashThatIdsNames() public view {
        bytes32 expected = keccak256(abi.encode(block.chainid, address(registry), OWNER, bytes32("digits")));
        assertSame(model, ModelId.wrap(expected), "id");
    }

    function test_ownerOf_reverts_whenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, UNKNOWN));
        registry.ownerOf(UNKNOWN);
    }

    function test_offerOwnership_changesNothingUntilAccepted() public {
        vm.expectEmit();
        emit IModelRegistry.OwnershipOffered(model, OWNER, HEIR);
        vm.prank(OWNER);
        registry.offerOwnership(model, HEIR);
        vm.assertEq(registry.ownerOf(model), OWNER, "owner");
    }

    function testFuzz_offerOwnership_reverts_whenNotOwner(address caller) public {
        vm.assume(caller != OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, caller, OWNER));
        vm.prank(caller);
        registry.offerOwnership(model, caller);
    }

    function test_offerOwnership_reverts_whenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, UNKNOWN));
        registry.offerOwnership(UNKNOWN, HEIR);
    }

    function test_acceptOwnership_takesTheModel() public {
        vm.prank(OWNER);
        registry.offerOwnership(model, HEIR);
        vm.expectEmit();
        emit IModelRegistry.OwnershipTransferred(model, OWNER, HEIR);
        vm.prank(HEIR);
        registry.acceptOwnership(model);
        vm.assertEq(registry.ownerOf(model), HEIR, "owner");
        expectNotOwner(OWNER, HEIR);
        registry.offerOwnership(model, OWNER);
    }

    function test_acceptOwnership_reverts_whenTakenTwice() public {
        handOver(HEIR);
        handOver(HEIR, OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOfferedOwner.selector, model, HEIR, address(0)));
        vm.prank(HEIR);
        registry.acceptOwnership(model);
    }

    function testFuzz_acceptOwnership_reverts_whenNotOffered(address caller) public {
        vm.assume(caller != HEIR);
        vm.prank(OWNER);
        registry.offerOwnership(model, HEIR);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOfferedOwner.selector, model, caller, HEIR));
        vm.prank(caller);
        registry.acceptOwnership(model);
    }

    function test_acceptOwnership_reverts_whenTheOfferWasWithdrawn() public {
        vm.startPrank(OWNER);
        registry.offerOwnership(model, HEIR);
        registry.offerOwnership(model, address(0));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOfferedOwner.selector, model, HEIR, address(0)));
        vm.prank(HEIR);
        registry.acceptOwnership(model);
    }

    function test_acceptOwnership_reverts_whenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, UNKNOWN));
        registry.acceptOwnership(UNKNOWN);
    }

    function handOver(address to) private {
        handOver(OWNER, to);
    }

    function handOver(address from, address to) private {
        vm.prank(from);
        registry.offerOwnership(model, to);
        vm.prank(to);
        registry.acceptOwnership(model);
    }

    function expectNotOwner(address caller, address owner) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, caller, owner));
        vm.prank(caller);
    }
}
