// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../interfaces/IInferenceHub.sol";
import {ProofPolicy} from "../types/ProofPolicy.sol";

/// @dev What the hub remembers of a request, in one word. The upper 8 bits are the stored status; then
/// Pending: 40-bit deadline | 40-bit time of creation | 40 zero bits | 128-bit proof policy.
/// Fulfilled, CallbackFailed: 8-bit retries | 48 zero bits | first 192 bits of the keccak-256 of the output.
/// Reclaimed: zeros. `Expired` is never stored: it is Pending past its deadline.
type RequestSlot is uint256;

using {storedStatus, slotDeadline, slotProofs, outputDigest, retries, withRetry, isPending} for RequestSlot global;

uint256 constant STATUS_OFFSET = 248;

function pendingSlot(uint40 deadline, uint40 createdAt, ProofPolicy proofs) pure returns (RequestSlot) {
    return
        RequestSlot.wrap(
            (uint256(RequestStatus.Pending) << STATUS_OFFSET) |
                (uint256(deadline) << 208) |
                (uint256(createdAt) << 168) |
                uint128(ProofPolicy.unwrap(proofs))
        );
}

/// @notice Slot of a request that was answered with `outputHash`.
/// @param status Fulfilled or CallbackFailed.
function settledSlot(RequestStatus status, bytes32 outputHash) pure returns (RequestSlot) {
    return RequestSlot.wrap((uint256(status) << STATUS_OFFSET) | (uint256(outputHash) >> 64));
}

function reclaimedSlot() pure returns (RequestSlot) {
    return RequestSlot.wrap(uint256(RequestStatus.Reclaimed) << STATUS_OFFSET);
}

function storedStatus(RequestSlot slot) pure returns (RequestStatus) {
    return RequestStatus(RequestSlot.unwrap(slot) >> STATUS_OFFSET);
}

function isPending(RequestSlot slot) pure returns (bool) {
    return RequestSlot.unwrap(slot) >> STATUS_OFFSET == uint256(RequestStatus.Pending);
}

function slotDeadline(RequestSlot slot) pure returns (uint40) {
    return uint40(RequestSlot.unwrap(slot) >> 208);
}

function slotProofs(RequestSlot slot) pure returns (ProofPolicy) {
    return ProofPolicy.wrap(bytes16(uint128(RequestSlot.unwrap(slot))));
}

function outputDigest(RequestSlot slot) pure returns (bytes24) {
    return bytes24(uint192(RequestSlot.unwrap(slot)));
}

function retries(RequestSlot slot) pure returns (uint8) {
    return uint8(RequestSlot.unwrap(slot) >> 240);
}

/// @dev One retry more. The caller has checked that the count is below 255.
function withRetry(RequestSlot slot) pure returns (RequestSlot) {
    return RequestSlot.wrap(RequestSlot.unwrap(slot) + (1 << 240));
}
