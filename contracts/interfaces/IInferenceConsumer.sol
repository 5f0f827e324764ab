// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestId, VersionId} from "../types/Ids.sol";

/// @notice A contract that the hub calls with an answer.
/// @dev The hub calls at most once with success, after everything is settled; nothing done here changes the settlement.
interface IInferenceConsumer {
    /// @notice Takes the answer to a request. Check `msg.sender`: only the hub you sent the request to speaks the truth.
    /// @param id Request that is answered.
    /// @param version Model version that answered.
    /// @param output Canonical output bytes; `TensorLib` reads them.
    function onInference(RequestId id, VersionId version, bytes calldata output) external;
}
