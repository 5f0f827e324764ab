// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofPolicy} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Callback, Payment, toCallback, toPayment} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice `request`: what it takes, records and publishes, and each thing it refuses. Tokens have a file of their own.
contract InferenceHubRequestTest is HubFixture {
    struct Fuzzed {
        bytes32 paramsHash;
        uint96 amount;
        uint16 salt;
        uint256 life;
        address target;
        uint256 gasLimit;
    }

    function testFuzz_request_publishesEverything(bytes memory input, Fuzzed memory fuzzed) public {
        Order memory order = anOrder();
        uint96 amount = fuzzed.amount;
        order.paramsHash = fuzzed.paramsHash;
        order.payment = toPayment(NATIVE, amount);
        order.deadline = uint40(block.timestamp + bounded(fuzzed.life, 1, 7 days));
        order.salt = fuzzed.salt;
        if (fuzzed.target != address(0)) {
            order.callback = toCallback(fuzzed.target, uint32(bounded(fuzzed.gasLimit, 1, 5_000_000)), 1);
        }
        Request memory req = requestOf(client, order, input);
        RequestId expected = hub.requestIdOf(req);

        vm.deal(client, amount);
        vm.expectEmit();
        emit IInferenceHub.Requested(
            expected,
            client,
            req.version,
            req.paramsHash,
            req.proofs,
            req.enclavePolicy,
            req.payment,
            req.callback,
            req.ticket,
            input
        );
        vm.prank(client);
        RequestId id = hub.request{value: amount}(order, input);

        vm.assertTrue(id == expected, "id");
        vm.assertEq(address(hub).balance, amount, "escrow");
        assertStatus(id, RequestStatus.Pending, "pending");
        vm.assertEq(bytes32(hub.resultOf(id)), bytes32(0), "no result");
    }

    /// @dev INV-12: an id commits to every term, the chain and the hub; the salt tells equal requests apart.
    function test_request_reverts_whenMadeTwiceInOneSecond() public {
        Order memory order = anOrder();
        (RequestId id, ) = openNow(order);
        refusesOrder(order, abi.encodeWithSelector(IInferenceHub.RequestExists.selector, id), "the same again");
        order.salt = 1;
        openNow(order);
        vm.warp(block.timestamp + 1);
        order.salt = 0;
        openNow(order);
    }

    /// @dev INV-12: two clients never share an id, whatever they ask.
    function testFuzz_request_idsDifferByClient(address other) public {
        vm.assume(other != client);
        Order memory order = anOrder();
        RequestId mine = hub.requestIdOf(requestOf(client, order, INPUT));
        RequestId his = hub.requestIdOf(requestOf(other, order, INPUT));
        vm.assertTrue(mine != his, "the client is in the id");
        vm.chainId(1);
        vm.assertTrue(mine != hub.requestIdOf(requestOf(client, order, INPUT)), "the chain is in the id");
    }

    function test_request_takesTheLongestInputAndNoMore() public {
        Order memory order = anOrder();
        vm.deal(client, 2 * AMOUNT);
        passes(client, AMOUNT, abi.encodeCall(IInferenceHub.request, (order, new bytes(65_536))), "64 KiB");
        refuses(
            client,
            AMOUNT,
            abi.encodeCall(IInferenceHub.request, (order, new bytes(65_537))),
            abi.encodeWithSelector(IInferenceHub.PayloadTooLong.selector, 65_537, 65_536),
            "one byte more"
        );
    }

    function test_request_takesDeadlinesFromTheNextSecondToSevenDays() public {
        Order memory order = anOrder();
        order.deadline = uint40(START + 1);
        openNow(order);
        order.deadline = uint40(START + 7 days);
        openNow(order);
    }

    function testFuzz_request_reverts_whenTheDeadlineIsOut(uint40 deadline) public {
        vm.assume(deadline <= START || deadline > START + 7 days);
        Order memory order = anOrder();
        order.deadline = deadline;
        refusesOrder(order, deadlineInvalid(deadline), "fuzzed");
    }

    function test_request_reverts_whenTheDeadlineIsOneSecondOut() public {
        Order memory order = anOrder();
        uint40[4] memory bad = [uint40(START), uint40(START + 7 days + 1), 0, type(uint40).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            order.deadline = bad[i];
            refusesOrder(order, deadlineInvalid(bad[i]), "edge");
        }
    }

    function test_request_reverts_whenThePolicyIsMalformed() public {
        bytes16[6] memory bad = [
            bytes16(0),
            bytes16(hex"0100000101000001"),
            bytes16(hex"0400000101000001"),
            bytes16(hex"0000000104000001"),
            bytes16(hex"010000010000000004000001"),
            bytes16(hex"10000001")
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            Order memory order = anOrder();
            order.proofs = ProofPolicy.wrap(bad[i]);
            refusesOrder(order, abi.encodeWithSelector(IInferenceHub.ProofPolicyInvalid.selector, bad[i]), "policy");
        }
    }

    /// @dev The assembly copies whole words; what Solidity would refuse must not slip in by that way.
    function testFuzz_request_reverts_whenTheProofsWordIsDirty(uint128 dirt) public {
        vm.assume(dirt != 0);
        bytes memory data = abi.encodeCall(IInferenceHub.request, (anOrder(), INPUT));
        // The fourth word of the order, after the selector.
        uint256 word = uint256(bytes32(SIGNATURE)) | dirt;
        assembly ("memory-safe") {
            mstore(add(data, add(0x24, 0x60)), word)
        }
        vm.deal(client, AMOUNT);
        refuses(client, AMOUNT, data, "", "dirty proofs");
    }

    function test_request_reverts_whenTheCallbackIsMalformed() public {
        uint256 whole = Callback.unwrap(toCallback(STRANGER, 100_000, 0));
        uint256[8] memory bad = [
            Callback.unwrap(toCallback(STRANGER, 0, 0)),
            Callback.unwrap(toCallback(STRANGER, 5_000_001, 0)),
            Callback.unwrap(toCallback(address(0), 100_000, 0)),
            whole | 2,
            whole | 4,
            whole | (1 << 8),
            whole | (1 << 63),
            2
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            Callback callback = Callback.wrap(bad[i]);
            bytes memory reason = abi.encodeWithSelector(IInferenceHub.CallbackInvalid.selector, callback);
            refusesOrder(anOrder(callback), reason, "callback");
        }
        openNow(anOrder(Callback.wrap(1)));
        openNow(anOrder(toCallback(STRANGER, 5_000_000, 1)));
        openNow(anOrder(toCallback(STRANGER, 1, 0)));
    }

    function testFuzz_request_reverts_whenTheVersionIsUnknown(VersionId version) public {
        vm.assume(version != free && version != priced);
        Order memory order = anOrder();
        order.version = version;
        refusesOrder(order, notActive(version, VersionStatus.None), "unknown");
    }

    function test_request_followsTheStatusOfTheVersion() public {
        Order memory order = anOrder();
        models.setVersionStatus(free, VersionStatus.Deprecated);
        openNow(order);
        models.setVersionStatus(free, VersionStatus.Revoked);
        refusesOrder(order, notActive(free, VersionStatus.Revoked), "revoked");
    }

    function test_request_reverts_whenAKindIsNotAccepted() public {
        Order memory order = anOrder(bytes16(hex"0100000102000001"));
        bytes memory reason = abi.encodeWithSelector(IInferenceHub.KindsNotAccepted.selector, 6, ALL_KINDS);
        refusesOrder(order, reason, "quorum");
    }

    function test_request_reverts_whenTheEnclavePolicyDoesNotFit() public {
        Order memory order = anOrder();
        order.enclavePolicy = policy;
        refusesOrder(order, policyInvalid(order), "a policy without TEE");
        order = anOrder(TEE);
        order.enclavePolicy = PolicyId.wrap(0);
        refusesOrder(order, policyInvalid(order), "TEE without a policy");
    }

    function test_request_reverts_whenThePriceIsNotMet() public {
        Payment price = toPayment(NATIVE, PRICE);
        Order memory order = anOrder();
        order.version = priced;
        order.payment = toPayment(NATIVE, PRICE - 1);
        refusesOrder(order, abi.encodeWithSelector(IInferenceHub.PriceNotMet.selector, order.payment, price), "less");
        order.payment = toPayment(STRANGER, PRICE);
        refusesOrder(order, abi.encodeWithSelector(IInferenceHub.PriceNotMet.selector, order.payment, price), "token");
        order.payment = price;
        openNow(order);
    }

    function testFuzz_request_reverts_whenTheCoinIsNotExact(uint96 amount, uint96 sent) public {
        vm.assume(amount != sent);
        Order memory order = anOrder();
        order.payment = toPayment(NATIVE, amount);
        vm.deal(client, sent);
        refuses(
            client,
            sent,
            abi.encodeCall(IInferenceHub.request, (order, INPUT)),
            abi.encodeWithSelector(ICreditLedger.NativeAmountMismatch.selector, sent, amount),
            "value"
        );
    }

    function test_request_costsNothingWhenItOffersNothing() public {
        Order memory order = anOrder();
        order.payment = Payment.wrap(0);
        (RequestId id, Request memory req) = open(order);
        settle(id, req);
        vm.assertEq(creditOf(NATIVE, PAYEE), 0, "nothing came of nothing");
    }

    function refusesOrder(Order memory order, bytes memory reason, string memory what) private {
        uint256 value = order.payment.token() == NATIVE ? order.payment.amount() : 0;
        vm.deal(client, value);
        refuses(client, value, abi.encodeCall(IInferenceHub.request, (order, INPUT)), reason, what);
    }

    function deadlineInvalid(uint40 deadline) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.DeadlineInvalid.selector, deadline, START + 1, START + 7 days);
    }

    function notActive(VersionId version, VersionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.VersionNotActive.selector, version, status);
    }

    function policyInvalid(Order memory order) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.EnclavePolicyInvalid.selector, order.enclavePolicy, order.proofs);
    }
}
