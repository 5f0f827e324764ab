// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {PlainConsumer} from "../../../contracts/mocks/periphery/PlainConsumer.sol";
import {InferenceConsumer} from "../../../contracts/periphery/InferenceConsumer.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {toCallback} from "../../../contracts/types/Words.sol";
import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "../inference/HubFixture.sol";

/// @notice The base of consumers: asks, hears only the hub, hears once, hears again when it failed, gets money back.
contract InferenceConsumerTest is HubFixture {
    PlainConsumer private consumer;

    function setUp() public override {
        super.setUp();
        vm.deal(address(this), 10 ether);
        consumer = PlainConsumer(payable(deploy("PlainConsumer.sol:PlainConsumer", abi.encode(hub), 10 ether)));
    }

    function test_ask_bringsTheAnswer() public {
        (RequestId id, Request memory req) = ask(0);
        vm.assertEq(address(consumer).balance, 10 ether - AMOUNT, "paid");
        settle(id, req);
        vm.assertTrue(consumer.lastId() == id, "id");
        vm.assertTrue(consumer.lastVersion() == free, "version");
        vm.assertEq(string(consumer.lastOutput()), string(OUTPUT), "output");
    }

    function testFuzz_onInference_reverts_whenNotTheHub(address caller) public {
        vm.assume(caller != address(hub));
        (RequestId id, ) = ask(0);
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.NotHub.selector, caller));
        vm.prank(caller);
        consumer.onInference(id, free, OUTPUT);
    }

    /// @dev INV-19: anybody may name this contract as his callback; it hears only what it asked.
    function test_onInference_reverts_whenSomebodyElseAsked() public {
        (RequestId id, Request memory req) = open(anOrder(toCallback(address(consumer), 200_000, 0)));
        settle(id, req);
        assertStatus(id, RequestStatus.CallbackFailed, "not taken");
        vm.assertEq(consumer.lastOutput().length, 0, "not heard");
        vm.prank(address(hub));
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.RequestNotMine.selector, id));
        consumer.onInference(id, free, OUTPUT);
    }

    function test_onInference_reverts_theSecondTime() public {
        (RequestId id, Request memory req) = ask(0);
        settle(id, req);
        vm.prank(address(hub));
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.RequestNotMine.selector, id));
        consumer.onInference(id, free, OUTPUT);
    }

    /// @dev The promise of `_onAnswer`: it may revert, and have the answer again.
    function test_redeliver_bringsAnAnswerThatWasRefused() public {
        consumer.setRefusing(true);
        (RequestId id, Request memory req) = ask(0);
        settle(id, req);
        assertStatus(id, RequestStatus.CallbackFailed, "refused");
        consumer.setRefusing(false);
        vm.prank(STRANGER);
        consumer.redeliver(req, OUTPUT);
        vm.assertTrue(consumer.lastId() == id, "heard");
        assertStatus(id, RequestStatus.None, "delivered");
    }

    /// @dev A try that fails costs none of the sixteen, so nobody can use them up.
    function test_redeliver_reverts_whenRefusedAgain() public {
        consumer.setRefusing(true);
        (RequestId id, Request memory req) = ask(0);
        settle(id, req);
        string memory words = hub.whyStuck(id);
        for (uint256 i = 0; i < 20; ++i) {
            vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.AnswerRefusedAgain.selector, id));
            vm.prank(STRANGER);
            consumer.redeliver(req, OUTPUT);
        }
        vm.assertEq(hub.whyStuck(id), words, "as many tries as before");
        consumer.setRefusing(false);
        consumer.redeliver(req, OUTPUT);
        vm.assertTrue(consumer.lastId() == id, "heard");
    }

    function test_redeliver_reverts_whenTheOutputIsAnother() public {
        consumer.setRefusing(true);
        (RequestId id, Request memory req) = ask(0);
        settle(id, req);
        consumer.setRefusing(false);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.OutputMismatch.selector, id));
        consumer.redeliver(req, "another");
    }

    function test_withdrawCredit_bringsBackWhatWasReclaimed() public {
        (, Request memory req) = ask(0);
        vm.warp(START + 2 hours);
        hub.reclaim(req);
        vm.assertEq(consumer.collect(NATIVE, STRANGER), AMOUNT, "what was reclaimed");
        vm.assertEq(STRANGER.balance, AMOUNT, "paid out");
        vm.assertEq(consumer.collect(NATIVE, STRANGER), 0, "nothing more");
    }

    function test_ask_tellsEqualQuestionsApart() public {
        (RequestId first, ) = ask(0);
        vm.warp(START);
        (RequestId second, ) = ask(1);
        vm.assertTrue(first != second, "salt");
    }

    function ask(uint16 salt) private returns (RequestId id, Request memory req) {
        Order memory order = anOrder(toCallback(address(consumer), 300_000, 0));
        order.salt = salt;
        req = requestOf(address(consumer), order, INPUT);
        id = consumer.ask(
            InferenceConsumer.Ask({
                version: order.version,
                proofs: order.proofs,
                enclavePolicy: order.enclavePolicy,
                paramsHash: order.paramsHash,
                deadline: order.deadline,
                callbackGas: 300_000,
                amount: AMOUNT
            }),
            INPUT,
            salt
        );
        vm.assertTrue(id == hub.requestIdOf(req), "id");
        vm.warp(block.timestamp + 1);
    }
}
