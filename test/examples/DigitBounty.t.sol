// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../contracts/interfaces/IInferenceHub.sol";
import {InferenceConsumer} from "../../contracts/periphery/InferenceConsumer.sol";
import {PolicyId, RequestId} from "../../contracts/types/Ids.sol";
import {ProofPolicy} from "../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../contracts/types/Request.sol";
import {toCallback, toPayment} from "../../contracts/types/Words.sol";
import {DigitBounty} from "../../examples/digit-bounty/DigitBounty.sol";
import {HubFixture} from "../contracts/inference/HubFixture.sol";
import {deploy} from "../support/Deploy.sol";
import {vm} from "../support/Vm.sol";

/// @notice The example consumer: pays by the digit, keeps what it owes, hears again after a top-up.
contract DigitBountyTest is HubFixture {
    address private constant AUTHOR = address(0xA074);
    uint96 private constant UNIT = 0.01 ether;
    uint96 private constant FEE = 0.001 ether;
    DigitBounty private bounty;

    function setUp() public override {
        super.setUp();
        bounty = fund(1 ether);
    }

    function testFuzz_handIn_paysByTheDigit(uint8 digit) public {
        digit %= 10;
        (RequestId id, Request memory req) = handIn();
        vm.assertEq(bounty.authorOf(id), AUTHOR, "author");
        passes(STRANGER, 0, answer(id, req, reading(digit), PAYEE), "answered");
        vm.assertEq(bounty.bountyOf(AUTHOR), digit * uint256(UNIT), "bounty");
        vm.assertEq(bounty.owed(), digit * uint256(UNIT), "owed");
        vm.assertEq(bounty.authorOf(id), address(0), "done");
        if (digit == 0) {
            vm.expectRevert(abi.encodeWithSelector(DigitBounty.NothingToWithdraw.selector, AUTHOR));
        }
        vm.prank(AUTHOR);
        bounty.withdraw();
        vm.assertEq(AUTHOR.balance, digit * uint256(UNIT), "paid");
        vm.assertEq(bounty.owed(), 0, "nothing owed");
    }

    function test_handIn_reverts_whenFundsAreShort() public {
        bounty = fund(FEE - 1);
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.FundsTooLow.selector, FEE - 1, FEE));
        bounty.handIn(INPUT, 0);
    }

    /// @dev What is owed to one author is not free for another's reading or bounty.
    function test_onInference_keepsWhatIsOwed() public {
        bounty = fund(2 * FEE + 9 * UNIT);
        (RequestId id, Request memory req) = handIn();
        (RequestId second, Request memory secondReq) = handIn();
        passes(STRANGER, 0, answer(id, req, reading(9), PAYEE), "answered");
        passes(STRANGER, 0, answer(second, secondReq, reading(1), PAYEE), "answered");
        assertStatus(second, RequestStatus.CallbackFailed, "short");
        vm.assertEq(bounty.bountyOf(AUTHOR), 9 * uint256(UNIT), "the first");
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.FundsTooLow.selector, 0, FEE));
        bounty.handIn(INPUT, 9);
    }

    /// @dev The answer that came while funds were short is there after a top-up, and only then.
    function test_redeliver_paysAfterATopUp() public {
        bounty = fund(FEE + UNIT);
        (RequestId id, Request memory req) = handIn();
        bytes memory output = reading(7);
        passes(STRANGER, 0, answer(id, req, output, PAYEE), "answered");
        assertStatus(id, RequestStatus.CallbackFailed, "short");
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.AnswerRefusedAgain.selector, id));
        bounty.redeliver(req, output);
        vm.deal(address(bounty), 1 ether);
        vm.prank(STRANGER);
        bounty.redeliver(req, output);
        vm.assertEq(bounty.bountyOf(AUTHOR), 7 * uint256(UNIT), "paid after all");
    }

    function test_recover_bringsBackTheFee() public {
        (, Request memory req) = handIn();
        vm.warp(block.timestamp + 2 hours);
        hub.reclaim(req);
        bounty.recover();
        vm.assertEq(address(bounty).balance, 1 ether, "all of it");
    }

    function test_withdraw_reverts_whenTheAuthorTakesNoCoin() public {
        (RequestId id, Request memory req) = handIn();
        passes(STRANGER, 0, answer(id, req, reading(1), PAYEE), "answered");
        vm.etch(AUTHOR, hex"5f5ffd");
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.TransferFailed.selector, AUTHOR, UNIT));
        vm.prank(AUTHOR);
        bounty.withdraw();
        vm.assertEq(bounty.bountyOf(AUTHOR), UNIT, "kept");
    }

    function handIn() private returns (RequestId id, Request memory req) {
        Order memory order;
        order.version = free;
        order.proofs = ProofPolicy.wrap(SIGNATURE);
        order.payment = toPayment(NATIVE, FEE);
        order.callback = toCallback(address(bounty), 120_000, 0);
        order.deadline = uint40(block.timestamp + 1 hours);
        req = requestOf(address(bounty), order, INPUT);
        vm.prank(AUTHOR);
        id = bounty.handIn(INPUT, 0);
        vm.assertTrue(id == hub.requestIdOf(req), "id");
        vm.warp(block.timestamp + 1);
    }

    function fund(uint256 funds) private returns (DigitBounty) {
        vm.deal(address(this), funds);
        bytes memory terms = abi.encode(hub, free, SIGNATURE, PolicyId.wrap(0), UNIT, FEE);
        return DigitBounty(payable(deploy("DigitBounty.sol:DigitBounty", terms, funds)));
    }

    /// @dev A canonical scalar of unsigned bytes.
    function reading(uint8 digit) private pure returns (bytes memory) {
        return abi.encodePacked(hex"0100", digit);
    }
}
