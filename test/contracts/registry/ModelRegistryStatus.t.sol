// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry, VersionSpec, VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {SetupKind} from "../../../contracts/interfaces/IZkVerifier.sol";
import {VersionId} from "../../../contracts/types/Ids.sol";
import {vm} from "../../support/Vm.sol";
import {ModelRegistryFixture} from "./ModelRegistryFixture.sol";

/// @notice The states of a version and the way between them.
contract ModelRegistryStatusTest is ModelRegistryFixture {
    VersionId private version;

    function setUp() public override {
        super.setUp();
        version = publish(zkSpec(address(newVerifier(SetupKind.Ceremony))));
    }

    /// @dev INV-3: every pair of states, against the table of the allowed ones.
    function test_setVersionStatus_followsTheTable() public {
        VersionStatus[3] memory states = [VersionStatus.Active, VersionStatus.Deprecated, VersionStatus.Revoked];
        bool[4][3] memory allowed = [
            [false, false, true, true],
            [false, true, false, true],
            [false, false, false, false]
        ];
        uint16 minor = 1;
        for (uint256 from = 0; from < 3; ++from) {
            for (uint256 to = 0; to < 4; ++to) {
                VersionId fresh = publishIn(states[from], minor++);
                if (allowed[from][to]) {
                    vm.expectEmit();
                    emit IModelRegistry.VersionStatusChanged(fresh, VersionStatus(to));
                    set(fresh, VersionStatus(to));
                    vm.assertEq(uint8(statusOf(fresh)), to, "moved");
                } else {
                    vm.expectRevert(
                        abi.encodeWithSelector(
                            IModelRegistry.StatusChangeInvalid.selector,
                            fresh,
                            states[from],
                            VersionStatus(to)
                        )
                    );
                    set(fresh, VersionStatus(to));
                    vm.assertEq(uint8(statusOf(fresh)), uint8(states[from]), "stayed");
                }
            }
        }
    }

    function testFuzz_setVersionStatus_reverts_whenNotOwner(address caller) public {
        vm.assume(caller != OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, caller, OWNER));
        vm.prank(caller);
        registry.setVersionStatus(version, VersionStatus.Revoked);
    }

    function test_setVersionStatus_reverts_whenUnknown() public {
        VersionId unknown = registry.versionIdOf(model, 9, 9);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionUnknown.selector, unknown));
        set(unknown, VersionStatus.Revoked);
    }

    function test_setVersionStatus_obeysTheNewOwnerOnly() public {
        address heir = address(0xBEEF);
        vm.prank(OWNER);
        registry.offerOwnership(model, heir);
        vm.prank(heir);
        registry.acceptOwnership(model);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, OWNER, heir));
        set(version, VersionStatus.Deprecated);
        vm.prank(heir);
        registry.setVersionStatus(version, VersionStatus.Deprecated);
        vm.assertEq(uint8(statusOf(version)), uint8(VersionStatus.Deprecated), "status");
    }

    /// @dev INV-M3: a circuit answers while its version does, and never after.
    function test_circuitOf_followsTheStatus() public {
        registry.circuitOf(version);
        set(version, VersionStatus.Deprecated);
        (, uint32 inputBytes, , ) = registry.circuitOf(version);
        vm.assertEq(inputBytes, 67, "a deprecated version still answers");
        set(version, VersionStatus.Revoked);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionRevoked.selector, version));
        registry.circuitOf(version);
    }

    function test_circuitOf_reverts_whenRevokedWithoutCircuit() public {
        VersionId plain = publishIn(VersionStatus.Revoked, 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionRevoked.selector, plain));
        registry.circuitOf(plain);
    }

    function test_versionOf_keepsAnsweringAfterRevocation() public {
        set(version, VersionStatus.Revoked);
        vm.assertEq(uint8(registry.versionOf(version).status), uint8(VersionStatus.Revoked), "status");
        vm.assertEq(registry.versionOf(version).spec.uri, "ipfs://manifest", "uri");
    }

    function publishIn(VersionStatus status, uint16 minor) private returns (VersionId fresh) {
        VersionSpec memory spec = plainSpec();
        (spec.major, spec.minor) = (2, minor);
        fresh = publish(spec);
        if (status != VersionStatus.Active) set(fresh, status);
    }

    function set(VersionId id, VersionStatus status) private {
        vm.prank(OWNER);
        registry.setVersionStatus(id, status);
    }

    function statusOf(VersionId id) private view returns (VersionStatus status) {
        (status, , ) = registry.requestTerms(id);
    }
}
