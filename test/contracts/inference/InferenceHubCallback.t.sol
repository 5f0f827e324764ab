// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {Fulfilment, IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {Mood, MoodyConsumer} from "../../../contracts/mocks/inference/MoodyConsumer.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {toCallback, toPayment} from "../../../contracts/types/Words.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice Callbacks: what a consumer can and cannot do, whatever it is made of, and its second chances.
contract InferenceHubCallbackTest is HubFixture {
    uint32 private constant CALLBACK_GAS = 4_000_000;
    address private constant UNBORN = address(0xB02);
    MoodyConsumer private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new MoodyConsumer();
    }

    /// @dev INV-19: the consumer hears once, from the hub, what was accepted.
    function test_fulfil_tellsTheConsumer() public {
        (RequestId id, Request memory req) = open(orderTo(address(consumer)));
        settle(id, req);
        vm.assertEq(consumer.taken(id), 1, "once");
        vm.assertEq(consumer.lastOutput(), keccak256(OUTPUT), "output");
        vm.assertTrue(consumer.lastVersion() == free, "version");
        vm.assertEq(consumer.lastCaller(), address(hub), "caller");
        assertStatus(id, RequestStatus.None, "settled");
        vm.prank(address(consumer));
        refusesRetry(address(consumer), req, notPending(hub.signedRequestIdOf(req), RequestStatus.None), "again");
    }

    /// @dev INV-20: money and result are the same whatever the consumer does.
    function test_fulfil_comesToTheSameInEveryMood() public {
        uint256 fee = (uint256(AMOUNT) * FEE_BPS) / 10_000;
        for (uint8 i = 0; i <= uint8(type(Mood).max); ++i) {
            for (uint8 flag = 0; flag < 2; ++flag) {
                MoodyConsumer moody = new MoodyConsumer();
                moody.setMood(Mood(i));
                (uint256 before, uint256 feesBefore) = (creditOf(NATIVE, PAYEE), creditOf(NATIVE, FEES));
                (RequestId id, Request memory req) = open(orderTo(address(moody), flag));
                settle(id, req);
                vm.assertEq(creditOf(NATIVE, PAYEE) - before, AMOUNT - fee, "node");
                vm.assertEq(creditOf(NATIVE, FEES) - feesBefore, fee, "fee");
                vm.assertEq(creditOf(NATIVE, client), 0, "client");
                bool failed = Mood(i) == Mood.Revert || Mood(i) == Mood.RevertBomb || Mood(i) == Mood.BurnGas;
                RequestStatus settled = flag == 1 ? RequestStatus.Fulfilled : RequestStatus.None;
                assertStatus(id, failed ? RequestStatus.CallbackFailed : settled, "status");
                bytes24 digest = failed || flag == 1 ? bytes24(keccak256(OUTPUT)) : bytes24(0);
                vm.assertEq(bytes32(hub.resultOf(id)), bytes32(digest), "result");
            }
        }
    }

    function test_fulfil_saysThatTheCallbackFailed() public {
        consumer.setMood(Mood.Revert);
        (RequestId id, Request memory req) = open(orderTo(address(consumer)));
        bytes memory data = answer(id, req);
        vm.expectEmit();
        emit IInferenceHub.Fulfilled(id, PAYEE, OUTPUT);
        vm.expectEmit();
        emit IInferenceHub.CallbackFailed(id, address(consumer));
        passes(STRANGER, 0, data, "settled all the same");
    }

    /// @dev An account without code would take any call; the answer waits until the consumer is deployed.
    function test_fulfil_keepsTheAnswerForAConsumerToCome() public {
        (RequestId id, Request memory req) = open(orderTo(UNBORN));
        settle(id, req);
        assertStatus(id, RequestStatus.CallbackFailed, "nobody there");
        vm.etch(UNBORN, address(consumer).code);
        passes(client, 0, retryOf(req), "retry");
        vm.assertEq(MoodyConsumer(payable(UNBORN)).taken(id), 1, "heard");
    }

    /// @dev INV-19, INV-22: the target or the requester, not more than once with success, and no money moves.
    function test_retryCallback_deliversOnce() public {
        for (uint8 flag = 0; flag < 2; ++flag) {
            (RequestId id, Request memory req) = failedOnce(flag);
            uint256 before = creditOf(NATIVE, PAYEE);
            refusesRetry(STRANGER, req, notTarget(id, STRANGER), "a stranger");
            refusesRetry(PAYEE, req, notTarget(id, PAYEE), "the node");
            consumer.setMood(Mood.Accept);
            vm.expectEmit();
            emit IInferenceHub.CallbackDelivered(id, address(consumer));
            passes(flag == 0 ? client : address(consumer), 0, retryOf(req), "retry");
            vm.assertEq(consumer.taken(id), 1, "heard once");
            vm.assertEq(creditOf(NATIVE, PAYEE), before, "no money moved");
            assertStatus(id, flag == 1 ? RequestStatus.Fulfilled : RequestStatus.None, "delivered");
            vm.prank(client);
            (bool ok, ) = address(hub).call(retryOf(req));
            vm.assertFalse(ok, "not again");
            refuses(answer(id, req), notPending(id, hub.status(id)), "no second settlement");
        }
    }

    function test_retryCallback_reverts_whenTheOutputIsAnother() public {
        (RequestId id, Request memory req) = failedOnce(0);
        bytes memory data = abi.encodeCall(IInferenceHub.retryCallback, (req, "another"));
        refuses(client, 0, data, abi.encodeWithSelector(IInferenceHub.OutputMismatch.selector, id), "output");
    }

    function test_retryCallback_isTriedSixteenTimes() public {
        (RequestId id, Request memory req) = failedOnce(0);
        for (uint256 i = 0; i < 16; ++i) {
            vm.expectEmit();
            emit IInferenceHub.CallbackFailed(id, address(consumer));
            passes(client, 0, retryOf(req), "a try");
            assertStatus(id, RequestStatus.CallbackFailed, "failed");
        }
        consumer.setMood(Mood.Accept);
        bytes memory exhausted = abi.encodeWithSelector(IInferenceHub.RetriesExhausted.selector, id);
        refusesRetry(client, req, exhausted, "the seventeenth");
        vm.assertEq(bytes32(hub.resultOf(id)), bytes32(bytes24(keccak256(OUTPUT))), "the result stays");
    }

    function test_retryCallback_reverts_whenNothingFailed() public {
        (RequestId id, Request memory req) = openNow(orderTo(address(consumer)));
        refusesRetry(client, req, notPending(id, RequestStatus.Pending), "pending");
        vm.warp(START + 2 hours);
        hub.reclaim(req);
        refusesRetry(client, req, notPending(id, RequestStatus.Reclaimed), "reclaimed");
    }

    /// @dev A request that was signed off chain has its callback tried again in the same way.
    function test_retryCallback_findsSignedRequests() public {
        consumer.setMood(Mood.Revert);
        fundCredit(client, AMOUNT);
        (RequestId id, Request memory req) = signable(orderTo(address(consumer)), 0);
        passes(STRANGER, 0, signedAnswer(id, req), "settled");
        assertStatus(id, RequestStatus.CallbackFailed, "failed");
        consumer.setMood(Mood.Accept);
        passes(address(consumer), 0, retryOf(req), "retry");
        vm.assertEq(consumer.taken(id), 1, "heard");
        assertStatus(id, RequestStatus.None, "delivered");
    }

    /// @dev INV-7, INV-13, INV-20: from inside a callback every way in is closed, or does what it would do outside.
    function test_fulfil_standsReentryThroughEveryEntryPoint() public {
        fundCredit(client, AMOUNT);
        (RequestId signedId, Request memory signedReq) = signable(anOrder(), 0);
        bytes memory spent = signedAnswer(signedId, signedReq);
        passes(STRANGER, 0, spent, "spend the signed request");
        (RequestId id, Request memory req) = open(orderTo(address(consumer)));
        fundCredit(address(consumer), 100);

        bytes memory data = answer(id, req);
        Fulfilment[] memory items = new Fulfilment[](1);
        items[0] = Fulfilment(req, OUTPUT, PAYEE, evidenceFor(id, req, OUTPUT, PAYEE));
        Order memory fresh = anOrder();
        fresh.payment = toPayment(NATIVE, 0);
        bytes[] memory calls = new bytes[](11);
        calls[0] = data;
        calls[1] = retryOf(req);
        calls[2] = abi.encodeCall(IInferenceHub.reclaim, (req));
        calls[3] = spent;
        calls[4] = abi.encodeCall(Hub.fulfilItem, (items[0]));
        calls[5] = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, PAYEE, 101));
        calls[6] = abi.encodeCall(IInferenceHub.fulfilBatch, (items));
        calls[7] = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(consumer), 60));
        calls[8] = abi.encodeCall(IInferenceHub.request, (fresh, INPUT));
        calls[9] = abi.encodeCall(ICreditLedger.cancelNonces, (NATIVE, 5));
        calls[10] = abi.encodeCall(ICreditLedger.deposit, (NATIVE, PAYEE, 0));
        consumer.setCalls(address(hub), calls);
        consumer.setMood(Mood.Reenter);

        (uint256 held, uint256 paid) = (address(hub).balance, creditOf(NATIVE, PAYEE));
        passes(STRANGER, 0, data, "settled");
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.assertTrue(consumer.outcomes(i) == (i > 5), "who may do what");
        }
        uint256 fee = (uint256(AMOUNT) * FEE_BPS) / 10_000;
        vm.assertEq(creditOf(NATIVE, PAYEE) - paid, AMOUNT - fee, "paid once");
        vm.assertEq(creditOf(NATIVE, address(consumer)), 40, "its own credit only");
        vm.assertEq(held - address(hub).balance, 60, "out of the hub");
        vm.assertEq(consumer.taken(id), 1, "heard once");
        assertStatus(id, RequestStatus.None, "settled");
    }

    /// @dev INV-7: a recipient of coin that calls back takes nothing twice.
    function test_withdraw_standsReentryFromTheRecipient() public {
        fundCredit(address(consumer), 100);
        fundCredit(STRANGER, 1_000);
        bytes memory data = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(consumer), 100));
        consumer.forward(address(hub), data);
        vm.assertEq(address(consumer).balance, 100, "its own");
        vm.assertEq(address(hub).balance, 1_000, "no more");
    }

    function test_retryCallback_standsReentry() public {
        (RequestId id, Request memory req) = failedOnce(0);
        bytes[] memory calls = new bytes[](2);
        calls[0] = retryOf(req);
        calls[1] = answer(id, req);
        consumer.setCalls(address(hub), calls);
        consumer.setMood(Mood.Reenter);
        passes(client, 0, retryOf(req), "retry");
        vm.assertFalse(consumer.outcomes(0), "retry in a retry");
        vm.assertFalse(consumer.outcomes(1), "answer in a retry");
        vm.assertEq(consumer.taken(id), 1, "heard once");
    }

    // ---- helpers

    function orderTo(address target) private view returns (Order memory) {
        return orderTo(target, 0);
    }

    function orderTo(address target, uint8 flag) private view returns (Order memory) {
        return anOrder(toCallback(target, CALLBACK_GAS, flag));
    }

    function failedOnce(uint8 flag) private returns (RequestId id, Request memory req) {
        consumer.setMood(Mood.Revert);
        (id, req) = open(orderTo(address(consumer), flag));
        settle(id, req);
        assertStatus(id, RequestStatus.CallbackFailed, "failed");
    }

    function retryOf(Request memory req) private pure returns (bytes memory) {
        return abi.encodeCall(IInferenceHub.retryCallback, (req, OUTPUT));
    }

    function refusesRetry(address from, Request memory req, bytes memory reason, string memory what) private {
        refuses(from, 0, retryOf(req), reason, what);
    }

    function notTarget(RequestId id, address caller) private view returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.NotCallbackTarget.selector, id, caller, consumer);
    }
}
