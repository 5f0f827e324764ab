// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Moves what it is asked to and returns nothing, as some old tokens do.
contract WordlessToken {
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    error Short(uint256 has, uint256 needs);

    /// @notice Makes `amount` for `to`.
    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= amount, Short(allowed, amount));
        allowance[from][msg.sender] = allowed - amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        require(balanceOf[from] >= amount, Short(balanceOf[from], amount));
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
