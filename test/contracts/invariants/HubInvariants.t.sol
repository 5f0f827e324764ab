// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {HubChecks} from "./HubChecks.sol";
import {HubHandler} from "./HubHandler.t.sol";

/// @notice What holds of the hub after any sequence of actions. Numbers are those of docs/invariants.md.
contract HubInvariantTest {
    /// @dev Actions of a run in the short form; ASSAY_FUZZ=full sets no limit.
    uint256 private constant SHORT_RUN = 30;

    HubHandler private handler;
    HubChecks private checks;

    function setUp() external {
        bool full = keccak256(bytes(vm.envOr("ASSAY_FUZZ", string("")))) == keccak256("full");
        handler = HubHandler(
            payable(deploy("HubHandler.t.sol:HubHandler", abi.encode(full ? type(uint256).max : SHORT_RUN)))
        );
        checks = new HubChecks(handler);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_INV00_everyActionEndsAsForetold() external view {
        checks.inv00();
    }

    function invariant_INV01_heldIsOwed() external view {
        checks.inv01();
    }

    function invariant_INV02_inIsOutOnce() external view {
        checks.inv02();
    }

    function invariant_INV03_statusMovesOnTheMap() external view {
        checks.inv03();
    }

    function invariant_INV04_paidOrRefundedOnce() external view {
        checks.inv04();
    }

    function invariant_INV05_expiredCanBeReclaimed() external {
        checks.inv05();
    }

    function invariant_INV06_creditCanBeWithdrawn() external {
        checks.inv06();
    }

    function invariant_INV07_creditsChangeAsBooked() external view {
        checks.inv07();
    }

    function invariant_INV08_termsDoNotChange() external view {
        checks.inv08();
    }

    function invariant_INV09_sharesAndDustAreTheFee() external view {
        checks.inv09();
    }

    function invariant_INV10_chargeIsWhatWasNamed() external view {
        checks.inv10();
    }

    function invariant_INV11_forgeriesAreRefused() external view {
        checks.inv11();
    }

    function invariant_INV12_idsAreUnique() external view {
        checks.inv12();
    }

    function invariant_INV13_noncesStayUsed() external view {
        checks.inv13();
    }

    function invariant_INV15_theEvidenceNamesWhoIsPaid() external view {
        checks.inv15();
    }

    function invariant_INV16_publicWordsAreTheStatement() external view {
        checks.inv16();
    }

    function invariant_INV19_consumersHearOnce() external view {
        checks.inv19();
    }

    function invariant_INV20_consumersChangeNothing() external view {
        checks.inv20();
    }

    function invariant_INV21_callbacksGetTheirGas() external view {
        checks.inv21();
    }

    function invariant_INV22_retriesAreBoundedAndFree() external view {
        checks.inv22();
    }
}
