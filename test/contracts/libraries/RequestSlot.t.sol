// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {RequestSlot, pendingSlot, reclaimedSlot, settledSlot} from "../../../contracts/libraries/RequestSlot.sol";
import {ProofPolicy} from "../../../contracts/types/ProofPolicy.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";

/// @notice What goes into a request's word comes out again, and nothing else.
contract RequestSlotTest {
    function testFuzz_pendingSlot_keepsItsFields(uint40 deadline, uint40 createdAt, ProofPolicy proofs) public pure {
        RequestSlot slot = pendingSlot(deadline, createdAt, proofs);
        vm.assertTrue(slot.isPending(), "pending");
        vm.assertEq(uint8(slot.storedStatus()), uint8(RequestStatus.Pending), "status");
        vm.assertEq(slot.slotDeadline(), deadline, "deadline");
        vm.assertEq(bytes32(ProofPolicy.unwrap(slot.slotProofs())), bytes32(ProofPolicy.unwrap(proofs)), "proofs");
        vm.assertEq(uint40(RequestSlot.unwrap(slot) >> 168), createdAt, "created");
    }

    function testFuzz_settledSlot_keepsItsFields(bytes32 outputHash, bool failed, uint256 tries) public pure {
        RequestStatus status = failed ? RequestStatus.CallbackFailed : RequestStatus.Fulfilled;
        RequestSlot slot = settledSlot(status, outputHash);
        tries = bounded(tries, 0, 255);
        for (uint256 i = 0; i < tries; ++i) slot = slot.withRetry();
        vm.assertFalse(slot.isPending(), "not pending");
        vm.assertEq(uint8(slot.storedStatus()), uint8(status), "status");
        vm.assertEq(bytes32(slot.outputDigest()), bytes32(bytes24(outputHash)), "digest");
        vm.assertEq(slot.retries(), tries, "retries");
    }

    function test_reclaimedSlot_isThat() public pure {
        vm.assertEq(uint8(reclaimedSlot().storedStatus()), uint8(RequestStatus.Reclaimed), "status");
        vm.assertEq(bytes32(reclaimedSlot().outputDigest()), bytes32(0), "no digest");
        vm.assertFalse(reclaimedSlot().isPending(), "not pending");
    }
}
