// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Checks one kind of evidence for a statement.
/// @dev Immutable, and without state of its own beyond the registry it reads. Not checked here, left to the caller: that
/// the statement is true of the world (its chain, hub and request are the caller's own), that it is fresh, and that it
/// was not acted on before. What the evidence does not show is said in each adapter.
interface IProofAdapter {
    /// @notice Thrown when evidence is shorter or longer than its kind allows.
    /// @param received Length in bytes, selector included.
    /// @param expected Length in bytes, or the least length where it varies.
    error EvidenceLengthInvalid(uint256 received, uint256 expected);

    /// @notice The four bytes that evidence for this adapter begins with.
    function selector() external view returns (ProofSelector);

    /// @notice Reverts with a typed error unless `evidence` shows `statement`.
    /// @param statement What must be shown; every field is bound.
    /// @param output Canonical output bytes; the caller has checked that they hash to `statement.outputHash`.
    /// @param evidence Selector, then bytes in the form of the kind.
    /// @return magic This function's selector. Any other answer, a short one or none, means no.
    function verify(
        Statement calldata statement,
        bytes calldata output,
        bytes calldata evidence
    ) external view returns (bytes4 magic);
}
