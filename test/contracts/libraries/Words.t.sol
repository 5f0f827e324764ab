// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofPolicy, ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Callback, Payment, Ticket, toCallback, toPayment, toTicket} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";

/// @notice Packed words: what goes in comes out, at the places that the NatSpec names.
contract WordsTest {
    function testFuzz_payment_keepsItsFields(address token, uint96 amount) public pure {
        Payment payment = toPayment(token, amount);
        vm.assertEq(payment.token(), token, "token");
        vm.assertEq(payment.amount(), amount, "amount");
        vm.assertEq(bytes32(Payment.unwrap(payment)), bytes32(abi.encodePacked(token, amount)), "layout");
    }

    function testFuzz_callback_keepsItsFields(address target, uint32 gasLimit, uint8 flags) public pure {
        Callback callback = toCallback(target, gasLimit, flags);
        vm.assertEq(callback.target(), target, "target");
        vm.assertEq(callback.gasLimit(), gasLimit, "gas");
        vm.assertEq(callback.flags(), flags, "flags");
        for (uint8 i = 0; i < 8; ++i) {
            vm.assertTrue(callback.hasFlag(uint8(1 << i)) == ((flags >> i) & 1 == 1), "flag");
        }
        bytes memory packed = abi.encodePacked(target, gasLimit, bytes7(0), flags);
        vm.assertEq(bytes32(Callback.unwrap(callback)), bytes32(packed), "layout");
    }

    function testFuzz_ticket_keepsItsFields(address requester, uint40 deadline, uint56 stamp) public pure {
        Ticket ticket = toTicket(requester, deadline, stamp);
        vm.assertEq(ticket.requester(), requester, "requester");
        vm.assertEq(ticket.deadline(), deadline, "deadline");
        vm.assertEq(ticket.stamp(), stamp, "stamp");
        vm.assertEq(ticket.createdAt(), stamp >> 16, "created");
        vm.assertEq(bytes32(Ticket.unwrap(ticket)), bytes32(abi.encodePacked(requester, deadline, stamp)), "layout");
    }

    /// @dev A well-formed policy from its selectors, and its parts again.
    function testFuzz_policy_keepsItsSelectors(uint32[4] memory raw, uint256 n) public pure {
        n = bounded(n, 1, 4);
        uint256 word = 0;
        uint256 previous = 0;
        uint16 kinds = 0;
        for (uint256 i = 0; i < n; ++i) {
            // Ascending, with kinds 1 to 15.
            uint256 kind = bounded(raw[i], previous == 0 ? 1 : previous >> 24, 15);
            uint256 low = kind == previous >> 24 ? (previous & 0xffffff) + 1 : 0;
            if (low > 0xffffff) return;
            raw[i] = uint32((kind << 24) | bounded(raw[i], low, 0xffffff));
            previous = raw[i];
            word |= uint256(raw[i]) << (96 - 32 * i);
            kinds |= uint16(1 << kind);
        }
        ProofPolicy policy = ProofPolicy.wrap(bytes16(uint128(word)));
        vm.assertEq(policy.count(), n, "count");
        vm.assertEq(policy.kinds(), kinds, "kinds");
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertEq(uint32(ProofSelector.unwrap(policy.at(i))), i < n ? raw[i] : 0, "selector");
        }
    }

    /// @dev Against a plain reading of the rule: ascending without gap, repetition or a kind that is not 1 to 15.
    function testFuzz_kinds_areZeroExactlyWhenMalformed(bytes16 word, uint256 mask) public pure {
        // Half of the cases get small kinds, and some of them zeros, so that both answers occur.
        if (mask & 1 == 1) word &= 0x0f00000f0f00000f0f00000f0f00000f;
        for (uint256 i = 1; i < 4; ++i) {
            if ((mask >> i) & 1 == 1) word = bytes16(bytes32(word) & ~(bytes32(bytes4(0xffffffff)) >> (32 * i)));
        }
        bool valid = word != 0;
        uint256 previous = 0;
        bool ended = false;
        for (uint256 i = 0; i < 4; ++i) {
            uint32 selector = uint32(bytes4(word << (32 * i)));
            if (selector == 0) {
                ended = true;
                continue;
            }
            uint256 kind = selector >> 24;
            valid = valid && !ended && selector > previous && kind != 0 && kind < 16;
            previous = selector;
        }
        vm.assertTrue((ProofPolicy.wrap(word).kinds() != 0) == valid, "well formed");
    }
}
