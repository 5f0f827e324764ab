// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveHandler} from "./EnclaveHandler.t.sol";

/// @notice What holds of the enclave registry after any sequence of actions.
contract EnclaveChecks {
    EnclaveHandler private immutable _HANDLER;

    constructor(EnclaveHandler handler) {
        _HANDLER = handler;
    }

    /// @dev INV-E2, INV-E3: after a revocation of key, measurement, verifier or platform, a pause, a higher TCB number or a
    /// shorter life no key is valid that was not held against the policy since and fits it; and every other key is valid.
    function invE3() external view {
        for (uint256 k = 0; k < _HANDLER.KEYS(); ++k) {
            vm.assertTrue(_HANDLER.isValidNow(k) == _HANDLER.isExpected(k), "INV-E3: a key's validity");
        }
    }

    /// @dev INV-E4: what was valid at the end of a second stays so for ever, and nothing else was.
    function invE4() external view {
        (IEnclaveRegistry registry, PolicyId policy) = _HANDLER.theRegistry();
        EnclaveHandler.Sample[] memory samples = _HANDLER.samples();
        // The last ones each time, and of the older ones some.
        uint256 n = samples.length;
        for (uint256 i = 0; i < n; ++i) {
            if (i + 4 < n && i % 16 != n % 16) continue;
            for (uint256 k = 0; k < _HANDLER.KEYS(); ++k) {
                bool was = registry.wasValidAt(policy, _HANDLER.keyAt(k), samples[i].time);
                vm.assertTrue(was == ((samples[i].valid >> k) & 1 != 0), "INV-E4: what was valid when");
            }
        }
    }

    function foretold() external view {
        vm.assertEq(_HANDLER.broken(), "", "an action ended otherwise than foretold");
    }
}
