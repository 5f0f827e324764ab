// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceConsumer} from "../interfaces/IInferenceConsumer.sol";
import {IInferenceHub} from "../interfaces/IInferenceHub.sol";
import {RequestId, VersionId} from "../types/Ids.sol";

/// @notice Calls a consumer with exactly the gas it was promised and reads nothing it returns.
library ConsumerCall {
    /// @dev What must be left beyond the promised gas: account access before the call, and after it a fresh storage
    /// slot and an event, so that a failure can always be recorded.
    uint256 private constant RESERVE = 45_000;

    /// @notice Whether `target` took the answer. Never reverts for what the target does; reverts when gas is short.
    function deliver(
        address target,
        uint32 gasLimit,
        RequestId id,
        VersionId version,
        bytes calldata output
    ) internal returns (bool delivered) {
        bytes memory data = abi.encodeCall(IInferenceConsumer.onInference, (id, version, output));
        // A call gets at most 63/64 of what is left (EIP-150), and silently less than asked when that is short.
        uint256 needed = (uint256(gasLimit) * 64) / 63 + RESERVE;
        uint256 available = gasleft();
        require(available >= needed, IInferenceHub.GasTooLow(available, needed));
        assembly ("memory-safe") {
            // An account without code would take any call; its owner has not deployed the consumer yet.
            if extcodesize(target) {
                delivered := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
            }
        }
    }
}
