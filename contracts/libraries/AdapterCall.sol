// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {IProofRouter} from "../interfaces/IProofRouter.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Asks an adapter, and takes nothing but its whole yes for a yes.
library AdapterCall {
    /// @dev Longest error of an adapter that is passed on, in bytes.
    uint256 private constant MAX_REASON = 1024;

    /// @notice Reverts with the adapter's own error, or `EvidenceRefused`, unless it accepts.
    function requireAccepted(
        IProofAdapter adapter,
        ProofSelector selector,
        Statement memory statement,
        bytes calldata output,
        bytes calldata evidence
    ) internal view {
        uint256 verifySelector = uint32(IProofAdapter.verify.selector);
        bool accepted;
        assembly ("memory-safe") {
            // ABI encoding of verify(statement, output, evidence): ten words, two offsets, two byte strings.
            let buffer := mload(0x40)
            mstore(buffer, verifySelector)
            let args := add(buffer, 0x20)
            mcopy(args, statement, 0x140)
            mstore(add(args, 0x140), 0x180)
            let tail := add(args, 0x180)
            mstore(tail, output.length)
            calldatacopy(add(tail, 0x20), output.offset, output.length)
            // Padding is not cleared: decoders read only the bytes that the length covers.
            tail := add(tail, add(0x20, and(add(output.length, 0x1f), not(0x1f))))
            mstore(add(args, 0x160), sub(tail, args))
            mstore(tail, evidence.length)
            calldatacopy(add(tail, 0x20), evidence.offset, evidence.length)
            let size := sub(add(tail, add(0x20, and(add(evidence.length, 0x1f), not(0x1f)))), add(buffer, 0x1c))
            // The answer goes to scratch space; a short one leaves the zero written there.
            mstore(0x00, 0)
            let ok := staticcall(gas(), adapter, add(buffer, 0x1c), size, 0x00, 0x20)
            if iszero(ok) {
                size := returndatasize()
                if size {
                    if gt(size, MAX_REASON) {
                        size := MAX_REASON
                    }
                    let reason := mload(0x40)
                    returndatacopy(reason, 0, size)
                    revert(reason, size)
                }
            }
            accepted := and(ok, gt(returndatasize(), 0x1f))
        }
        bytes32 answer;
        assembly ("memory-safe") {
            answer := mload(0x00)
        }
        require(
            accepted && answer == bytes32(IProofAdapter.verify.selector),
            IProofRouter.EvidenceRefused(ProofSelector.unwrap(selector))
        );
    }
}
