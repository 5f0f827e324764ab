// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fulfilment, IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {Mood, MoodyConsumer} from "../../../contracts/mocks/inference/MoodyConsumer.sol";
import {Answer, MoodyAdapter} from "../../../contracts/mocks/proofs/MoodyAdapter.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {toCallback} from "../../../contracts/types/Words.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice `fulfilBatch`: good items settle beside bad ones, and a bad one leaves nothing behind.
contract InferenceHubBatchTest is HubFixture {
    bytes16 private constant MOODY = bytes16(bytes4(0x01000009));
    MoodyAdapter private moody;

    function setUp() public override {
        super.setUp();
        moody = new MoodyAdapter(ProofSelector.wrap(bytes4(MOODY)));
        vm.prank(OWNER);
        hub.addAdapter(moody);
    }

    function test_fulfilBatch_settlesTheGoodOnes() public {
        MoodyConsumer consumer = new MoodyConsumer();
        consumer.setMood(Mood.Revert);
        Fulfilment[] memory items = new Fulfilment[](5);
        items[0] = itemOf(anOrder(), 0);
        items[1] = itemOf(anOrder(TEE), 1);
        items[1].output = "forged output";
        items[2] = itemOf(anOrder(toCallback(address(consumer), 100_000, 0)), 2);
        items[3] = items[0];
        items[4] = itemOf(anOrder(ZKML), 4);

        RequestId second = hub.requestIdOf(items[1].request);
        vm.prank(STRANGER);
        bool[] memory settled = hub.fulfilBatch(items);

        bool[5] memory expected = [true, false, true, false, true];
        for (uint256 i = 0; i < 5; ++i) vm.assertTrue(settled[i] == expected[i], "settled");
        assertStatus(second, RequestStatus.Pending, "refused, still open");
        assertStatus(hub.requestIdOf(items[2].request), RequestStatus.CallbackFailed, "its callback alone failed");
        vm.assertEq(creditOf(NATIVE, PAYEE) + creditOf(NATIVE, FEES), 3 * uint256(AMOUNT), "paid for three");
    }

    function test_fulfilBatch_takesNothingForNothing() public {
        vm.assertEq(hub.fulfilBatch(new Fulfilment[](0)).length, 0, "none");
    }

    function test_fulfilBatch_saysWhyOneWasRefused() public {
        Fulfilment[] memory items = new Fulfilment[](1);
        items[0] = itemOf(anOrder(), 0);
        items[0].beneficiary = address(0);
        RequestId id = hub.requestIdOf(items[0].request);
        vm.expectEmit();
        emit IInferenceHub.FulfilmentRefused(0, id, abi.encodeWithSelector(IInferenceHub.BeneficiaryZero.selector));
        hub.fulfilBatch(items);
    }

    /// @dev As `FulfilmentRefused` promises: an adapter's error is cut at 256 bytes.
    function test_fulfilBatch_cutsLongReasons() public {
        Fulfilment[] memory items = new Fulfilment[](1);
        items[0] = itemOf(anOrder(MOODY), 0);
        moody.setAnswer(Answer.RevertBomb);
        RequestId id = hub.requestIdOf(items[0].request);
        bytes memory reason = new bytes(256);
        bytes4 magic = IProofAdapter.verify.selector;
        for (uint256 i = 0; i < 4; ++i) reason[i] = magic[i];
        vm.expectEmit();
        emit IInferenceHub.FulfilmentRefused(0, id, reason);
        hub.fulfilBatch(items);
    }

    /// @dev An adapter that burns all it gets spoils its own item only, when the sender brought gas for the rest.
    function test_fulfilBatch_survivesAGreedyAdapter() public {
        Fulfilment[] memory items = new Fulfilment[](2);
        items[0] = itemOf(anOrder(MOODY), 0);
        items[1] = itemOf(anOrder(), 1);
        moody.setAnswer(Answer.BurnGas);
        bool[] memory settled = hub.fulfilBatch{gas: 14_000_000}(items);
        vm.assertFalse(settled[0], "greedy");
        vm.assertTrue(settled[1], "the other");
    }

    function testFuzz_fulfilItem_reverts_whenAnyoneElseCalls(address caller) public {
        vm.assume(caller != address(hub));
        bytes memory data = abi.encodeCall(Hub.fulfilItem, (itemOf(anOrder(), 0)));
        refuses(caller, 0, data, abi.encodeWithSelector(IInferenceHub.OnlySelf.selector), "caller");
    }

    /// @dev INV-20: a batch and single calls come to the same.
    function test_fulfilBatch_comesToWhatSingleCallsDo() public {
        Fulfilment[] memory items = new Fulfilment[](3);
        for (uint16 i = 0; i < 3; ++i) items[i] = itemOf(anOrder(), i);
        hub.fulfilBatch(items);
        uint256 batched = creditOf(NATIVE, PAYEE);
        for (uint16 i = 0; i < 3; ++i) {
            (RequestId id, Request memory req) = open(anOrder());
            settle(id, req);
        }
        vm.assertEq(creditOf(NATIVE, PAYEE), 2 * batched, "the same again");
    }

    function itemOf(Order memory order, uint16 salt) private returns (Fulfilment memory) {
        order.salt = salt;
        (RequestId id, Request memory req) = open(order);
        bytes[] memory evidence = new bytes[](1);
        if (order.proofs.at(0) == ProofSelector.wrap(bytes4(MOODY))) evidence[0] = abi.encodePacked(bytes4(MOODY));
        else evidence = evidenceFor(id, req, OUTPUT, PAYEE);
        return Fulfilment({request: req, output: OUTPUT, beneficiary: PAYEE, evidence: evidence});
    }
}
