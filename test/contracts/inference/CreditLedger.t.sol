// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {LedgerHarness} from "../../../contracts/mocks/inference/LedgerHarness.sol";
import {CoinForcer} from "../../../contracts/mocks/tokens/CoinForcer.sol";
import {CoinTrap} from "../../../contracts/mocks/tokens/CoinTrap.sol";
import {FeeOnTransferToken} from "../../../contracts/mocks/tokens/FeeOnTransferToken.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {deploy} from "../../support/Deploy.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";

/// @notice Credits and nonces, against a book of plain mappings.
contract CreditLedgerTest {
    address private constant NATIVE = address(0);
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    uint56 private constant LAST = type(uint56).max;
    LedgerHarness private ledger;
    mapping(uint256 nonce => bool used) private used;

    function setUp() public {
        ledger = LedgerHarness(deploy("LedgerHarness.sol:LedgerHarness", ""));
    }

    function testFuzz_deposit_addsToTheAccountNamed(uint96 first, uint96 second) public {
        second = uint96(bounded(second, 0, type(uint96).max - first));
        vm.deal(address(this), uint256(first) + second);
        vm.expectEmit();
        emit ICreditLedger.Deposited(NATIVE, ALICE, address(this), first);
        ledger.deposit{value: first}(NATIVE, ALICE, first);
        ledger.deposit{value: second}(NATIVE, ALICE, second);
        vm.assertEq(balanceOf(NATIVE, ALICE), uint256(first) + second, "credit");
        vm.assertEq(address(ledger).balance, uint256(first) + second, "coin");
        vm.assertEq(balanceOf(NATIVE, address(this)), 0, "not the payer's");
    }

    function testFuzz_deposit_reverts_whenTheCoinIsNotExact(uint96 amount, uint96 sent) public {
        vm.assume(amount != sent);
        vm.deal(address(this), sent);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NativeAmountMismatch.selector, sent, amount));
        ledger.deposit{value: sent}(NATIVE, ALICE, amount);
    }

    function test_deposit_reverts_whenTheAccountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.ZeroAddress.selector, "account"));
        ledger.deposit(NATIVE, address(0), 0);
    }

    function test_deposit_takesTokensToTheUnit() public {
        MintableToken token = new MintableToken();
        token.mint(address(this), 10);
        token.approve(address(ledger), 10);
        ledger.deposit(address(token), ALICE, 10);
        vm.assertEq(balanceOf(address(token), ALICE), 10, "credit");
        vm.assertEq(token.balanceOf(address(ledger)), 10, "tokens");
    }

    function test_deposit_reverts_whenTheTokenTakesAFee() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        token.mint(address(this), 1_000);
        token.approve(address(ledger), 1_000);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.TokenAmountMismatch.selector, address(token), 990, 1_000));
        ledger.deposit(address(token), ALICE, 1_000);
    }

    function test_deposit_reverts_whenCoinComesWithTokens() public {
        vm.deal(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NativeAmountMismatch.selector, 1, 0));
        ledger.deposit{value: 1}(BOB, ALICE, 0);
    }

    function testFuzz_withdraw_paysOutAndNoMore(uint96 held, uint96 amount) public {
        fund(ALICE, held);
        amount = uint96(bounded(amount, 0, held));
        vm.expectEmit();
        emit ICreditLedger.Withdrawn(NATIVE, ALICE, BOB, amount);
        vm.prank(ALICE);
        ledger.withdraw(NATIVE, BOB, amount);
        vm.assertEq(BOB.balance, amount, "paid");
        vm.assertEq(balanceOf(NATIVE, ALICE), held - amount, "left");
        if (held - amount == type(uint96).max) return;
        uint96 over = held - amount + 1;
        vm.expectRevert(
            abi.encodeWithSelector(ICreditLedger.CreditTooSmall.selector, NATIVE, ALICE, held - amount, over)
        );
        vm.prank(ALICE);
        ledger.withdraw(NATIVE, BOB, over);
    }

    /// @dev INV-7: nobody takes another's credit.
    function testFuzz_withdraw_reverts_forAnyoneElse(address thief) public {
        vm.assume(thief != ALICE && thief != address(0));
        fund(ALICE, 100);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.CreditTooSmall.selector, NATIVE, thief, 0, 1));
        vm.prank(thief);
        ledger.withdraw(NATIVE, thief, 1);
    }

    function test_withdraw_reverts_whenNobodyIsNamed() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.ZeroAddress.selector, "to"));
        ledger.withdraw(NATIVE, address(0), 0);
    }

    /// @dev INV-6: a recipient that refuses coin keeps its credit, and can have it sent elsewhere.
    function test_withdraw_reverts_whenTheRecipientRefuses() public {
        CoinTrap trap = new CoinTrap();
        fund(address(trap), 7);
        bytes memory data = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(trap), 7));
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NativeTransferFailed.selector, address(trap), 7));
        trap.forward(address(ledger), data);
        vm.assertEq(balanceOf(NATIVE, address(trap)), 7, "kept");
        trap.forward(address(ledger), abi.encodeCall(ICreditLedger.withdraw, (NATIVE, BOB, 7)));
        vm.assertEq(BOB.balance, 7, "elsewhere");
    }

    /// @dev INV-7: while coin is being sent, another withdrawal is refused.
    function test_withdraw_reverts_whenReentered() public {
        CoinTrap trap = new CoinTrap();
        fund(address(trap), 7);
        fund(ALICE, 100);
        bytes memory data = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(trap), 3));
        trap.setCall(address(ledger), data);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NativeTransferFailed.selector, address(trap), 3));
        trap.forward(address(ledger), data);
        vm.assertEq(address(ledger).balance, 107, "all there");
    }

    /// @dev A withdrawal during a withdrawal is closed; a deposit of coin is not, and is counted as one.
    function test_withdraw_letsARecipientDeposit() public {
        CoinTrap trap = new CoinTrap();
        fund(address(trap), 7);
        trap.setCall(address(ledger), abi.encodeCall(ICreditLedger.deposit, (NATIVE, ALICE, 0)));
        trap.forward(address(ledger), abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(trap), 7)));
        vm.assertEq(address(ledger).balance, 0, "out");
    }

    /// @dev INV-1: coin that was forced on the ledger is nobody's credit.
    function test_forcedCoinIsNobodys() public {
        fund(ALICE, 5);
        vm.deal(address(this), 9);
        new CoinForcer{value: 9}(payable(address(ledger)));
        vm.assertEq(address(ledger).balance, 14, "forced");
        vm.assertEq(balanceOf(NATIVE, ALICE), 5, "credit");
    }

    /// @dev A credit is below 2^96; more is refused whole, and a withdrawal makes room again.
    function test_credit_reverts_whenItWouldOverflow() public {
        ledger.credit(BOB, ALICE, type(uint96).max);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.CreditOverflow.selector, BOB, ALICE));
        ledger.credit(BOB, ALICE, 1);
        ledger.debit(BOB, ALICE, 1, 0);
        ledger.credit(BOB, ALICE, 1);
        (uint96 balance, uint56 base, uint104 window) = ledger.creditOf(BOB, ALICE);
        vm.assertEq(balance, type(uint96).max, "full");
        vm.assertEq(base, 1, "the nonces are untouched");
        vm.assertEq(window, 0, "window");
    }

    /// @dev INV-13: each nonce once, inside the window, in any order, with cancellations in between.
    function testFuzz_nonces_matchABookOfThem(uint256 seed, uint56 start) public {
        start = uint56(bounded(start, 0, LAST - 400));
        if (start != 0) {
            vm.prank(ALICE);
            ledger.cancelNonces(NATIVE, start);
        }
        uint256 base = start;
        ledger.credit(NATIVE, ALICE, 1_000);
        for (uint256 i = 0; i < 24; ++i) {
            uint256 roll = uint256(keccak256(abi.encode(seed, i)));
            uint56 nonce = uint56(base + ((roll >> 8) % (i % 3 == 0 ? 110 : 4)));
            if (nonce > start && roll % 16 == 0) nonce = uint56(nonce - 1 - ((roll >> 64) % (nonce - start)));
            if (roll % 8 == 1 && nonce > base) {
                vm.prank(ALICE);
                ledger.cancelNonces(NATIVE, nonce);
                for (uint256 n = base; n < nonce; ++n) used[n] = true;
            } else {
                bool allowed = nonce >= base && nonce - base < 104 && !used[nonce];
                try ledger.debit(NATIVE, ALICE, 1, nonce) {
                    vm.assertTrue(allowed, "used up a nonce that was gone");
                    used[nonce] = true;
                } catch {
                    vm.assertFalse(allowed, "refused a good nonce");
                }
            }
            while (used[base]) ++base;
            assertNonces(base);
        }
    }

    /// @dev INV-13: the last nonce is never used up, since the base above it would not fit; the others all can be.
    function test_nonces_endBeforeTheLast() public {
        vm.prank(ALICE);
        ledger.cancelNonces(NATIVE, LAST - 2);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NonceOutOfWindow.selector, LAST, LAST - 2, 104));
        ledger.debit(NATIVE, ALICE, 0, LAST);
        ledger.debit(NATIVE, ALICE, 0, LAST - 1);
        ledger.debit(NATIVE, ALICE, 0, LAST - 2);
        (, uint56 base, uint104 window) = ledger.creditOf(NATIVE, ALICE);
        vm.assertEq(base, LAST, "the end");
        vm.assertEq(window, 0, "nothing above it");
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NonceOutOfWindow.selector, LAST, LAST, 104));
        ledger.debit(NATIVE, ALICE, 0, LAST);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, ALICE, 0));
        ledger.debit(NATIVE, ALICE, 0, 0);
    }

    function test_cancelNonces_passesOverUsedOnes() public {
        ledger.debit(NATIVE, ALICE, 0, 5);
        ledger.debit(NATIVE, ALICE, 0, 6);
        ledger.debit(NATIVE, ALICE, 0, 8);
        vm.expectEmit();
        emit ICreditLedger.NoncesCancelled(NATIVE, ALICE, 5);
        vm.prank(ALICE);
        ledger.cancelNonces(NATIVE, 5);
        (, uint56 base, uint104 window) = ledger.creditOf(NATIVE, ALICE);
        vm.assertEq(base, 7, "5 and 6 were used");
        vm.assertEq(window, 2, "8 was used");
    }

    /// @dev Moving the base down, or nowhere, is refused; a jump past the window leaves nothing in it.
    function testFuzz_cancelNonces_onlyMovesUp(uint56 base, uint56 next) public {
        base = uint56(bounded(base, 1, LAST));
        vm.startPrank(ALICE);
        ledger.cancelNonces(NATIVE, base);
        if (next > base) ledger.cancelNonces(NATIVE, next);
        else {
            vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, ALICE, next));
            ledger.cancelNonces(NATIVE, next);
        }
        (, uint56 now_, uint104 window) = ledger.creditOf(NATIVE, ALICE);
        vm.assertEq(now_, next > base ? next : base, "base");
        vm.assertEq(window, 0, "window");
    }

    /// @dev Nonces are of one account and one token.
    function test_nonces_areOfOneAccountAndToken() public {
        ledger.debit(NATIVE, ALICE, 0, 0);
        ledger.debit(BOB, ALICE, 0, 0);
        ledger.debit(NATIVE, BOB, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, ALICE, 0));
        ledger.debit(NATIVE, ALICE, 0, 0);
    }

    /// @dev Money and nonces share a word and do not touch each other.
    function testFuzz_withdraw_leavesTheNonces(uint96 amount, uint8 nonce) public {
        nonce = uint8(bounded(nonce, 1, 103));
        fund(ALICE, amount);
        ledger.debit(NATIVE, ALICE, 0, nonce);
        vm.prank(ALICE);
        ledger.withdraw(NATIVE, BOB, amount);
        (uint96 balance, uint56 base, uint104 window) = ledger.creditOf(NATIVE, ALICE);
        vm.assertEq(balance, 0, "balance");
        vm.assertEq(base, 0, "base");
        vm.assertEq(window, uint256(1) << nonce, "window");
    }

    function assertNonces(uint256 expectedBase) private view {
        (, uint56 base, uint104 window) = ledger.creditOf(NATIVE, ALICE);
        vm.assertEq(base, expectedBase, "base");
        for (uint256 i = 0; i < 104; ++i) {
            vm.assertTrue(((window >> i) & 1 == 1) == used[expectedBase + i], "window");
        }
    }

    function fund(address account, uint96 amount) private {
        vm.deal(address(this), amount);
        ledger.deposit{value: amount}(NATIVE, account, amount);
    }

    function balanceOf(address token, address account) private view returns (uint256 balance) {
        (balance, , ) = ledger.creditOf(token, account);
    }
}
