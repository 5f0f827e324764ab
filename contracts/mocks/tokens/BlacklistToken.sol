// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MintableToken} from "./MintableToken.sol";

/// @notice Moves nothing from or to a blocked account.
contract BlacklistToken is MintableToken {
    mapping(address account => bool blocked) public blocked;

    error Blocked(address account);

    /// @notice Blocks or frees `account`.
    function setBlocked(address account, bool blocked_) external {
        blocked[account] = blocked_;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!blocked[from], Blocked(from));
        require(!blocked[to], Blocked(to));
        super._update(from, to, value);
    }
}
