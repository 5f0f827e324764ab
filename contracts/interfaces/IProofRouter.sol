// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofSelector} from "../types/ProofPolicy.sol";
import {IProofAdapter} from "./IProofAdapter.sol";

/// @notice Knows which adapter takes which selector. Entries are added and retired, never changed and never reused.
/// @dev Not checked here: that an adapter is sound. A requester pins the selectors he trusts in his request.
interface IProofRouter {
    /// @notice Emitted after `adapter` starts taking `selector`.
    event AdapterAdded(ProofSelector indexed selector, IProofAdapter indexed adapter);

    /// @notice Emitted after `selector` stops being taken, for ever.
    event AdapterRetired(ProofSelector indexed selector, IProofAdapter indexed adapter);

    /// @notice Thrown when `selector` has, or once had, an adapter.
    error SelectorTaken(ProofSelector selector);

    /// @notice Thrown when no adapter was ever added for `selector`.
    error SelectorUnknown(ProofSelector selector);

    /// @notice Thrown when the adapter of `selector` was retired.
    error SelectorRetired(ProofSelector selector);

    /// @notice Thrown when an adapter has no code or its selector's kind is not 1 to 15.
    error AdapterInvalid(address adapter, ProofSelector selector);

    error EvidenceCountMismatch(uint256 received, uint256 expected);

    /// @notice Thrown when evidence does not begin with the selector that the request names at its place.
    error EvidenceSelectorMismatch(bytes4 received, bytes4 expected);

    /// @notice Thrown when an adapter reverted without data, or answered something else than yes.
    error EvidenceRefused(bytes4 selector);

    /// @notice Starts routing evidence to `adapter` under the selector it names. Owner only.
    function addAdapter(IProofAdapter adapter) external;

    /// @notice Stops routing `selector`. Open requests that name it can then only be reclaimed. Owner only; final.
    function retireAdapter(ProofSelector selector) external;

    /// @notice The adapter of `selector`; reverts when unknown or retired.
    function adapterOf(ProofSelector selector) external view returns (IProofAdapter);
}
