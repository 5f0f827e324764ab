// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {Mood} from "../../../contracts/mocks/inference/MoodyConsumer.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Callback, toCallback, toPayment} from "../../../contracts/types/Words.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {vm} from "../../support/Vm.sol";
import {Case, HubBook} from "./HubBook.sol";

/// @notice What the handler's actions are made of: requests, answers, forgeries, money, and what can be proven now.
abstract contract HubMeans is HubBook {
    bool internal secondActive;
    bool internal teeRetired;
    bool internal pricedRevoked;
    /// @dev A call of the handler's is under way in the hub.
    bool internal inHub;

    /// @dev Mostly a request that stands at `status`, with that callback target if one is named; else any.
    function _pickCase(uint256 seed, RequestStatus status, address target) internal view returns (uint256) {
        uint256 n = cases.length;
        uint256 index = seed % n;
        if (seed & (3 << 60) == 0) return index;
        for (uint256 i = 0; i < n; ++i) {
            Case storage c = cases[index];
            bool fits = target == address(0) || c.req.callback.target() == target;
            if (fits && c.status == status) break;
            index = (index + 1) % n;
        }
        return index;
    }

    function _call(address from, uint256 value, bytes memory data) internal returns (bool ok) {
        inHub = true;
        vm.prank(from);
        (ok, ) = address(hub).call{value: value}(data);
        inHub = false;
    }

    function _order(uint256 seed) internal view returns (Order memory order) {
        bytes16[5] memory policies = [SIGNATURE, TEE, ZKML, bytes16(hex"0400000105000001"), SIGNATURE];
        order = anOrder(policies[seed % 5]);
        address token = tokens[(seed >> 8) % 4];
        order.payment = toPayment(token, uint96((seed >> 16) % 1 ether));
        if (token == NATIVE && (seed >> 80) % 3 == 0) order.version = priced;
        order.deadline = uint40(block.timestamp + 1 + ((seed >> 88) % 2 hours));
        order.salt = uint16((seed >> 104) % 3);
        uint8 flag = uint8((seed >> 120) & 1);
        uint256 target = (seed >> 128) % 6;
        if (target < 3) order.callback = toCallback(address(moody), CALLBACK_GAS, flag);
        else if (target == 3) order.callback = toCallback(address(probe), PROBE_GAS, flag);
        else if (target == 4) order.callback = toCallback(UNBORN, PROBE_GAS, flag);
        else order.callback = Callback.wrap(flag);
    }

    /// @dev Who answers: signature evidence is of one of two nodes, other evidence names anybody.
    function _answerer(Request memory req, uint256 seed) internal view returns (address beneficiary, uint256 key) {
        if (req.proofs.at(0).kind() != 1) return (_pick(accounts, seed >> 4), NODE_KEY);
        return seed & 4 == 0 ? (PAYEE, NODE_KEY) : (PAYEE_TWO, SECOND_KEY);
    }

    function _evidence(
        Case memory c,
        address beneficiary,
        uint256 key
    ) internal view returns (bytes[] memory evidence) {
        evidence = evidenceFor(c.id, c.req, OUTPUT, beneficiary);
        if (key == NODE_KEY) return evidence;
        Statement memory claim = claimOf(c.id, c.req, OUTPUT, beneficiary);
        ProofSelector selector = c.req.proofs.at(0);
        evidence[0] = abi.encodePacked(selector, sign(key, RequestCodecTwin.statementDigest(claim, selector)));
    }

    /// @dev A good answer with one thing changed: the output, the payee, a bit of the request, of the evidence or of the
    /// statement that the evidence was made for.
    function _forgery(
        Case memory c,
        address beneficiary,
        uint256 key,
        uint256 seed
    ) internal view returns (bytes memory data) {
        bytes[] memory evidence = _evidence(c, beneficiary, key);
        uint256 last = evidence.length - 1;
        if (seed % 5 == 0) return abi.encodeCall(IInferenceHub.fulfil, (c.req, "another", beneficiary, evidence));
        if (seed % 5 == 1) {
            return abi.encodeCall(IInferenceHub.fulfil, (c.req, OUTPUT, address(0xBAD), evidence));
        }
        if (seed % 5 == 2) {
            uint256 bit = (seed >> 8) % (evidence[last].length * 8);
            evidence[last][bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
        if (seed % 5 == 4) {
            bytes memory words = abi.encode(claimOf(c.id, c.req, OUTPUT, beneficiary));
            words[((seed >> 8) % 10) * 32 + 31] ^= 0x01;
            evidence[last] = prove(c.req.proofs.at(last), abi.decode(words, (Statement)), INPUT, OUTPUT);
        }
        data = abi.encodeCall(IInferenceHub.fulfil, (c.req, OUTPUT, beneficiary, evidence));
        if (seed % 5 == 3) {
            uint256 bit = (seed >> 8) % 2_048;
            data[4 + bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
    }

    function _isAnswerable(Case memory c, uint256 key) internal view returns (bool) {
        return
            !c.signed &&
            c.status == RequestStatus.Pending &&
            block.timestamp > c.req.ticket.createdAt() &&
            block.timestamp <= c.req.ticket.deadline() &&
            _isProvable(c, key);
    }

    /// @dev Whether good evidence can be had now for what the request demands.
    function _isProvable(Case memory c, uint256 key) internal view returns (bool) {
        uint16 kinds = c.req.proofs.kinds();
        if (kinds & (1 << 1) != 0 && key == SECOND_KEY && !secondActive) return false;
        if (kinds & (1 << 4) != 0 && teeRetired) return false;
        return !(kinds & (1 << 5) != 0 && c.priced && pricedRevoked);
    }

    function _open(RequestId id, Request memory req, bool signed) internal {
        Case memory c;
        (c.id, c.req, c.signed, c.status) = (id, req, signed, RequestStatus.Pending);
        c.priced = signed ? req.version == priced : _isPriced(req);
        cases.push(c);
    }

    /// @dev What a re-entering consumer tries while it is called about `c`; none of it may work.
    function _arm(Case memory c, bytes memory data) internal {
        if (moody.mood() != Mood.Reenter) return;
        bytes[] memory calls = new bytes[](4);
        calls[0] = data;
        calls[1] = abi.encodeCall(IInferenceHub.reclaim, (c.req));
        calls[2] = abi.encodeCall(IInferenceHub.retryCallback, (c.req, OUTPUT));
        uint96 over = uint96(credit[NATIVE][address(moody)] + 2 ether);
        calls[3] = abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(moody), over));
        moody.setCalls(address(hub), calls);
    }

    function _fund(address account, address token, uint256 amount, bool approve) internal {
        if (token == NATIVE) {
            vm.deal(account, account.balance + amount);
            return;
        }
        if (token == address(blacklist) && blacklist.blocked(account)) return;
        MintableToken(token).mint(account, amount);
        if (!approve) return;
        vm.prank(account);
        MintableToken(token).approve(address(hub), amount);
    }

    function _permitted(uint256 key, Order memory order) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                vm.addr(key),
                hub,
                order.payment.amount(),
                permitToken.nonces(vm.addr(key)),
                type(uint256).max
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            RequestCodecTwin.digest(permitToken.DOMAIN_SEPARATOR(), structHash)
        );
        return abi.encodeCall(IInferenceHub.requestWithPermit, (order, INPUT, type(uint256).max, v, r, s));
    }
}
