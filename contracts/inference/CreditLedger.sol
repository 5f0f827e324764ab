// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICreditLedger} from "../interfaces/ICreditLedger.sol";

/// @notice Credits of accounts by token, and the nonces of requests signed off chain, in one slot for each.
/// @dev Account word: 104-bit window of used nonces | 56-bit lowest unused nonce | 96-bit balance. Bit i of the window
/// is nonce base + i; bit 0 is always clear.
abstract contract CreditLedger is ICreditLedger, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev A struct, so that a function hashes its way to the slot once.
    struct Account {
        uint256 word;
    }

    address internal constant NATIVE = address(0);
    uint256 private constant BALANCE_MASK = type(uint96).max;
    uint256 private constant BASE_OFFSET = 96;
    uint256 private constant WINDOW_OFFSET = 152;
    uint256 private constant WINDOW = 104;

    /// @dev INV-7: a balance goes down only in `withdraw` by its owner and in `_debit` on its owner's signature.
    mapping(address token => mapping(address account => Account)) private _accounts;

    /// @inheritdoc ICreditLedger
    function deposit(address token, address account, uint96 amount) external payable {
        require(account != address(0), ZeroAddress("account"));
        _credit(token, account, amount);
        emit Deposited(token, account, msg.sender, amount);
        _takeIn(token, amount);
    }

    /// @inheritdoc ICreditLedger
    function withdraw(address token, address to, uint96 amount) external nonReentrant {
        require(to != address(0), ZeroAddress("to"));
        Account storage own = _accounts[token][msg.sender];
        uint256 word = own.word;
        uint256 balance = word & BALANCE_MASK;
        require(balance >= amount, CreditTooSmall(token, msg.sender, balance, amount));
        // amount <= balance, the low 96 bits, so nothing is borrowed from the nonces.
        unchecked {
            own.word = word - amount;
        }
        emit Withdrawn(token, msg.sender, to, amount);
        if (token == NATIVE) {
            (bool ok, ) = to.call{value: amount}("");
            require(ok, NativeTransferFailed(to, amount));
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
    }

    /// @inheritdoc ICreditLedger
    function cancelNonces(address token, uint56 base) external {
        Account storage own = _accounts[token][msg.sender];
        uint256 word = own.word;
        uint256 current = uint56(word >> BASE_OFFSET);
        require(base > current, NonceUsed(msg.sender, base));
        uint256 shift = base - current;
        uint256 window = shift < WINDOW ? (word >> WINDOW_OFFSET) >> shift : 0;
        uint256 newBase = base;
        while (window & 1 != 0) {
            window >>= 1;
            ++newBase;
        }
        own.word = (window << WINDOW_OFFSET) | (newBase << BASE_OFFSET) | (word & BALANCE_MASK);
        emit NoncesCancelled(token, msg.sender, base);
    }

    /// @inheritdoc ICreditLedger
    function creditOf(
        address token,
        address account
    ) external view returns (uint96 balance, uint56 nonceBase, uint104 nonceWindow) {
        uint256 word = _accounts[token][account].word;
        return (uint96(word), uint56(word >> BASE_OFFSET), uint104(word >> WINDOW_OFFSET));
    }

    /// @dev Adds to a balance.
    function _credit(address token, address account, uint256 amount) internal {
        if (amount == 0) return;
        Account storage credited = _accounts[token][account];
        uint256 word = credited.word;
        // Both terms are below 2^96: nothing wraps 256 bits, and the test keeps the sum inside its field.
        unchecked {
            require((word & BALANCE_MASK) + amount <= BALANCE_MASK, CreditOverflow(token, account));
            credited.word = word + amount;
        }
    }

    /// @dev Takes `amount` from the account and uses up `nonce`, in one write. INV-13: a nonce below the base or set in
    /// the window is refused, and no code lowers a base or clears a bit that is not passed by the base.
    function _debit(address token, address account, uint256 amount, uint56 nonce) internal {
        Account storage debited = _accounts[token][account];
        uint256 word = debited.word;
        uint256 balance = word & BALANCE_MASK;
        require(balance >= amount, CreditTooSmall(token, account, balance, amount));
        uint256 base = uint56(word >> BASE_OFFSET);
        uint256 window = word >> WINDOW_OFFSET;
        require(nonce >= base, NonceUsed(account, nonce));
        // nonce >= base and balance >= amount, as required; the base ends at most one above a nonce that was used, and
        // the last nonce never is, so the base keeps to its 56 bits.
        unchecked {
            uint256 bit = nonce - base;
            require(bit < WINDOW && nonce != type(uint56).max, NonceOutOfWindow(nonce, uint56(base), WINDOW));
            require((window >> bit) & 1 == 0, NonceUsed(account, nonce));
            window |= 1 << bit;
            while (window & 1 != 0) {
                // At most 104 turns, the width of the window.
                window >>= 1;
                ++base;
            }
            debited.word = (window << WINDOW_OFFSET) | (base << BASE_OFFSET) | (balance - amount);
        }
    }

    /// @dev Takes exactly `amount` of `token` from the sender; the native coin must be the exact `msg.value`.
    function _takeIn(address token, uint256 amount) internal {
        if (token == NATIVE) {
            require(msg.value == amount, NativeAmountMismatch(msg.value, amount));
            return;
        }
        require(msg.value == 0, NativeAmountMismatch(msg.value, 0));
        if (amount != 0) _pull(IERC20(token), amount);
    }

    /// @dev Guarded, because a token that calls back could otherwise have one transfer counted in two measurements.
    function _pull(IERC20 token, uint256 amount) private nonReentrant {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received == amount, TokenAmountMismatch(address(token), received, amount));
    }
}
