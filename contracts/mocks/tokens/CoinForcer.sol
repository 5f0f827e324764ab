// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Forces the coin it is made with onto an account that need not accept it.
contract CoinForcer {
    constructor(address payable to) payable {
        // Deprecated, and still the way to force coin on a contract since Cancun.
        selfdestruct(to);
    }
}
