// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {RequestSlot, pendingSlot, reclaimedSlot} from "../../../contracts/libraries/RequestSlot.sol";
import {deploy} from "../../support/Deploy.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {Case} from "./HubBook.sol";
import {HubChecks} from "./HubChecks.sol";
import {HubHandler} from "./HubHandler.t.sol";

/// @notice The invariant suite can fail: a long run is busy and clean, and each tampering after it is noticed.
/// @dev Tampering writes the hub's storage as a faulty hub would have: paid twice, forgot a nonce, and so on.
contract HubInvariantsCanFailTest {
    uint256 private constant ACTIONS = 360;
    address private constant PAYEE = address(0x9A1EE);

    HubHandler private handler;
    HubChecks private checks;
    Hub private hub;

    function setUp() external {
        handler = HubHandler(payable(deploy("HubHandler.t.sol:HubHandler", abi.encode(type(uint256).max))));
        checks = new HubChecks(handler);
        hub = handler.theHub();
        run("one");
    }

    /// @dev Every kind of action succeeds in the run, and nothing is broken after it.
    function test_aRunReachesEverything() external {
        string[10] memory kinds = [
            "ask",
            "answer",
            "batch",
            "gas",
            "signed",
            "reclaim",
            "retry",
            "deposit",
            "withdraw",
            "cancel"
        ];
        for (uint256 i = 0; i < kinds.length; ++i) vm.assertGe(handler.done(kinds[i]), 1, kinds[i]);
        checkAll();
    }

    function test_payingTwiceIsNoticed() external {
        (bytes32 slot, uint256 word) = accountWord(address(0), PAYEE);
        vm.store(address(hub), slot, bytes32(word + 1));
        assertBroken(1, checks.inv01.selector);
        assertBroken(7, checks.inv07.selector);
    }

    function test_losingCoinIsNoticed() external {
        vm.deal(address(hub), address(hub).balance - 1);
        assertBroken(1, checks.inv01.selector);
    }

    function test_notPayingIsNoticed() external {
        vm.deal(address(hub), 0);
        assertBroken(6, checks.inv06.selector);
    }

    function test_openingAgainIsNoticed() external {
        Case memory c = find(RequestStatus.None);
        vm.store(
            address(hub),
            requestSlot(c),
            bytes32(RequestSlot.unwrap(pendingSlot(c.req.ticket.deadline(), 0, c.req.proofs)))
        );
        assertBroken(3, checks.inv03.selector);
    }

    function test_losingARequestIsNoticed() external {
        vm.warp(block.timestamp + 3 hours);
        Case memory c = find(RequestStatus.Pending);
        vm.store(address(hub), requestSlot(c), 0);
        assertBroken(3, checks.inv03.selector);
        assertBroken(5, checks.inv05.selector);
    }

    function test_forgettingAResultIsNoticed() external {
        Case memory c = find(RequestStatus.Fulfilled);
        vm.store(address(hub), requestSlot(c), bytes32(RequestSlot.unwrap(reclaimedSlot())));
        assertBroken(20, checks.inv20.selector);
    }

    function test_forgettingANonceIsNoticed() external {
        address account = handler.allAccounts()[0];
        address[4] memory tokens = handler.allTokens();
        for (uint256 t = 0; t < 4; ++t) {
            if (handler.baseOf(account, tokens[t]) == 0) continue;
            (bytes32 slot, uint256 word) = accountWord(tokens[t], account);
            vm.store(address(hub), slot, bytes32(word - (1 << 96)));
            assertBroken(13, checks.inv13.selector);
            return;
        }
        vm.assertTrue(false, "no nonce was used");
    }

    function test_callingTwiceIsNoticed() external {
        uint256 n = handler.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = handler.caseAt(i);
            if (c.heard == 0 || c.req.callback.target() != address(handler.theMoody())) continue;
            bytes32 slot = takenSlot(c);
            vm.store(address(handler.theMoody()), slot, bytes32(uint256(2)));
            assertBroken(19, checks.inv19.selector);
            return;
        }
        vm.assertTrue(false, "nobody was called");
    }

    // ---- helpers

    /// @dev The same actions every time, drawn from `name`.
    function run(string memory name) private {
        for (uint256 i = 0; i < ACTIONS; ++i) {
            uint256 a = uint256(keccak256(abi.encode(name, i, "a")));
            uint256 b = uint256(keccak256(abi.encode(name, i, "b")));
            uint256 kind = i % 18;
            if (kind == 0 || kind == 4 || kind == 11 || kind == 14) handler.ask(a);
            else if (kind == 1 || kind == 8) handler.answerOne(a, b);
            else if (kind == 2) handler.settleSigned(a);
            else if (kind == 3) handler.deposit(a, uint96(b));
            else if (kind == 5) handler.answerBatch(a, b);
            else if (kind == 6) handler.reclaim(a, b);
            else if (kind == 7) handler.retry(a, b);
            else if (kind == 9) handler.wait(a);
            else if (kind == 10) handler.withdraw(a, uint96(b));
            else if (kind == 12) handler.setMoods(a);
            else if (kind == 13) handler.answerWithGas(a, b);
            else if (kind == 15) handler.cancelNonces(a);
            else if (kind == 16) handler.forceMoney(a, uint64(b));
            else meddle(a);
        }
    }

    function meddle(uint256 seed) private {
        if (seed % 3 == 0) handler.liveOfANode(seed >> 8);
        else if (seed % 3 == 1) handler.askWithFeeToken(seed >> 8);
        else handler.govern(seed >> 8);
    }

    function checkAll() private {
        checks.inv00();
        checks.inv01();
        checks.inv02();
        checks.inv03();
        checks.inv04();
        checks.inv05();
        checks.inv06();
        checks.inv07();
        checks.inv08();
        checks.inv09();
        checks.inv10();
        checks.inv11();
        checks.inv12();
        checks.inv13();
        checks.inv15();
        checks.inv16();
        checks.inv19();
        checks.inv20();
        checks.inv21();
        checks.inv22();
    }

    function find(RequestStatus status) private view returns (Case memory c) {
        uint256 n = handler.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            c = handler.caseAt(i);
            if (c.status == status && !c.signed) return c;
        }
        vm.assertTrue(false, "the run has no such request");
    }

    function accountWord(address token, address account) private returns (bytes32 slot, uint256 word) {
        vm.record();
        hub.creditOf(token, account);
        (bytes32[] memory reads, ) = vm.accesses(address(hub));
        return (reads[0], uint256(vm.load(address(hub), reads[0])));
    }

    function requestSlot(Case memory c) private returns (bytes32) {
        vm.record();
        hub.status(c.id);
        (bytes32[] memory reads, ) = vm.accesses(address(hub));
        return reads[0];
    }

    function takenSlot(Case memory c) private returns (bytes32) {
        vm.record();
        handler.theMoody().taken(c.id);
        (bytes32[] memory reads, ) = vm.accesses(address(handler.theMoody()));
        return reads[0];
    }

    /// @dev The check must fail, and for the rule it is named after.
    function assertBroken(uint256 rule, bytes4 check) private {
        (bool ok, bytes memory reason) = address(checks).call(abi.encodePacked(check));
        vm.assertFalse(ok, "not noticed");
        vm.assertEq(bytes32(bytes4(reason)), bytes32(HubChecks.Broken.selector), "noticed as what it is");
        uint256 broken;
        assembly ("memory-safe") {
            broken := mload(add(reason, 0x24))
        }
        vm.assertEq(broken, rule, "rule");
    }
}
