// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICreditLedger} from "../../contracts/interfaces/ICreditLedger.sol";
import {Fulfilment, IInferenceHub} from "../../contracts/interfaces/IInferenceHub.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {IProofRouter} from "../../contracts/interfaces/IProofRouter.sol";

/// @notice All of the hub that tests call. They name this and not the contract, which is then compiled once and not again
/// with every test.
interface Hub is IERC165, IERC5267, ICreditLedger, IProofRouter, IInferenceHub {
    function fulfilItem(Fulfilment calldata item) external;

    function owner() external view returns (address);

    function MODEL_REGISTRY() external view returns (IModelRegistry);
}
