// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {MoodyWallet, Verdict} from "../../../contracts/mocks/wallets/MoodyWallet.sol";
import {RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Callback, toCallback, toPayment, toTicket} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice `settleSigned`: signatures of accounts and wallets, nonces, credit, and what binds a signed request.
contract InferenceHubSignedTest is HubFixture {
    function setUp() public override {
        super.setUp();
        fundCredit(client, 100 * AMOUNT);
    }

    function test_settleSigned_paysFromTheCredit() public {
        (RequestId id, Request memory req) = signable(anOrder(), 0);
        bytes memory data = signedAnswer(id, req);
        vm.expectEmit();
        emit IInferenceHub.SignedRequestSettled(id, client, free);
        vm.expectEmit();
        emit IInferenceHub.Fulfilled(id, PAYEE, OUTPUT);
        passes(STRANGER, 0, data, "settled");
        uint256 fee = (uint256(AMOUNT) * FEE_BPS) / 10_000;
        vm.assertEq(creditOf(NATIVE, client), 99 * uint256(AMOUNT), "client");
        vm.assertEq(creditOf(NATIVE, PAYEE), AMOUNT - fee, "node");
        vm.assertEq(creditOf(NATIVE, FEES), fee, "fee");
        vm.assertTrue(id == hub.signedRequestIdOf(req), "id");
        refuses(data, abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, client, 0), "INV-13: again");
    }

    function test_settleSigned_takesEachKindAndPrice() public {
        bytes16[3] memory policies = [TEE, ZKML, bytes16(hex"010000010400000105000001")];
        for (uint56 i = 0; i < 3; ++i) {
            Order memory order = anOrder(policies[i]);
            order.version = priced;
            order.callback = Callback.wrap(1);
            (RequestId id, Request memory req) = signable(order, i);
            passes(STRANGER, 0, signedAnswer(id, req), "settled");
            vm.assertEq(creditOf(NATIVE, ROYALTIES), (i + 1) * uint256(PRICE), "royalty");
            assertStatus(id, RequestStatus.Fulfilled, "kept");
            vm.assertEq(bytes32(hub.resultOf(id)), bytes32(bytes24(keccak256(OUTPUT))), "result");
        }
    }

    /// @dev INV-13: any order inside the window, each once.
    function testFuzz_settleSigned_takesNoncesInAnyOrder(uint256 seed) public {
        uint256 used = 0;
        for (uint256 i = 0; i < 6; ++i) {
            uint56 nonce = uint56(uint256(keccak256(abi.encode(seed, i))) % 9);
            (RequestId id, Request memory req) = signable(anOrder(), nonce);
            bytes memory data = signedAnswer(id, req);
            if ((used >> nonce) & 1 == 0) passes(STRANGER, 0, data, "a fresh nonce");
            else refuses(data, abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, client, nonce), "used");
            used |= 1 << nonce;
        }
    }

    function test_settleSigned_reverts_outOfTheWindow() public {
        (RequestId id, Request memory req) = signable(anOrder(), 104);
        bytes memory reason = abi.encodeWithSelector(ICreditLedger.NonceOutOfWindow.selector, 104, 0, 104);
        refuses(signedAnswer(id, req), reason, "one past the window");
        (id, req) = signable(anOrder(), 103);
        passes(STRANGER, 0, signedAnswer(id, req), "the last of the window");
    }

    function test_settleSigned_reverts_whenTheNonceWasCancelled() public {
        (RequestId id, Request memory req) = signable(anOrder(), 3);
        vm.prank(client);
        hub.cancelNonces(NATIVE, 4);
        refuses(signedAnswer(id, req), abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, client, 3), "below");
        (id, req) = signable(anOrder(), 4);
        passes(STRANGER, 0, signedAnswer(id, req), "at the base");
    }

    /// @dev INV-13: after everything was cancelled nothing can be replayed, not even through the last nonce.
    function test_settleSigned_reverts_afterAllNoncesWereCancelled() public {
        (RequestId id, Request memory req) = signable(anOrder(), 1);
        bytes memory old = signedAnswer(id, req);
        passes(STRANGER, 0, old, "settled once");
        vm.prank(client);
        hub.cancelNonces(NATIVE, type(uint56).max);
        (id, req) = signable(anOrder(), type(uint56).max);
        vm.prank(STRANGER);
        (bool ok, ) = address(hub).call(signedAnswer(id, req));
        vm.assertFalse(ok, "the last nonce would wrap the base");
        refuses(old, abi.encodeWithSelector(ICreditLedger.NonceUsed.selector, client, 1), "replay");
    }

    function test_settleSigned_reverts_whenTheCreditIsShort() public {
        Order memory order = anOrder();
        order.payment = toPayment(NATIVE, 100 * AMOUNT + 1);
        (RequestId id, Request memory req) = signable(order, 0);
        bytes memory reason = abi.encodeWithSelector(
            ICreditLedger.CreditTooSmall.selector,
            NATIVE,
            client,
            100 * uint256(AMOUNT),
            100 * uint256(AMOUNT) + 1
        );
        refuses(signedAnswer(id, req), reason, "short by one");
    }

    function test_settleSigned_isOpenToTheDeadline() public {
        (RequestId id, Request memory req) = signable(anOrder(), 0);
        bytes memory data = signedAnswer(id, req);
        vm.warp(START + 1 hours + 1);
        refuses(data, abi.encodeWithSelector(IInferenceHub.RequestExpired.selector, id, START + 1 hours), "late");
        vm.warp(START + 1 hours);
        passes(STRANGER, 0, data, "at the deadline");
    }

    /// @dev The terms are checked as for a request made on chain.
    function test_settleSigned_reverts_whenTheTermsAreBad() public {
        Order memory order = anOrder();
        order.callback = Callback.wrap(2);
        refusesSigned(order, abi.encodeWithSelector(IInferenceHub.CallbackInvalid.selector, order.callback));
        order = anOrder(bytes16(0));
        refusesSigned(order, abi.encodeWithSelector(IInferenceHub.ProofPolicyInvalid.selector, order.proofs));
        order = anOrder();
        order.version = VersionId.wrap("none");
        refusesSigned(order, abi.encodeWithSelector(IInferenceHub.VersionNotActive.selector, order.version, 0));
        order = anOrder();
        order.version = priced;
        order.payment = toPayment(NATIVE, PRICE - 1);
        refusesSigned(
            order,
            abi.encodeWithSelector(IInferenceHub.PriceNotMet.selector, order.payment, toPayment(NATIVE, PRICE))
        );
        order = anOrder(SIGNATURE);
        order.enclavePolicy = policy;
        refusesSigned(
            order,
            abi.encodeWithSelector(IInferenceHub.EnclavePolicyInvalid.selector, order.enclavePolicy, order.proofs)
        );
        models.setVersionStatus(free, VersionStatus.Revoked);
        refusesSigned(anOrder(), abi.encodeWithSelector(IInferenceHub.VersionNotActive.selector, free, 3));
    }

    function testFuzz_settleSigned_reverts_whenAnotherSigned(uint256 key) public {
        key = bounded(key, 1, type(uint128).max);
        vm.assume(key != CLIENT_KEY);
        (RequestId id, Request memory req) = signable(anOrder(), 0);
        bytes memory data = signedAnswer(id, req, sign(key, RequestId.unwrap(id)));
        refuses(data, signatureInvalid(client), "another key");
    }

    /// @dev INV-14: no second form of a signature, no short or long one, no zero signer.
    function test_settleSigned_reverts_whenTheSignatureIsMalformed() public {
        (RequestId id, Request memory req) = signable(anOrder(), 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CLIENT_KEY, RequestId.unwrap(id));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[6] memory bad = [
            abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? 28 : 27),
            abi.encodePacked(r, s),
            abi.encodePacked(r, s, v, v),
            abi.encodePacked(r, s, v - 27),
            new bytes(65),
            bytes("")
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            refuses(signedAnswer(id, req, bad[i]), signatureInvalid(client), "malformed");
        }
        req.ticket = toTicket(address(0), req.ticket.deadline(), 0);
        id = hub.signedRequestIdOf(req);
        refuses(signedAnswer(id, req, new bytes(65)), signatureInvalid(address(0)), "the zero account");
    }

    /// @dev INV-11: the client's signature is for this request only; with a field changed it is no signature.
    function testFuzz_settleSigned_reverts_whenAnyFieldChanges(uint256 field, uint256 mask) public {
        vm.assume(mask != 0);
        (RequestId id, Request memory req) = signable(anOrder(TEE), 7);
        bytes memory signature = sign(CLIENT_KEY, RequestId.unwrap(id));
        bytes memory data = signedAnswer(id, req, signature);
        field = bounded(field, 0, 7);
        assembly ("memory-safe") {
            let word := add(add(data, 0x24), mul(field, 0x20))
            mstore(word, xor(mload(word), mask))
        }
        vm.prank(STRANGER);
        (bool ok, ) = address(hub).call(data);
        vm.assertFalse(ok, "a field that is not bound");
        vm.assertEq(creditOf(NATIVE, client), 100 * uint256(AMOUNT), "nothing spent");
    }

    /// @dev INV-11: the node's evidence cannot be given another output, beneficiary, chain or hub.
    function test_settleSigned_reverts_whenTheAnswerIsAnother() public {
        (RequestId id, Request memory req) = signable(anOrder(TEE), 0);
        bytes memory signature = sign(CLIENT_KEY, RequestId.unwrap(id));
        bytes[] memory evidence = evidenceFor(id, req, OUTPUT, PAYEE);
        bytes[2] memory bad = [
            abi.encodeCall(IInferenceHub.settleSigned, (req, signature, "another", PAYEE, evidence)),
            abi.encodeCall(IInferenceHub.settleSigned, (req, signature, OUTPUT, STRANGER, evidence))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            (bool ok, ) = address(hub).call(bad[i]);
            vm.assertFalse(ok, "accepted");
        }
        bytes memory good = abi.encodeCall(IInferenceHub.settleSigned, (req, signature, OUTPUT, PAYEE, evidence));
        vm.chainId(1337);
        refuses(good, signatureInvalid(client), "another chain");
        vm.chainId(31337);
        passes(STRANGER, 0, good, "here");
    }

    /// @dev A request on chain and a signed one of the same words are two: neither's answer settles the other.
    function test_settleSigned_isNotTheRequestOnChain() public {
        (RequestId id, Request memory req) = open(anOrder());
        RequestId signedId = hub.signedRequestIdOf(req);
        vm.assertTrue(id != signedId, "two ids");
        refuses(signedAnswer(id, req, sign(CLIENT_KEY, RequestId.unwrap(id))), signatureInvalid(client), "as signed");
        (RequestId other, Request memory signedReq) = signable(anOrder(), 0);
        RequestId asOnChain = hub.requestIdOf(signedReq);
        refuses(answer(other, signedReq), notPending(asOnChain, RequestStatus.None), "as on chain");
        refuses(
            abi.encodeCall(IInferenceHub.reclaim, (signedReq)),
            notPending(asOnChain, RequestStatus.None),
            "INV-4: nothing was escrowed"
        );
    }

    /// @dev INV-14: a wallet says yes with the whole word and nothing else.
    function test_settleSigned_asksWallets() public {
        MoodyWallet wallet = new MoodyWallet();
        fundCredit(address(wallet), 10 * AMOUNT);
        Request memory req;
        (, req) = signable(anOrder(), 0);
        req.ticket = toTicket(address(wallet), req.ticket.deadline(), 0);
        RequestId id = hub.signedRequestIdOf(req);
        for (uint8 i = uint8(Verdict.Revert); i <= uint8(type(Verdict).max); ++i) {
            wallet.setVerdict(Verdict(i));
            refuses(signedAnswer(id, req, "x"), signatureInvalid(address(wallet)), "a bad verdict");
        }
        wallet.setVerdict(Verdict.Approved);
        refuses(signedAnswer(id, req, "x"), signatureInvalid(address(wallet)), "not approved");
        wallet.approve(RequestId.unwrap(id));
        passes(STRANGER, 0, signedAnswer(id, req, "x"), "approved");
        vm.assertEq(creditOf(NATIVE, address(wallet)), 9 * uint256(AMOUNT), "its credit");
    }

    /// @dev INV-14: a megabyte of answer does not fit the wallet's gas; nothing of it is copied.
    function test_settleSigned_boundsWhatAWalletCosts() public {
        MoodyWallet wallet = new MoodyWallet();
        Request memory req;
        (, req) = signable(anOrder(), 0);
        req.ticket = toTicket(address(wallet), req.ticket.deadline(), 0);
        bytes memory data = signedAnswer(hub.signedRequestIdOf(req), req, "x");
        Verdict[3] memory greedy = [Verdict.Bomb, Verdict.BurnGas, Verdict.RevertBomb];
        for (uint256 i = 0; i < 3; ++i) {
            wallet.setVerdict(greedy[i]);
            uint256 before = gasleft();
            (bool ok, ) = address(hub).call(data);
            vm.assertFalse(ok, "refused");
            vm.assertLt(before - gasleft(), 200_000, "the cap and our own");
        }
    }

    /// @dev A wallet's yes is for its own credit: nobody spends another's through it.
    function test_settleSigned_reverts_whenAWalletSpeaksForAnother() public {
        MoodyWallet wallet = new MoodyWallet();
        wallet.setVerdict(Verdict.Always);
        (RequestId id, Request memory req) = signable(anOrder(), 0);
        bytes memory data = signedAnswer(id, req, sign(NODE_KEY, RequestId.unwrap(id)));
        vm.prank(address(wallet));
        (bool ok, ) = address(hub).call(data);
        vm.assertFalse(ok, "accepted");
    }

    function test_settleSigned_calls() public {
        (RequestId id, Request memory req) = signable(anOrder(toCallback(STRANGER, 50_000, 0)), 0);
        bytes memory data = signedAnswer(id, req);
        vm.expectEmit();
        emit IInferenceHub.CallbackFailed(id, STRANGER);
        passes(STRANGER, 0, data, "settled");
        assertStatus(id, RequestStatus.CallbackFailed, "nobody there");
    }

    function refusesSigned(Order memory order, bytes memory reason) private {
        (RequestId id, Request memory req) = signable(order, 0);
        refuses(signedAnswer(id, req), reason, "terms");
    }

    function signatureInvalid(address requester) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.RequesterSignatureInvalid.selector, requester);
    }
}
