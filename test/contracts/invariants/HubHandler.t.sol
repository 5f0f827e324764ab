// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {Fulfilment, IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {NodeStatus} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Mood} from "../../../contracts/mocks/inference/MoodyConsumer.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {CoinForcer} from "../../../contracts/mocks/tokens/CoinForcer.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {Verdict} from "../../../contracts/mocks/wallets/MoodyWallet.sol";
import {NodeId, RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {toPayment, toTicket} from "../../../contracts/types/Words.sol";
import {vm} from "../../support/Vm.sol";
import {Case} from "./HubBook.sol";
import {HubMeans} from "./HubMeans.sol";

/// @notice Does to the hub what clients, nodes, thieves, tokens, wallets, consumers and time can do, in any order.
/// @dev Each action foretells its outcome from the book; a call that ends otherwise is a breach of rule 0, an accepted
/// forgery of rule 11. The file's name ends in .t.sol because the runner fuzzes contracts of such files only.
contract HubHandler is HubMeans {
    uint256 private immutable _LIMIT;
    uint256 private _actions;
    NodeId private _second;

    modifier act() {
        if (_actions >= _LIMIT) return;
        ++_actions;
        _;
    }

    /// @param limit Most actions of a run; those after it do nothing.
    constructor(uint256 limit) {
        _LIMIT = limit;
        _second = registerNode(SECOND_KEY, PAYEE_TWO);
        secondActive = true;
        vm.prank(OWNER);
        nodes.proposeSlasher(SLASHER);
        vm.warp(block.timestamp + 30 days - 1 hours);
        hooked.setHook(address(this), abi.encodeCall(this.onTransfer, ()));
        // The handler has credit of its own in the token with hooks, for its re-entries to aim at.
        hooked.mint(address(this), 1_000);
        hooked.approve(address(hub), type(uint256).max);
        hub.deposit(address(hooked), address(this), 500);
        named[address(hooked)] += 500;
        received[address(hooked)] += 500;
        credit[address(hooked)][address(this)] = 500;
        accounts.push(address(this));
    }

    receive() external payable {}

    // ---- requests

    function ask(uint256 seed) external act {
        address asker = vm.addr(CLIENT_KEY + (seed % 2));
        Order memory order = _order(seed >> 8);
        address token = order.payment.token();
        uint256 amount = order.payment.amount();
        bool permit = token == address(permitToken) && seed & (1 << 200) != 0;
        _fund(asker, token, amount, !permit);
        Request memory req = requestOf(asker, order, INPUT);
        RequestId id = RequestCodecTwin.requestId(address(hub), req, false);
        bool good = !seen[id] && !(_isPriced(req) && (amount < PRICE || pricedRevoked));
        if (token == address(blacklist) && amount != 0 && blacklist.blocked(asker)) good = false;
        uint256 before = held(token);
        bytes memory data =
            permit ? _permitted(CLIENT_KEY + (seed % 2), order) : abi.encodeCall(IInferenceHub.request, (order, INPUT));
        bool ok = _call(asker, token == NATIVE ? amount : 0, data);
        _hold(ok == good, 0, "request");
        if (!ok) return;
        _hold(!seen[id], 12, "an id was made twice");
        _hold(hub.requestIdOf(req) == id, 12, "the id is another than the twin's");
        seen[id] = true;
        received[token] += held(token) - before;
        named[token] += amount;
        escrow[token] += amount;
        _open(id, req, false);
        ++done["ask"];
    }

    /// @dev A token that keeps a part for itself is never taken.
    function askWithFeeToken(uint256 seed) external act {
        Order memory order = _order(seed);
        uint96 amount = uint96(100 + (seed % 1 ether));
        order.version = free;
        order.payment = toPayment(address(greedy), amount);
        greedy.mint(client, amount);
        vm.prank(client);
        greedy.approve(address(hub), amount);
        _hold(!_call(client, 0, abi.encodeCall(IInferenceHub.request, (order, INPUT))), 1, "a fee token was taken");
        _hold(
            !_call(client, 0, abi.encodeCall(ICreditLedger.deposit, (address(greedy), client, amount))),
            1,
            "a fee token was credited"
        );
    }

    // ---- answers

    function answerOne(uint256 pick, uint256 seed) external act {
        if (cases.length == 0) return;
        uint256 index = _pickCase(pick, RequestStatus.Pending, address(0));
        Case memory c = cases[index];
        if (c.signed) return;
        (address beneficiary, uint256 key) = _answerer(c.req, seed);
        bool forged = seed & 3 == 0;
        bytes memory data =
            forged
                ? _forgery(c, beneficiary, key, seed >> 8)
                : abi.encodeCall(IInferenceHub.fulfil, (c.req, OUTPUT, beneficiary, _evidence(c, beneficiary, key)));
        bool good = !forged && _isAnswerable(c, key);
        uint256[] memory before = _credits(c.req.payment.token());
        _arm(c, data);
        bool ok = _call(_pick(accounts, seed >> 16), 0, data);
        if (forged) _hold(!ok, c.req.proofs.kinds() & (1 << 5) == 0 ? 11 : 16, "a forgery was accepted");
        else _hold(ok == good, 0, "fulfil");
        if (!ok) return;
        _bookSettlement(index, beneficiary, before);
        ++done["answer"];
    }

    function answerBatch(uint256 picks, uint256 seed) external act {
        if (cases.length == 0 || moody.mood() == Mood.Reenter) return;
        uint256[3] memory indexes;
        Fulfilment[] memory items = new Fulfilment[](3);
        address[3] memory payees;
        uint256[3] memory keys;
        for (uint256 i = 0; i < 3; ++i) {
            indexes[i] = _pickCase(picks >> (8 * i), RequestStatus.Pending, address(0));
            Case memory c = cases[indexes[i]];
            (payees[i], keys[i]) = _answerer(c.req, seed >> i);
            items[i] = Fulfilment(c.req, OUTPUT, payees[i], _evidence(c, payees[i], keys[i]));
        }
        vm.prank(STRANGER);
        bool[] memory settled = hub.fulfilBatch(items);
        for (uint256 i = 0; i < 3; ++i) {
            Case memory c = cases[indexes[i]];
            _hold(settled[i] == _isAnswerable(c, keys[i]), 0, "an item of a batch");
            if (settled[i]) {
                _bookSettlement(indexes[i], payees[i], new uint256[](0));
                ++done["batch"];
            }
        }
    }

    /// @dev INV-21: with any gas the consumer sees what it was promised, or nothing happens.
    function answerWithGas(uint256 pick, uint256 gasLimit) external act {
        if (cases.length == 0) return;
        uint256 index = _pickCase(pick, RequestStatus.Pending, address(probe));
        Case memory c = cases[index];
        if (c.signed || c.req.callback.target() != address(probe)) return;
        (address beneficiary, uint256 key) = _answerer(c.req, gasLimit);
        if (!_isAnswerable(c, key)) return;
        bytes memory data = abi.encodeCall(
            IInferenceHub.fulfil,
            (c.req, OUTPUT, beneficiary, _evidence(c, beneficiary, key))
        );
        uint256[] memory before = _credits(c.req.payment.token());
        vm.store(address(probe), 0, 0);
        (bool ok, ) = address(hub).call{gas: 60_000 + (gasLimit % 500_000)}(data);
        uint256 noted = uint256(vm.load(address(probe), 0));
        if (!ok) {
            _hold(noted == 0, 21, "a callback in a settlement that never was");
            return;
        }
        _hold(noted > PROBE_GAS - 100 && noted < PROBE_GAS, 21, "another gas than promised");
        _bookSettlement(index, beneficiary, before);
        ++done["gas"];
    }

    function settleSigned(uint256 seed) external act {
        Order memory order = _order(seed >> 8);
        uint256 who = seed % 3;
        address asker = who == 2 ? address(wallet) : vm.addr(CLIENT_KEY + who);
        address token = order.payment.token();
        uint256 amount = order.payment.amount() / 4;
        order.payment = toPayment(token, uint96(amount));
        uint256 nonce = base[asker][token] + ((seed >> 208) % (seed & (1 << 207) == 0 ? 3 : 130));
        Request memory req = RequestCodecTwin.complete(
            order,
            keccak256(INPUT),
            order.callback,
            toTicket(asker, order.deadline, uint56(nonce))
        );
        RequestId id = RequestCodecTwin.requestId(address(hub), req, true);
        Case memory c;
        (c.id, c.req, c.signed, c.status) = (id, req, true, RequestStatus.Pending);
        c.priced = order.version == priced;
        (address beneficiary, uint256 key) = _answerer(req, seed >> 32);
        bool wrongKey = seed & (1 << 206) != 0 && who != 2;
        if (who == 2) wallet.approve(RequestId.unwrap(id));
        bool good = !wrongKey && (who != 2 || _isVerdictGood()) && credit[token][asker] >= amount;
        good = good && nonce - base[asker][token] < 104 && !gone[asker][token][nonce];
        good = good && _isProvable(c, key) && !(c.priced && (pricedRevoked || token != NATIVE || amount < PRICE));
        bytes memory signature = sign(wrongKey ? SECOND_KEY : CLIENT_KEY + who, RequestId.unwrap(id));
        bytes memory data = abi.encodeCall(
            IInferenceHub.settleSigned,
            (req, signature, OUTPUT, beneficiary, _evidence(c, beneficiary, key))
        );
        uint256[] memory before = _credits(token);
        _arm(c, data);
        bool ok = _call(STRANGER, 0, data);
        if (wrongKey) _hold(!ok, 11, "another's signature was accepted");
        _hold(ok == good, 0, "settleSigned");
        if (!ok) return;
        _useNonce(asker, token, nonce);
        _open(id, req, true);
        _bookSettlement(cases.length - 1, beneficiary, before);
        _hold(!_call(STRANGER, 0, data), 13, "a signed request settled twice");
        ++done["signed"];
    }

    function reclaim(uint256 pick, uint256 seed) external act {
        if (cases.length == 0) return;
        Case storage c = cases[_pickCase(pick, RequestStatus.Pending, address(0))];
        bool good = !c.signed && c.status == RequestStatus.Pending && block.timestamp > c.req.ticket.deadline();
        bool ok = _call(_pick(accounts, seed), 0, abi.encodeCall(IInferenceHub.reclaim, (c.req)));
        _hold(ok == good, 0, "reclaim");
        if (!ok) return;
        address token = c.req.payment.token();
        uint256 amount = c.req.payment.amount();
        _move(c, RequestStatus.Reclaimed);
        ++c.refunds;
        c.refunded = amount;
        escrow[token] -= amount;
        credit[token][c.req.ticket.requester()] += amount;
        ++done["reclaim"];
    }

    function retry(uint256 pick, uint256 seed) external act {
        if (cases.length == 0) return;
        Case storage c = cases[_pickCase(pick, RequestStatus.CallbackFailed, address(0))];
        address target = c.req.callback.target();
        address caller = [c.req.ticket.requester(), target, STRANGER, PAYEE][seed % 4];
        bytes memory output = seed & 16 == 0 ? OUTPUT : bytes("another");
        bool good = c.status == RequestStatus.CallbackFailed && seed & 16 == 0 && c.retries < 16;
        good = good && (caller == target || caller == c.req.ticket.requester());
        address token = c.req.payment.token();
        uint256[] memory before = _credits(token);
        uint256 balance = held(token);
        bytes memory data = abi.encodeCall(IInferenceHub.retryCallback, (c.req, output));
        _arm(c, data);
        bool ok = _call(caller, 0, data);
        _hold(ok == good, 22, "a retry ended otherwise");
        _hold(
            keccak256(abi.encode(_credits(token))) == keccak256(abi.encode(before)) && held(token) == balance,
            22,
            "a retry moved money"
        );
        if (!ok) return;
        if (_wouldTake(target)) {
            ++c.heard;
            _move(c, c.req.callback.hasFlag(1) ? RequestStatus.Fulfilled : RequestStatus.None);
        } else {
            ++c.retries;
        }
        ++done["retry"];
    }

    // ---- money

    function deposit(uint256 seed, uint96 amount) external act {
        address token = tokens[seed % 4];
        address from = vm.addr(CLIENT_KEY + ((seed >> 8) % 2));
        address to = _pick(accounts, seed >> 16);
        amount = uint96(amount % 10 ether);
        _fund(from, token, amount, true);
        uint256 before = held(token);
        bool good = !(token == address(blacklist) && amount != 0 && blacklist.blocked(from));
        bytes memory data = abi.encodeCall(ICreditLedger.deposit, (token, to, amount));
        bool ok = _call(from, token == NATIVE ? amount : 0, data);
        _hold(ok == good, 0, "deposit");
        if (!ok) return;
        named[token] += amount;
        received[token] += held(token) - before;
        credit[token][to] += amount;
        ++done["deposit"];
    }

    function withdraw(uint256 seed, uint96 amount) external act {
        address token = tokens[seed % 4];
        address from = _pick(accounts, seed >> 8);
        address to = [from, address(trap), STRANGER, address(0xC1EA4)][(seed >> 16) % 4];
        uint256 owned = credit[token][from];
        if (seed & (1 << 40) != 0) amount = uint96(owned);
        else amount = uint96(amount % (owned + 2));
        bool good = amount <= owned && !(token == NATIVE && to == address(trap));
        if (token == address(blacklist) && blacklist.blocked(to)) good = false;
        uint256 before = held(token);
        bool ok = _call(from, 0, abi.encodeCall(ICreditLedger.withdraw, (token, to, amount)));
        _hold(ok == good, 0, "withdraw");
        if (!ok) return;
        _hold(before - held(token) == amount, 7, "another amount went out");
        credit[token][from] -= amount;
        ++done["withdraw"];
    }

    function cancelNonces(uint256 seed) external act {
        address token = tokens[seed % 4];
        uint256 who = (seed >> 8) % 3;
        address from = who == 2 ? address(wallet) : vm.addr(CLIENT_KEY + who);
        uint256 current = base[from][token];
        uint256 next = current + ((seed >> 16) % 8);
        bool ok = _call(from, 0, abi.encodeCall(ICreditLedger.cancelNonces, (token, uint56(next))));
        _hold(ok == (next > current), 0, "cancelNonces");
        if (!ok) return;
        for (uint256 n = current; n < next; ++n) gone[from][token][n] = true;
        while (gone[from][token][base[from][token]]) ++base[from][token];
        ++done["cancel"];
    }

    function forceMoney(uint256 seed, uint64 amount) external act {
        address token = tokens[seed % 4];
        forced[token] += amount;
        if (token != NATIVE) {
            MintableToken(token).mint(address(hub), amount);
            return;
        }
        vm.deal(address(this), amount);
        new CoinForcer{value: amount}(payable(address(hub)));
    }

    // ---- the world

    function wait(uint256 seed) external act {
        vm.warp(block.timestamp + (seed & 1 == 0 ? 1 : (seed >> 8) % 50 minutes));
    }

    function setMoods(uint256 seed) external act {
        moody.setMood(Mood(seed % (uint256(type(Mood).max) + 1)));
        wallet.setVerdict((seed >> 8) % 3 == 0 ? Verdict((seed >> 16) % 10) : Verdict.Approved);
        blacklist.setBlocked(_pick(accounts, seed >> 24), seed & (1 << 60) != 0);
    }

    /// @dev The second node leaves, is slashed and bonds again; the first stays.
    function liveOfANode(uint256 seed) external act {
        NodeStatus status = nodes.nodeOf(_second).status;
        if (status == NodeStatus.Active && seed % 4 == 0 && block.timestamp >= nodes.slasherActiveAt(SLASHER)) {
            vm.prank(SLASHER);
            nodes.slash(_second, 0.5 ether, STRANGER);
            secondActive = false;
        } else if (status == NodeStatus.Underbonded) {
            vm.deal(OPERATOR, 1 ether);
            vm.prank(OPERATOR);
            nodes.increaseBond{value: 1 ether}(_second, 1 ether);
            secondActive = true;
        } else if (status == NodeStatus.Active && seed % 8 == 1) {
            vm.prank(OPERATOR);
            nodes.beginExit(_second);
            secondActive = false;
        }
    }

    /// @dev INV-8: what owners change in the middle changes no open request but by keeping it from being answered.
    function govern(uint256 seed) external act {
        if (seed % 16 == 0 && !teeRetired) {
            vm.prank(OWNER);
            hub.retireAdapter(ProofSelector.wrap(bytes4(TEE)));
            teeRetired = true;
        } else if (seed % 16 == 1 && !pricedRevoked) {
            models.setVersionStatus(priced, VersionStatus.Revoked);
            pricedRevoked = true;
        }
    }

    /// @dev Called by the token with hooks while it moves: while the hub waits for it, no guarded way in is open.
    function onTransfer() external {
        if (!inHub) return;
        inHub = false;
        (bool ok, ) = address(hub).call(abi.encodeCall(ICreditLedger.withdraw, (address(hooked), address(this), 1)));
        _hold(!ok, 7, "a withdrawal while a token moved");
        (ok, ) = address(hub).call(abi.encodeCall(ICreditLedger.deposit, (address(hooked), address(this), 1)));
        _hold(!ok, 7, "a deposit while a token moved");
        (ok, ) = address(hub).call(abi.encodeCall(ICreditLedger.withdraw, (NATIVE, address(this), 0)));
        _hold(!ok, 7, "coin while a token moved");
    }
}
