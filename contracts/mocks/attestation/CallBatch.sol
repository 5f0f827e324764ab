// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Makes calls one after another, so that all of them happen at one time.
contract CallBatch {
    /// @notice Calls each of `targets` with its `data`, and reverts as the first that does.
    function run(address[] calldata targets, bytes[] calldata data) external {
        for (uint256 i = 0; i < targets.length; ++i) {
            (bool ok, bytes memory answer) = targets[i].call(data[i]);
            if (ok) continue;
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
