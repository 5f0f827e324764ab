// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {IInferenceHub} from "../../../contracts/interfaces/IInferenceHub.sol";
import {BlacklistToken} from "../../../contracts/mocks/tokens/BlacklistToken.sol";
import {FeeOnTransferToken} from "../../../contracts/mocks/tokens/FeeOnTransferToken.sol";
import {HookToken} from "../../../contracts/mocks/tokens/HookToken.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {MuteToken} from "../../../contracts/mocks/tokens/MuteToken.sol";
import {PermitToken} from "../../../contracts/mocks/tokens/PermitToken.sol";
import {WordlessToken} from "../../../contracts/mocks/tokens/WordlessToken.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Callback, FLAG_PRICED, toPayment} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice Requests paid in tokens: good ones, permits, and tokens that lie, take fees, refuse or call back.
contract InferenceHubTokensTest is HubFixture {
    uint256 private constant FOREVER = type(uint256).max;

    function testFuzz_request_escrowsATokenToTheLastUnit(uint96 amount) public {
        amount = uint96(bounded(amount, 1, type(uint96).max));
        MintableToken token = new MintableToken();
        (RequestId id, Request memory req) = openIn(address(token), amount);
        vm.assertEq(token.balanceOf(address(hub)), amount, "escrow");
        settle(id, req);
        uint256 fee = (uint256(amount) * FEE_BPS) / 10_000;
        vm.assertEq(creditOf(address(token), PAYEE), amount - fee, "node");
        vm.assertEq(creditOf(address(token), FEES), fee, "fee");
        vm.assertEq(creditOf(NATIVE, PAYEE), 0, "no coin");
        vm.prank(PAYEE);
        hub.withdraw(address(token), STRANGER, uint96(amount - fee));
        vm.assertEq(token.balanceOf(STRANGER), amount - fee, "withdrawn");
    }

    /// @dev INV-2: a royalty in tokens comes out of the payment in the same token.
    function test_fulfil_splitsATokenPayment() public {
        MintableToken token = new MintableToken();
        VersionId version = publish(9, address(zk), toPayment(address(token), 100));
        Order memory order = orderIn(address(token), 1_000);
        order.version = version;
        fund(token, 1_000);
        vm.prank(client);
        RequestId id = hub.request(order, INPUT);
        Request memory req = requestOf(client, order, INPUT);
        // The fixture sets this flag for its own priced version only.
        req.callback = Callback.wrap(FLAG_PRICED);
        vm.warp(START + 1);
        settle(id, req);
        vm.assertEq(creditOf(address(token), ROYALTIES), 100, "royalty");
        vm.assertEq(creditOf(address(token), FEES), 22, "fee, rounded down");
        vm.assertEq(creditOf(address(token), PAYEE), 878, "rest");
    }

    function test_request_reverts_whenCoinComesWithAToken() public {
        MintableToken token = new MintableToken();
        fund(token, AMOUNT);
        vm.deal(client, 1);
        refuses(
            client,
            1,
            abi.encodeCall(IInferenceHub.request, (orderIn(address(token), AMOUNT), INPUT)),
            abi.encodeWithSelector(ICreditLedger.NativeAmountMismatch.selector, 1, 0),
            "coin beside the token"
        );
    }

    function test_request_takesATokenThatReturnsNothing() public {
        WordlessToken token = new WordlessToken();
        token.mint(client, AMOUNT);
        vm.prank(client);
        token.approve(address(hub), AMOUNT);
        vm.prank(client);
        hub.request(orderIn(address(token), AMOUNT), INPUT);
        vm.assertEq(token.balanceOf(address(hub)), AMOUNT, "escrow");
        fundCreditIn(token, 5);
        vm.prank(STRANGER);
        hub.withdraw(address(token), PAYEE, 5);
        vm.assertEq(token.balanceOf(PAYEE), 5, "withdrawn");
    }

    function test_request_reverts_whenTheTokenTakesAFee() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        fund(token, 1_000);
        refusesToken(address(token), 1_000, mismatch(address(token), 990, 1_000), "fee");
        // An amount too small for the fee comes whole, and is taken.
        vm.prank(client);
        hub.request(orderIn(address(token), 99), INPUT);
    }

    function test_request_reverts_whenTheTokenMovesNothing() public {
        address lying = address(new MuteToken(true));
        refusesToken(lying, 5, mismatch(lying, 0, 5), "says yes");
        address refusing = address(new MuteToken(false));
        refusesToken(refusing, 5, failed(refusing), "says no");
    }

    function test_request_reverts_whenTheTokenHasNoCode() public {
        refusesToken(STRANGER, 5, "", "no code");
        // Nothing is asked of a token that is not to move.
        vm.prank(client);
        hub.request(orderIn(STRANGER, 0), INPUT);
    }

    function test_request_reverts_whenThereIsNoAllowance() public {
        MintableToken token = new MintableToken();
        token.mint(client, 5);
        bytes memory reason = abi.encodeWithSignature(
            "ERC20InsufficientAllowance(address,uint256,uint256)",
            address(hub),
            0,
            5
        );
        refusesToken(address(token), 5, reason, "no allowance");
    }

    /// @dev INV-6: a blocked recipient stops neither the settlement nor the others, only his own withdrawal.
    function test_fulfil_creditsABlockedNode() public {
        BlacklistToken token = new BlacklistToken();
        (RequestId id, Request memory req) = openIn(address(token), 1_000);
        token.setBlocked(PAYEE, true);
        token.setBlocked(client, true);
        settle(id, req);
        vm.assertEq(creditOf(address(token), PAYEE), 975, "credited");
        refuses(
            PAYEE,
            0,
            abi.encodeCall(ICreditLedger.withdraw, (address(token), PAYEE, 975)),
            abi.encodeWithSelector(BlacklistToken.Blocked.selector, PAYEE),
            "to himself"
        );
        passes(PAYEE, 0, abi.encodeCall(ICreditLedger.withdraw, (address(token), STRANGER, 975)), "elsewhere");
        passes(FEES, 0, abi.encodeCall(ICreditLedger.withdraw, (address(token), FEES, 25)), "the others");
    }

    /// @dev INV-5, INV-6: nor does a blocked requester, or a blocked hub, stop a reclaim.
    function test_reclaim_creditsABlockedRequester() public {
        BlacklistToken token = new BlacklistToken();
        (, Request memory req) = openIn(address(token), 1_000);
        token.setBlocked(client, true);
        token.setBlocked(address(hub), true);
        vm.warp(START + 2 hours);
        passes(STRANGER, 0, abi.encodeCall(IInferenceHub.reclaim, (req)), "reclaim");
        vm.assertEq(creditOf(address(token), client), 1_000, "credited");
    }

    /// @dev A token that calls back while it moves finds no entry that counts one transfer twice.
    function test_request_standsReentryFromTheToken() public {
        HookToken token = new HookToken();
        (RequestId id, Request memory req) = openIn(address(token), 500);
        token.mint(address(token), 1_000);
        fund(token, 2_000);
        // The token itself is the caller of every re-entry; it approved the hub and has credit of its own.
        vm.prank(address(token));
        token.approve(address(hub), 1_000);
        fundCreditIn(token, 100, address(token));
        bytes[3] memory guarded = [
            abi.encodeCall(ICreditLedger.deposit, (address(token), address(token), 500)),
            abi.encodeCall(ICreditLedger.withdraw, (address(token), address(token), 100)),
            abi.encodeCall(IInferenceHub.request, (orderIn(address(token), 500), INPUT))
        ];
        bytes memory reentered = abi.encodeWithSignature("ReentrancyGuardReentrantCall()");
        for (uint256 i = 0; i < guarded.length; ++i) {
            token.setHook(address(hub), guarded[i]);
            refusesToken(address(token), 1_000, reentered, "re-entry");
            refuses(
                client,
                0,
                abi.encodeCall(ICreditLedger.deposit, (address(token), client, 10)),
                reentered,
                "re-entry into a deposit"
            );
        }
        // Settling something else in the middle is allowed, and changes nothing of what is counted.
        token.setHook(address(hub), answer(id, req));
        Order memory order = orderIn(address(token), 1_000);
        order.salt = 7;
        passes(client, 0, abi.encodeCall(IInferenceHub.request, (order, INPUT)), "a settlement in the middle");
        vm.assertEq(token.balanceOf(address(hub)), 500 + 100 + 1_000, "all there");
    }

    function test_withdraw_standsReentryFromTheToken() public {
        HookToken token = new HookToken();
        fundCreditIn(token, 100, address(token));
        fundCreditIn(token, 100, client);
        bytes memory data = abi.encodeCall(ICreditLedger.withdraw, (address(token), address(token), 100));
        token.setHook(address(hub), data);
        refuses(
            client,
            0,
            abi.encodeCall(ICreditLedger.withdraw, (address(token), client, 100)),
            abi.encodeWithSignature("ReentrancyGuardReentrantCall()"),
            "re-entry"
        );
        vm.assertEq(creditOf(address(token), client), 100, "unchanged");
    }

    function testFuzz_requestWithPermit_needsNoApproval(uint96 amount) public {
        PermitToken token = new PermitToken();
        token.mint(client, amount);
        Order memory order = orderIn(address(token), amount);
        passes(client, 0, permitted(token, order, amount), "permit");
        vm.assertEq(token.balanceOf(address(hub)), amount, "escrow");
    }

    /// @dev Whoever sends the permit first spoils nothing.
    function test_requestWithPermit_takesAPermitThatWasSentBefore() public {
        PermitToken token = new PermitToken();
        token.mint(client, AMOUNT);
        Order memory order = orderIn(address(token), AMOUNT);
        bytes memory data = permitted(token, order, AMOUNT);
        (uint8 v, bytes32 r, bytes32 s) = permit(token, AMOUNT);
        vm.prank(STRANGER);
        token.permit(client, address(hub), AMOUNT, FOREVER, v, r, s);
        passes(client, 0, data, "front-run");
    }

    function test_requestWithPermit_reverts_whenThePermitIsBad() public {
        PermitToken token = new PermitToken();
        token.mint(client, AMOUNT);
        bytes memory data = permitted(token, orderIn(address(token), AMOUNT), AMOUNT - 1);
        bytes memory reason = abi.encodeWithSignature(
            "ERC20InsufficientAllowance(address,uint256,uint256)",
            address(hub),
            0,
            AMOUNT
        );
        refuses(client, 0, data, reason, "a permit over less");
        // Somebody else's permit moves nothing of its owner's.
        data = permitted(token, orderIn(address(token), AMOUNT), AMOUNT);
        refuses(STRANGER, 0, data, reason, "a stranger");
    }

    function test_requestWithPermit_takesNoCoin() public {
        Order memory order = anOrder();
        bytes memory data = abi.encodeCall(IInferenceHub.requestWithPermit, (order, INPUT, FOREVER, 27, 0, 0));
        vm.deal(client, AMOUNT);
        refuses(client, AMOUNT, data, "", "not payable");
    }

    // ---- helpers

    function orderIn(address token, uint96 amount) private view returns (Order memory order) {
        order = anOrder();
        order.payment = toPayment(token, amount);
    }

    function openIn(address token, uint96 amount) private returns (RequestId, Request memory) {
        fund(MintableToken(token), amount);
        return open(orderIn(token, amount));
    }

    function fund(MintableToken token, uint256 amount) private {
        token.mint(client, amount);
        vm.prank(client);
        token.approve(address(hub), amount);
    }

    function fundCreditIn(HookToken token, uint96 amount, address account) private {
        token.mint(address(this), amount);
        token.approve(address(hub), amount);
        hub.deposit(address(token), account, amount);
    }

    function fundCreditIn(WordlessToken token, uint96 amount) private {
        token.mint(address(this), amount);
        token.approve(address(hub), amount);
        hub.deposit(address(token), STRANGER, amount);
    }

    function refusesToken(address token, uint96 amount, bytes memory reason, string memory what) private {
        refuses(client, 0, abi.encodeCall(IInferenceHub.request, (orderIn(token, amount), INPUT)), reason, what);
    }

    function permitted(PermitToken token, Order memory order, uint256 amount) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = permit(token, amount);
        return abi.encodeCall(IInferenceHub.requestWithPermit, (order, INPUT, FOREVER, v, r, s));
    }

    function permit(PermitToken token, uint256 amount) private view returns (uint8, bytes32, bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                client,
                hub,
                amount,
                token.nonces(client),
                FOREVER
            )
        );
        return vm.sign(CLIENT_KEY, RequestCodecTwin.digest(token.DOMAIN_SEPARATOR(), structHash));
    }

    function mismatch(address token, uint256 received, uint256 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICreditLedger.TokenAmountMismatch.selector, token, received, expected);
    }

    function failed(address token) private pure returns (bytes memory) {
        return abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, token);
    }
}
