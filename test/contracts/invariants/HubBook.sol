// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {GasProbe} from "../../../contracts/mocks/inference/GasProbe.sol";
import {Mood, MoodyConsumer} from "../../../contracts/mocks/inference/MoodyConsumer.sol";
import {BlacklistToken} from "../../../contracts/mocks/tokens/BlacklistToken.sol";
import {CoinTrap} from "../../../contracts/mocks/tokens/CoinTrap.sol";
import {FeeOnTransferToken} from "../../../contracts/mocks/tokens/FeeOnTransferToken.sol";
import {HookToken} from "../../../contracts/mocks/tokens/HookToken.sol";
import {MintableToken} from "../../../contracts/mocks/tokens/MintableToken.sol";
import {PermitToken} from "../../../contracts/mocks/tokens/PermitToken.sol";
import {MoodyWallet, Verdict} from "../../../contracts/mocks/wallets/MoodyWallet.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {Request} from "../../../contracts/types/Request.sol";
import {FLAG_PRICED, FLAG_STORE_RESULT} from "../../../contracts/types/Words.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "../inference/HubFixture.sol";

/// @notice One request, as the book knows it: where it stands and what went out for it, by the rules.
struct Case {
    RequestId id;
    Request req;
    bool signed;
    bool priced;
    RequestStatus status;
    address beneficiary;
    uint256 toNode;
    uint256 toFees;
    uint256 toRoyalties;
    uint256 refunded;
    uint256 settlements;
    uint256 refunds;
    uint256 retries;
    uint256 heard;
}

/// @notice The ghost ledger of the invariant suite: who is in it, what each owns, and the first breach of each rule.
abstract contract HubBook is HubFixture {
    uint32 internal constant CALLBACK_GAS = 2_600_000;
    uint32 internal constant PROBE_GAS = 150_000;
    uint256 internal constant SECOND_KEY = NODE_KEY + 1;
    address internal constant PAYEE_TWO = address(0x9A1EE2);
    address internal constant UNBORN = address(0xB02);
    address internal constant SLASHER = address(0x51A5);

    MoodyConsumer internal moody;
    GasProbe internal probe;
    MoodyWallet internal wallet;
    CoinTrap internal trap;
    PermitToken internal permitToken;
    BlacklistToken internal blacklist;
    HookToken internal hooked;
    FeeOnTransferToken internal greedy;

    address[] internal accounts;
    address[4] internal tokens;
    Case[] internal cases;

    mapping(address token => mapping(address account => uint256 amount)) internal credit;
    mapping(address token => uint256 amount) internal escrow;
    mapping(address token => uint256 amount) internal forced;
    /// @dev What came in by name (requests and deposits), and what the hub's balance says came in.
    mapping(address token => uint256 amount) internal named;
    mapping(address token => uint256 amount) internal received;
    mapping(RequestId id => bool seen) internal seen;
    mapping(address account => mapping(address token => mapping(uint256 nonce => bool gone))) internal gone;
    mapping(address account => mapping(address token => uint256 nonce)) internal base;
    mapping(uint256 rule => string what) internal breaches;

    /// @notice How often each kind of action did what it was meant to; tells an idle run from a busy one.
    mapping(string action => uint256 times) public done;

    constructor() {
        HubFixture.setUp();
        moody = new MoodyConsumer();
        probe = new GasProbe();
        wallet = new MoodyWallet();
        trap = new CoinTrap();
        permitToken = new PermitToken();
        blacklist = new BlacklistToken();
        hooked = new HookToken();
        greedy = new FeeOnTransferToken();
        tokens = [NATIVE, address(permitToken), address(blacklist), address(hooked)];
        accounts = [
            vm.addr(CLIENT_KEY),
            vm.addr(CLIENT_KEY + 1),
            address(wallet),
            PAYEE,
            PAYEE_TWO,
            FEES,
            ROYALTIES,
            address(moody),
            address(trap),
            STRANGER
        ];
    }

    /// @dev The fixture's would put another hub in the place of this one.
    function setUp() public pure override {}

    // ---- what the checks read

    function theHub() external view returns (Hub) {
        return hub;
    }

    function theMoody() external view returns (MoodyConsumer) {
        return moody;
    }

    function caseCount() external view returns (uint256) {
        return cases.length;
    }

    function caseAt(uint256 index) external view returns (Case memory) {
        return cases[index];
    }

    function allAccounts() external view returns (address[] memory) {
        return accounts;
    }

    function allTokens() external view returns (address[4] memory) {
        return tokens;
    }

    function booked(address token, address account) external view returns (uint256) {
        return credit[token][account];
    }

    function breachOf(uint256 rule) external view returns (string memory) {
        return breaches[rule];
    }

    /// @notice What the book says of a token: escrow of open requests, forced on the hub, named and received.
    function totalsOf(address token) external view returns (uint256, uint256, uint256, uint256) {
        return (escrow[token], forced[token], named[token], received[token]);
    }

    function isGone(address account, address token, uint256 nonce) external view returns (bool) {
        return gone[account][token][nonce];
    }

    function baseOf(address account, address token) external view returns (uint256) {
        return base[account][token];
    }

    function held(address token) public view returns (uint256) {
        return token == NATIVE ? address(hub).balance : MintableToken(token).balanceOf(address(hub));
    }

    // ---- bookkeeping

    /// @dev Keeps the first breach of a rule; rule 0 is that an action ended otherwise than foretold.
    function _hold(bool ok, uint256 rule, string memory what) internal {
        if (!ok && bytes(breaches[rule]).length == 0) breaches[rule] = what;
    }

    function _credits(address token) internal view returns (uint256[] memory amounts) {
        amounts = new uint256[](accounts.length);
        for (uint256 i = 0; i < amounts.length; ++i) amounts[i] = creditOf(token, accounts[i]);
    }

    /// @dev Books the settlement of `cases[index]`, and compares the sum of credits with that of `before`, unless it is
    /// empty.
    function _bookSettlement(uint256 index, address beneficiary, uint256[] memory before) internal {
        Case storage c = cases[index];
        address token = c.req.payment.token();
        uint256 amount = c.req.payment.amount();
        _move(c, c.req.callback.hasFlag(FLAG_STORE_RESULT) ? RequestStatus.Fulfilled : RequestStatus.None);
        ++c.settlements;
        c.beneficiary = beneficiary;
        c.toRoyalties = c.priced ? PRICE : 0;
        c.toFees = ((amount - c.toRoyalties) * FEE_BPS) / 10_000;
        c.toNode = amount - c.toRoyalties - c.toFees;
        if (c.signed) credit[token][c.req.ticket.requester()] -= amount;
        else escrow[token] -= amount;
        credit[token][beneficiary] += c.toNode;
        credit[token][FEES] += c.toFees;
        credit[token][ROYALTIES] += c.toRoyalties;
        _bookCallback(c);
        if (before.length == 0) return;
        uint256 out = _sum(_credits(token)) - _sum(before);
        _hold(out == (c.signed ? 0 : amount), 2, "what came in did not go out whole");
        _hold(creditOf(token, beneficiary) == credit[token][beneficiary], 15, "the beneficiary got something else");
    }

    /// @dev The mark that the callback of a settled request leaves, foretold by the target's mood.
    function _bookCallback(Case storage c) internal {
        address target = c.req.callback.target();
        if (target == NATIVE) return;
        if (_wouldTake(target)) {
            ++c.heard;
        } else {
            c.status = RequestStatus.CallbackFailed;
        }
        if (target == address(moody) && moody.mood() == Mood.Reenter) {
            for (uint256 i = 0; i < 4; ++i) _hold(!moody.outcomes(i), 20, "a re-entry had its way");
        }
    }

    function _wouldTake(address target) internal view returns (bool) {
        if (target == UNBORN) return false;
        if (target == address(probe)) return true;
        Mood mood = moody.mood();
        return mood != Mood.Revert && mood != Mood.RevertBomb && mood != Mood.BurnGas;
    }

    /// @dev INV-3: the only ways there are.
    function _move(Case storage c, RequestStatus to) internal {
        bool allowed = c.status == RequestStatus.Pending && to != RequestStatus.Pending;
        if (c.status == RequestStatus.CallbackFailed) {
            allowed = to == RequestStatus.None || to == RequestStatus.Fulfilled;
        }
        _hold(allowed, 3, "a way that is not on the map");
        c.status = to;
    }

    function _useNonce(address account, address token, uint256 nonce) internal {
        _hold(!gone[account][token][nonce], 13, "a nonce was used twice");
        gone[account][token][nonce] = true;
        while (gone[account][token][base[account][token]]) ++base[account][token];
    }

    function _isPriced(Request memory req) internal pure returns (bool) {
        return req.callback.hasFlag(FLAG_PRICED);
    }

    function _sum(uint256[] memory amounts) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < amounts.length; ++i) sum += amounts[i];
    }

    function _pick(address[] storage list, uint256 seed) internal view returns (address) {
        return list[seed % list.length];
    }

    function _isVerdictGood() internal view returns (bool) {
        return wallet.verdict() == Verdict.Approved;
    }
}
