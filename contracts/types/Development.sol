// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev keccak256 of the format of evidence under the development root, whose private key is public.
bytes32 constant DEVELOPMENT_FORMAT = keccak256("assay.dev/1");

/// @dev Thrown when anything of the development root is asked for on a chain that is not a local one.
error DevelopmentRootOnLiveNetwork(uint256 chainId);
