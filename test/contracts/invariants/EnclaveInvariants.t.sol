// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {deploy} from "../../support/Deploy.sol";
import {EnclaveChecks} from "./EnclaveChecks.sol";
import {EnclaveHandler} from "./EnclaveHandler.t.sol";

/// @notice The enclave registry under any sequence of actions.
contract EnclaveInvariantsTest {
    EnclaveHandler private handler;
    EnclaveChecks private checks;

    function setUp() external {
        handler = EnclaveHandler(deploy("EnclaveHandler.t.sol:EnclaveHandler", ""));
        checks = new EnclaveChecks(handler);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_INVE3_noKeyIsValidAfterARevocation() external view {
        checks.invE3();
    }

    function invariant_INVE4_thePastStays() external view {
        checks.invE4();
    }

    function invariant_actionsEndAsForetold() external view {
        checks.foretold();
    }
}
