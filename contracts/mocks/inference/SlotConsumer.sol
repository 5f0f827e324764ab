// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IInferenceConsumer} from "../../interfaces/IInferenceConsumer.sol";
import {RequestId, VersionId} from "../../types/Ids.sol";

/// @notice Writes the output to one slot: the least that a consumer does, for gas figures.
contract SlotConsumer is IInferenceConsumer {
    /// @notice First 32 bytes of the last output.
    bytes32 public last = bytes32(uint256(1));

    /// @inheritdoc IInferenceConsumer
    function onInference(RequestId, VersionId, bytes calldata output) external {
        last = bytes32(output);
    }
}
