// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveChecks} from "./EnclaveChecks.sol";
import {EnclaveHandler} from "./EnclaveHandler.t.sol";

/// @notice The enclave invariants can fail: a long run is busy and clean, and each tampering after it is noticed.
/// @dev Tampering writes the registry's storage as a faulty registry would have: without a new epoch, with a measurement's
/// bit forgotten, with a revoked key's word as it was.
contract EnclaveInvariantsCanFailTest {
    /// @dev Storage slots of `EnclaveBook`.
    uint256 private constant WORDS = 0;
    uint256 private constant KEYS = 6;
    uint256 private constant EPOCH_ENDS = 8;

    EnclaveHandler private handler;
    EnclaveChecks private checks;
    IEnclaveRegistry private registry;
    PolicyId private policy;

    function setUp() external {
        handler = EnclaveHandler(deploy("EnclaveHandler.t.sol:EnclaveHandler", ""));
        checks = new EnclaveChecks(handler);
        (registry, policy) = handler.theRegistry();
    }

    function test_aRunReachesEverything() external {
        for (uint256 i = 0; i < 600; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("run", i)));
            uint256 kind = i % 10;
            if (kind == 0 || kind == 3 || kind == 6) handler.registerOne(seed);
            else if (kind == 1 || kind == 7) handler.refreshOne(seed);
            else if (kind == 2 || kind == 5)
                handler.loosenOne(seed);
                // An end of a measurement is final, so it comes late.
            else if (kind == 4) handler.tightenOne(i < 300 ? seed - (seed % 7) + (seed % 5) : seed);
            else if (kind == 8) handler.wait(seed);
            else if (i > 400) handler.revokeOne(seed);
            checks.invE3();
            checks.invE4();
            checks.foretold();
        }
        string[7] memory kinds = ["register", "refresh", "loosen", "tighten", "end", "wait", "revoke"];
        for (uint256 i = 0; i < kinds.length; ++i) vm.assertGe(handler.done(kinds[i]), 1, kinds[i]);
    }

    function test_tighteningWithoutANewEpochIsNoticed() external {
        handler.registerOne(0);
        bytes32 before = vm.load(address(registry), wordSlot());
        // Kind 3: the least TCB number becomes 3.
        handler.tightenOne((3 << 16) | 3);
        checks.invE3();
        vm.store(address(registry), wordSlot(), before);
        assertBroken(checks.invE3.selector);
    }

    function test_forgettingAPauseIsNoticed() external {
        handler.registerOne(0);
        bytes32 before = vm.load(address(registry), wordSlot());
        handler.tightenOne(2);
        vm.store(address(registry), wordSlot(), before);
        assertBroken(checks.invE3.selector);
    }

    function test_forgettingAnEndedMeasurementIsNoticed() external {
        handler.registerOne(0);
        bytes32 before = vm.load(address(registry), wordSlot());
        handler.tightenOne(5);
        vm.assertTrue(handler.done("end") == 1, "it has ended");
        vm.store(address(registry), wordSlot(), before);
        assertBroken(checks.invE3.selector);
    }

    function test_revivingAKeyIsNoticed() external {
        handler.registerOne(0);
        bytes32 slot = keccak256(abi.encode(handler.keyAt(0), keccak256(abi.encode(policy, KEYS))));
        bytes32 before = vm.load(address(registry), slot);
        handler.revokeOne(0);
        checks.invE3();
        vm.store(address(registry), slot, before);
        assertBroken(checks.invE3.selector);
    }

    function test_forgettingWhenAnEpochEndedIsNoticed() external {
        handler.registerOne(0);
        handler.tightenOne((3 << 16) | 3);
        handler.wait(1 hours);
        checks.invE4();
        bytes32 slot = keccak256(abi.encode(uint256(1), keccak256(abi.encode(policy, EPOCH_ENDS))));
        vm.assertTrue(vm.load(address(registry), slot) != 0, "the slot of the end");
        vm.store(address(registry), slot, 0);
        assertBroken(checks.invE4.selector);
    }

    function wordSlot() private view returns (bytes32) {
        return keccak256(abi.encode(policy, WORDS));
    }

    function assertBroken(bytes4 check) private view {
        (bool ok, ) = address(checks).staticcall(abi.encodeWithSelector(check));
        vm.assertFalse(ok, "the tampering went unnoticed");
    }
}
