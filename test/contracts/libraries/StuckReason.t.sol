// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {StuckReason} from "../../../contracts/libraries/StuckReason.sol";
import {ProofPolicy} from "../../../contracts/types/ProofPolicy.sol";
import {vm} from "../../support/Vm.sol";

/// @notice The words for kinds that no adapter of this release has; the rest is tested on the hub.
contract StuckReasonTest {
    function test_waiting_namesEveryKind() public pure {
        ProofPolicy proofs = ProofPolicy.wrap(hex"0200000103000001060000010f000001");
        vm.assertEq(
            StuckReason.waiting(proofs, 7),
            "Waits for an answer with QUORUM and OPTIMISTIC and kind 6 and kind 15 evidence, until time 7; "
            "after that anyone may call reclaim.",
            "kinds"
        );
    }

    function test_notWaiting_hasWordsForEveryState() public pure {
        RequestStatus[4] memory states = [
            RequestStatus.None,
            RequestStatus.Expired,
            RequestStatus.Fulfilled,
            RequestStatus.Reclaimed
        ];
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertGe(bytes(StuckReason.notWaiting(states[i])).length, 20, "words");
        }
    }
}
