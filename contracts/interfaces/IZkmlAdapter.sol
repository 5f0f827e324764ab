// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry} from "./IModelRegistry.sol";
import {IProofAdapter} from "./IProofAdapter.sol";

/// @notice The adapter for zk proofs of a model: what it throws besides, and whom it asks for the circuit.
interface IZkmlAdapter is IProofAdapter {
    /// @notice Thrown when the input in the evidence is not the one that was asked about.
    error InputHashMismatch(bytes32 received, bytes32 expected);
    /// @notice Thrown when the output is not the one that the statement names.
    error OutputHashMismatch(bytes32 received, bytes32 expected);
    /// @notice Thrown when an encoding's length is not that of the circuit.
    error InputLengthMismatch(uint256 received, uint256 expected);
    error OutputLengthMismatch(uint256 received, uint256 expected);
    /// @notice Thrown when the hash of the open words, or a committed input or output, is not below the field's modulus.
    error FingerprintNotInField(uint256 received);
    error CommitmentNotInField(uint256 received);
    error ZeroAddress(string field);

    /// @notice Registry that binds versions to their circuits.
    function MODEL_REGISTRY() external view returns (IModelRegistry);
}
