// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev 160-bit token (zero is the chain's own coin) | 96-bit amount in the token's smallest unit.
type Payment is uint256;

/// @dev 160-bit target (zero: no callback) | 32-bit gas | 56 zero bits | 8-bit flags.
type Callback is uint256;

/// @dev 160-bit requester | 40-bit deadline, in seconds | 56-bit stamp. The stamp of a request made on chain is 40-bit
/// time of creation | 16-bit salt of the requester; that of a signed request is its nonce.
type Ticket is uint256;

/// @dev Flag of `Callback`: leave the result's digest in storage, so that contracts can ask for it later.
uint8 constant FLAG_STORE_RESULT = 0x01;

/// @dev Flag of `Callback`, set by the hub alone: the version has a price, to be looked up when paying.
uint8 constant FLAG_PRICED = 0x02;

using {token, amount} for Payment global;
using {target, gasLimit, flags, hasFlag} for Callback global;
using {requester, deadline, stamp, createdAt} for Ticket global;

function toPayment(address token_, uint96 amount_) pure returns (Payment) {
    return Payment.wrap((uint256(uint160(token_)) << 96) | amount_);
}

function token(Payment payment) pure returns (address) {
    return address(uint160(Payment.unwrap(payment) >> 96));
}

function amount(Payment payment) pure returns (uint96) {
    return uint96(Payment.unwrap(payment));
}

function toCallback(address target_, uint32 gasLimit_, uint8 flags_) pure returns (Callback) {
    return Callback.wrap((uint256(uint160(target_)) << 96) | (uint256(gasLimit_) << 64) | flags_);
}

function target(Callback callback) pure returns (address) {
    return address(uint160(Callback.unwrap(callback) >> 96));
}

/// @notice Gas the target gets, exactly.
function gasLimit(Callback callback) pure returns (uint32) {
    return uint32(Callback.unwrap(callback) >> 64);
}

function flags(Callback callback) pure returns (uint8) {
    return uint8(Callback.unwrap(callback));
}

function hasFlag(Callback callback, uint8 flag) pure returns (bool) {
    return Callback.unwrap(callback) & flag != 0;
}

function toTicket(address requester_, uint40 deadline_, uint56 stamp_) pure returns (Ticket) {
    return Ticket.wrap((uint256(uint160(requester_)) << 96) | (uint256(deadline_) << 56) | stamp_);
}

function requester(Ticket ticket) pure returns (address) {
    return address(uint160(Ticket.unwrap(ticket) >> 96));
}

function deadline(Ticket ticket) pure returns (uint40) {
    return uint40(Ticket.unwrap(ticket) >> 56);
}

function stamp(Ticket ticket) pure returns (uint56) {
    return uint56(Ticket.unwrap(ticket));
}

/// @notice When a request made on chain was made, in seconds. Without meaning for a signed request.
function createdAt(Ticket ticket) pure returns (uint40) {
    return uint40(Ticket.unwrap(ticket) >> 16);
}
