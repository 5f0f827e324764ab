// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {INodeRegistry, NodeStatus} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IProofRouter} from "../../../contracts/interfaces/IProofRouter.sol";
import {VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {Callback, toPayment} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice `fulfil` and `reclaim`: who is paid what, when, and what is refused.
contract InferenceHubFulfilTest is HubFixture {
    function test_fulfil_takesEachKindAndEverySetOfThem() public {
        bytes16[7] memory policies = [
            SIGNATURE,
            TEE,
            ZKML,
            bytes16(hex"0100000104000001"),
            bytes16(hex"0100000105000001"),
            bytes16(hex"0400000105000001"),
            bytes16(hex"010000010400000105000001")
        ];
        for (uint256 i = 0; i < policies.length; ++i) {
            (RequestId id, Request memory req) = open(anOrder(policies[i]));
            bytes memory data = answer(id, req);
            vm.expectEmit();
            emit IInferenceHub.Fulfilled(id, PAYEE, OUTPUT);
            passes(STRANGER, 0, data, "an honest answer");
            assertStatus(id, RequestStatus.None, "settled");
            refuses(data, notPending(id, RequestStatus.None), "again");
        }
        vm.assertEq(creditOf(NATIVE, PAYEE) + creditOf(NATIVE, FEES), 7 * uint256(AMOUNT), "paid seven times");
    }

    /// @dev INV-2, INV-9: royalty, fee and rest are the payment; dust is the beneficiary's.
    function testFuzz_fulfil_splitsThePayment(uint96 amount, bool isPriced) public {
        amount = uint96(bounded(amount, isPriced ? PRICE : 0, type(uint96).max));
        Order memory order = anOrder();
        if (isPriced) order.version = priced;
        order.payment = toPayment(NATIVE, amount);
        (RequestId id, Request memory req) = open(order);
        vm.assertEq(creditOf(NATIVE, PAYEE), 0, "nothing before");
        settle(id, req);
        uint256 royalty = isPriced ? PRICE : 0;
        uint256 fee = ((uint256(amount) - royalty) * FEE_BPS) / 10_000;
        vm.assertEq(creditOf(NATIVE, ROYALTIES), royalty, "royalty");
        vm.assertEq(creditOf(NATIVE, FEES), fee, "fee");
        vm.assertEq(creditOf(NATIVE, PAYEE), uint256(amount) - royalty - fee, "rest");
        vm.assertEq(address(hub).balance, amount, "nothing left the hub");
    }

    function test_fulfil_storesTheResultWhenAsked() public {
        (RequestId id, Request memory req) = open(anOrder(Callback.wrap(1)));
        settle(id, req);
        assertStatus(id, RequestStatus.Fulfilled, "kept");
        vm.assertEq(bytes32(hub.resultOf(id)), bytes32(bytes24(keccak256(OUTPUT))), "digest");
        refuses(answer(id, req), notPending(id, RequestStatus.Fulfilled), "again");
    }

    function test_fulfil_isOpenFromTheNextSecondToTheDeadline() public {
        Order memory order = anOrder();
        order.deadline = uint40(START + 10);
        (RequestId id, Request memory req) = openNow(order);
        bytes memory data = answer(id, req);
        refuses(data, abi.encodeWithSelector(IInferenceHub.TooEarly.selector, id), "in the same second");
        vm.warp(START + 11);
        bytes memory expired = abi.encodeWithSelector(IInferenceHub.RequestExpired.selector, id, START + 10);
        refuses(data, expired, "one second late");
        assertStatus(id, RequestStatus.Expired, "expired");
        vm.warp(START + 10);
        assertStatus(id, RequestStatus.Pending, "open at the deadline");
        passes(STRANGER, 0, data, "at the deadline");
    }

    /// @dev INV-5: from the second after the deadline anyone can, and nobody before.
    function test_reclaim_isOpenFromTheSecondAfterTheDeadline() public {
        Order memory order = anOrder();
        order.deadline = uint40(START + 10);
        (RequestId id, Request memory req) = openNow(order);
        bytes memory data = abi.encodeCall(IInferenceHub.reclaim, (req));
        vm.warp(START + 10);
        refuses(data, abi.encodeWithSelector(IInferenceHub.RequestNotExpired.selector, id, START + 10), "early");
        vm.warp(START + 11);
        vm.expectEmit();
        emit IInferenceHub.Reclaimed(id, client);
        passes(STRANGER, 0, data, "reclaim");
        assertStatus(id, RequestStatus.Reclaimed, "reclaimed");
        vm.assertEq(creditOf(NATIVE, client), AMOUNT, "all of it");
        vm.assertEq(bytes32(hub.resultOf(id)), bytes32(0), "no result");
        refuses(data, notPending(id, RequestStatus.Reclaimed), "again");
        vm.warp(START + 10);
        refuses(answer(id, req), notPending(id, RequestStatus.Reclaimed), "an answer after all");
    }

    function test_reclaim_reverts_whenAnswered() public {
        (RequestId id, Request memory req) = open(anOrder());
        settle(id, req);
        vm.warp(START + 2 hours);
        refuses(abi.encodeCall(IInferenceHub.reclaim, (req)), notPending(id, RequestStatus.None), "answered");
    }

    /// @dev INV-5: neither a retired adapter nor a revoked version keeps the money.
    function test_reclaim_worksWhenNothingElseDoes() public {
        (RequestId id, Request memory req) = open(anOrder(ZKML));
        models.setVersionStatus(free, VersionStatus.Revoked);
        vm.prank(OWNER);
        hub.retireAdapter(ProofSelector.wrap(bytes4(ZKML)));
        bytes memory data = answer(id, req);
        refuses(data, abi.encodeWithSelector(IProofRouter.SelectorRetired.selector, bytes4(ZKML)), "retired");
        vm.warp(START + 2 hours);
        passes(STRANGER, 0, abi.encodeCall(IInferenceHub.reclaim, (req)), "reclaim");
        vm.assertEq(creditOf(NATIVE, client), AMOUNT, "all of it");
    }

    /// @dev INV-8: the version may be deprecated or revoked, the request was made before and is paid as agreed.
    function test_fulfil_keepsTheTermsOfTheRequest() public {
        Order memory order = anOrder();
        order.version = priced;
        (RequestId id, Request memory req) = open(order);
        models.setVersionStatus(priced, VersionStatus.Revoked);
        settle(id, req);
        vm.assertEq(creditOf(NATIVE, ROYALTIES), PRICE, "royalty");
        vm.assertTrue(id == hub.requestIdOf(req), "id");
    }

    function test_fulfil_takesTheLongestOutputAndNoMore() public {
        (RequestId id, Request memory req) = open(anOrder());
        refuses(
            answer(id, req, new bytes(65_537), PAYEE),
            abi.encodeWithSelector(IInferenceHub.PayloadTooLong.selector, 65_537, 65_536),
            "one byte more"
        );
        passes(STRANGER, 0, answer(id, req, new bytes(65_536), PAYEE), "64 KiB");
    }

    function test_fulfil_reverts_whenTheBeneficiaryIsZero() public {
        (RequestId id, Request memory req) = open(anOrder(TEE));
        bytes memory reason = abi.encodeWithSelector(IInferenceHub.BeneficiaryZero.selector);
        refuses(answer(id, req, OUTPUT, address(0)), reason, "zero");
    }

    /// @dev INV-15: whoever sends it, the account that the evidence names is paid; another name is refused.
    function testFuzz_fulfil_paysWhomTheEvidenceNames(address sender, address thief) public {
        vm.assume(thief != PAYEE && thief != address(0));
        bytes16[3] memory kinds = [SIGNATURE, TEE, ZKML];
        for (uint256 i = 0; i < 3; ++i) {
            (RequestId id, Request memory req) = open(anOrder(kinds[i]));
            bytes[] memory copied = evidenceFor(id, req, OUTPUT, PAYEE);
            bytes memory theft = abi.encodeCall(IInferenceHub.fulfil, (req, OUTPUT, thief, copied));
            vm.prank(thief);
            (bool ok, ) = address(hub).call(theft);
            vm.assertFalse(ok, "a copy pays nobody else");
            uint256 before = creditOf(NATIVE, PAYEE);
            passes(sender, 0, answer(id, req), "sent by anyone");
            vm.assertGe(creditOf(NATIVE, PAYEE), before + (uint256(AMOUNT) * 97) / 100, "the node is paid");
        }
    }

    function test_fulfil_reverts_whenTheCountOfEvidenceIsWrong() public {
        (RequestId id, Request memory req) = open(anOrder(bytes16(hex"0100000104000001")));
        bytes[] memory good = evidenceFor(id, req, OUTPUT, PAYEE);
        bytes[] memory few = new bytes[](1);
        few[0] = good[0];
        bytes[] memory many = new bytes[](3);
        (many[0], many[1], many[2]) = (good[0], good[1], good[1]);
        refusesEvidence(req, new bytes[](0), countMismatch(0, 2));
        refusesEvidence(req, few, countMismatch(1, 2));
        refusesEvidence(req, many, countMismatch(3, 2));
        (good[0], good[1]) = (good[1], good[0]);
        refusesEvidence(req, good, selectorMismatch(bytes4(TEE), bytes4(SIGNATURE)));
    }

    function test_fulfil_reverts_whenEvidenceBeginsWithAnotherSelector() public {
        (RequestId id, Request memory req) = open(anOrder());
        bytes[] memory evidence = evidenceFor(id, req, OUTPUT, PAYEE);
        evidence[0][3] = 0x02;
        refusesEvidence(req, evidence, selectorMismatch(0x01000002, bytes4(SIGNATURE)));
        evidence[0] = hex"010000";
        refusesEvidence(req, evidence, selectorMismatch(0x01000000, bytes4(SIGNATURE)));
        evidence[0] = "";
        refusesEvidence(req, evidence, selectorMismatch(0, bytes4(SIGNATURE)));
    }

    /// @dev The adapter's own error comes through.
    function test_fulfil_reverts_whenTheNodeIsLeaving() public {
        (RequestId id, Request memory req) = open(anOrder());
        vm.prank(OPERATOR);
        nodes.beginExit(node);
        bytes memory reason = abi.encodeWithSelector(
            INodeRegistry.NodeNotActive.selector,
            vm.addr(NODE_KEY),
            NodeStatus.Exiting
        );
        refuses(answer(id, req), reason, "leaving");
    }

    /// @dev INV-11: with any one field of the request changed there is no such request.
    function testFuzz_fulfil_reverts_whenAnyFieldOfTheRequestChanges(uint256 field, uint256 mask) public {
        vm.assume(mask != 0);
        (RequestId id, Request memory req) = open(anOrder(TEE));
        bytes memory data = answer(id, req);
        field = bounded(field, 0, 7);
        assembly ("memory-safe") {
            let word := add(add(data, 0x24), mul(field, 0x20))
            mstore(word, xor(mload(word), mask))
        }
        vm.prank(STRANGER);
        (bool ok, bytes memory reason) = address(hub).call(data);
        vm.assertFalse(ok, "accepted");
        // Whatever bits they are: unused ones of `proofs` and of `callback` are no way to a second spelling.
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IInferenceHub.RequestNotPending.selector), "no such request");
    }

    /// @dev INV-11: evidence made for a statement with one field changed does not settle the request.
    function test_fulfil_reverts_whenAnyFieldOfTheStatementChanges() public {
        bytes16[3] memory kinds = [SIGNATURE, TEE, ZKML];
        for (uint256 i = 0; i < 3; ++i) {
            (RequestId id, Request memory req) = open(anOrder(kinds[i]));
            for (uint256 field = 0; field < 10; ++field) {
                bytes[] memory evidence = new bytes[](1);
                evidence[0] = forge(id, req, field);
                vm.prank(STRANGER);
                (bool ok, ) = address(hub).call(abi.encodeCall(IInferenceHub.fulfil, (req, OUTPUT, PAYEE, evidence)));
                vm.assertFalse(ok, "a field that is not bound");
            }
            // The same way without a change is accepted, so the loop above can fail.
            bytes[] memory honest = new bytes[](1);
            honest[0] = forge(id, req, type(uint256).max);
            passes(STRANGER, 0, abi.encodeCall(IInferenceHub.fulfil, (req, OUTPUT, PAYEE, honest)), "unchanged");
        }
    }

    function testFuzz_fulfil_reverts_whenTheOutputChanges(bytes memory output) public {
        vm.assume(keccak256(output) != keccak256(OUTPUT));
        bytes16[3] memory kinds = [SIGNATURE, TEE, ZKML];
        for (uint256 i = 0; i < 3; ++i) {
            (RequestId id, Request memory req) = open(anOrder(kinds[i]));
            bytes[] memory evidence = evidenceFor(id, req, OUTPUT, PAYEE);
            vm.prank(STRANGER);
            (bool ok, ) = address(hub).call(abi.encodeCall(IInferenceHub.fulfil, (req, output, PAYEE, evidence)));
            vm.assertFalse(ok, "another output");
        }
    }

    function test_fulfil_reverts_onAnotherChain() public {
        (RequestId id, Request memory req) = open(anOrder());
        bytes memory data = answer(id, req);
        vm.chainId(1);
        RequestId elsewhere = hub.requestIdOf(req);
        vm.assertTrue(elsewhere != id, "INV-11: the chain is read anew");
        refuses(data, notPending(elsewhere, RequestStatus.None), "another chain");
    }

    /// @dev Evidence for the statement with word number `field` changed.
    function forge(RequestId id, Request memory req, uint256 field) private view returns (bytes memory) {
        bytes memory words = abi.encode(claimOf(id, req, OUTPUT, PAYEE));
        if (field < 10) words[field * 32 + 31] ^= 0x01;
        return this.proveWords(req.proofs.at(0), words);
    }

    function proveWords(ProofSelector selector, bytes calldata words) external pure returns (bytes memory) {
        return prove(selector, abi.decode(words, (Statement)), INPUT, OUTPUT);
    }

    function refusesEvidence(Request memory req, bytes[] memory evidence, bytes memory reason) private {
        refuses(abi.encodeCall(IInferenceHub.fulfil, (req, OUTPUT, PAYEE, evidence)), reason, "evidence");
    }

    function countMismatch(uint256 received, uint256 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProofRouter.EvidenceCountMismatch.selector, received, expected);
    }

    function selectorMismatch(bytes4 received, bytes4 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProofRouter.EvidenceSelectorMismatch.selector, received, expected);
    }
}
