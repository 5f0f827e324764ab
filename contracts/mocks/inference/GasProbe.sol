// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Notes in slot 0 the gas that it was called with, before anything else is done with it.
/// @dev Without a dispatcher, so that the figure differs from the call's gas by a constant of a few units only.
contract GasProbe {
    fallback() external payable {
        assembly ("memory-safe") {
            sstore(0, gas())
        }
    }
}
