// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Credits by token and account, to be withdrawn by their owner; nothing is ever pushed.
/// @dev Tokens that change balances by themselves (rebasing) are not supported: shortfalls would hit those who withdraw
/// last. Amounts are below 2^96. Token zero is the chain's own coin.
interface ICreditLedger {
    /// @notice Emitted after `from` added to `account`'s credit.
    event Deposited(address indexed token, address indexed account, address indexed from, uint96 amount);

    /// @notice Emitted after `account`'s credit was paid out to `to`.
    event Withdrawn(address indexed token, address indexed account, address indexed to, uint96 amount);

    /// @notice Emitted after every nonce below `base` became unusable.
    event NoncesCancelled(address indexed token, address indexed requester, uint56 base);

    error NativeAmountMismatch(uint256 received, uint256 expected);
    /// @notice Thrown when a token delivered another amount than was asked, for example because it takes a fee.
    error TokenAmountMismatch(address token, uint256 received, uint256 expected);
    error CreditTooSmall(address token, address account, uint256 balance, uint256 needed);
    error CreditOverflow(address token, address account);
    error NativeTransferFailed(address to, uint256 amount);
    error NonceUsed(address requester, uint56 nonce);
    /// @notice Thrown when a nonce is the window's width or more past the lowest unused one, or is the very last, 2^56-1,
    /// which is never used.
    error NonceOutOfWindow(uint56 nonce, uint56 base, uint256 window);
    error ZeroAddress(string field);

    /// @notice Adds to `account`'s credit. Native: send the exact amount.
    function deposit(address token, address account, uint96 amount) external payable;

    /// @notice Pays out the caller's credit.
    function withdraw(address token, address to, uint96 amount) external;

    /// @notice Makes every nonce of the caller below `base` unusable for `token`; 2^56-1 ends them all for ever.
    function cancelNonces(address token, uint56 base) external;

    /// @notice Credit of an account, and its lowest unused nonce with the window of used ones above it.
    function creditOf(
        address token,
        address account
    ) external view returns (uint96 balance, uint56 nonceBase, uint104 nonceWindow);
}
