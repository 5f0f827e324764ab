// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Longest time, in seconds, from a request to its deadline.
uint40 constant MAX_REQUEST_LIFETIME = 7 days;

/// @dev Longest challenge window, in seconds, that a proof kind may ask for.
uint40 constant MAX_CHALLENGE_WINDOW = 7 days;

/// @dev Longest canonical input or output, in bytes, that the hub takes.
uint256 constant MAX_PAYLOAD_BYTES = 64 * 1024;

/// @dev Most gas a callback may ask for.
uint32 constant MAX_CALLBACK_GAS = 5_000_000;

/// @dev Chain ids of local development chains, the only ones where development roots and setups are accepted.
uint256 constant LOCAL_CHAIN_HARDHAT = 31337;
uint256 constant LOCAL_CHAIN_GETH = 1337;

/// @notice Whether `chainId` is that of a local development chain.
function isLocalChain(uint256 chainId) pure returns (bool) {
    return chainId == LOCAL_CHAIN_HARDHAT || chainId == LOCAL_CHAIN_GETH;
}
