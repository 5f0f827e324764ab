// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {Payment, FLAG_STORE_RESULT} from "../../../contracts/types/Words.sol";
import {Request} from "../../../contracts/types/Request.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {Case} from "./HubBook.sol";
import {HubHandler} from "./HubHandler.t.sol";

/// @notice The invariants of the hub, each by its number, checked against the handler's book.
/// @dev A contract of its own, so that a test can ask it about a hub that was tampered with and expect a no.
contract HubChecks {
    uint256 private constant FEE_BPS = 250;
    uint256 private constant PRICE = 0.1 ether;
    bytes24 private constant DIGEST = bytes24(keccak256("eleven byte"));
    address private constant CLEAN = address(0xC1EA);

    HubHandler private immutable _BOOK;
    Hub private immutable _HUB;

    /// @notice Thrown when invariant number `rule` does not hold; rule 0 is that actions end as foretold.
    error Broken(uint256 rule, string what);
    /// @notice Thrown by a trial that went well, so that it leaves nothing behind.
    error Worked();

    constructor(HubHandler book) {
        _BOOK = book;
        _HUB = book.theHub();
    }

    function inv00() external view {
        _noBreach(0);
    }

    /// @notice Escrow, per token: what is held is credits, open escrow and what was forced on the hub.
    function inv01() external view {
        address[4] memory tokens = _BOOK.allTokens();
        address[] memory accounts = _BOOK.allAccounts();
        for (uint256 t = 0; t < 4; ++t) {
            (uint256 sum, uint256 forced, , ) = _BOOK.totalsOf(tokens[t]);
            for (uint256 i = 0; i < accounts.length; ++i) sum += _creditOf(tokens[t], accounts[i]);
            _require(_BOOK.held(tokens[t]) == sum + forced, 1, "held is not owed");
        }
        _noBreach(1);
    }

    /// @notice Each request: nothing out before its end, the whole of it at its end.
    function inv02() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            uint256 out = c.toNode + c.toFees + c.toRoyalties + c.refunded;
            uint256 due = c.status == RequestStatus.Pending ? 0 : c.req.payment.amount();
            _require(out == due, 2, "in is not out");
        }
        _noBreach(2);
    }

    /// @notice The hub's status is the book's, which moves on the map only.
    function inv03() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            RequestStatus expected = c.status;
            if (_isExpired(c)) expected = RequestStatus.Expired;
            _require(_HUB.status(c.id) == expected, 3, "status");
            _require(bytes(_HUB.whyStuck(c.id)).length > 20, 3, "no words for it");
        }
        _noBreach(3);
    }

    function inv04() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            _require(c.settlements + c.refunds <= 1, 4, "paid or refunded twice");
        }
    }

    /// @notice Whatever happened, anyone can reclaim each expired request now.
    function inv05() external {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            if (!_isExpired(c)) continue;
            (, bytes memory reason) = address(this).call(abi.encodeCall(this.tryReclaim, (c.req)));
            _require(bytes4(reason) == Worked.selector, 5, "cannot be reclaimed");
        }
    }

    /// @notice Each credit can be withdrawn whole now, whatever the others do.
    function inv06() external {
        address[4] memory tokens = _BOOK.allTokens();
        address[] memory accounts = _BOOK.allAccounts();
        for (uint256 t = 0; t < 4; ++t) {
            for (uint256 i = 0; i < accounts.length; ++i) {
                uint256 amount = _creditOf(tokens[t], accounts[i]);
                if (amount == 0) continue;
                (, bytes memory reason) = address(this).call(
                    abi.encodeCall(this.tryWithdraw, (tokens[t], accounts[i], uint96(amount)))
                );
                _require(bytes4(reason) == Worked.selector, 6, "cannot be withdrawn");
            }
        }
    }

    /// @notice Every credit is the book's: nothing but what was foretold changed one.
    function inv07() external view {
        address[4] memory tokens = _BOOK.allTokens();
        address[] memory accounts = _BOOK.allAccounts();
        for (uint256 t = 0; t < 4; ++t) {
            for (uint256 i = 0; i < accounts.length; ++i) {
                uint256 expected = _BOOK.booked(tokens[t], accounts[i]);
                _require(_creditOf(tokens[t], accounts[i]) == expected, 7, "credit");
            }
        }
        _noBreach(7);
    }

    /// @notice The terms are those of the request: fee and price do not change for it.
    function inv08() external view {
        _require(_HUB.FEE_BPS() == FEE_BPS, 8, "fee");
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            (Payment price, ) = _HUB.MODEL_REGISTRY().royaltyOf(c.req.version);
            _require(price.amount() == (c.priced ? PRICE : 0), 8, "price");
            if (c.settlements == 1) _require(c.toRoyalties == price.amount(), 8, "royalty");
        }
    }

    /// @notice Shares and dust: the fee is rounded down, the dust is the node's.
    function inv09() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            if (c.settlements == 0) continue;
            uint256 rest = c.req.payment.amount() - c.toRoyalties;
            _require(c.toFees == (rest * FEE_BPS) / 10_000 && c.toNode == rest - c.toFees, 9, "shares");
        }
    }

    /// @notice What a request or deposit costs is what it names, to the unit.
    function inv10() external view {
        address[4] memory tokens = _BOOK.allTokens();
        for (uint256 t = 0; t < 4; ++t) {
            (, , uint256 named, uint256 received) = _BOOK.totalsOf(tokens[t]);
            _require(named == received, 10, "charged something else");
        }
    }

    function inv11() external view {
        _noBreach(11);
    }

    /// @notice Ids are the hub's own hash of the terms, and no two requests share one.
    function inv12() external view {
        uint256 n = _BOOK.caseCount();
        bytes32[] memory ids = new bytes32[](n);
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            _require((c.signed ? _HUB.signedRequestIdOf(c.req) : _HUB.requestIdOf(c.req)) == c.id, 12, "id");
            ids[i] = keccak256(abi.encode(c.id));
            for (uint256 j = 0; j < i; ++j) _require(ids[i] != ids[j], 12, "shared");
        }
        _noBreach(12);
    }

    /// @notice A nonce that is gone stays gone: base and window are the book's, which only grows.
    function inv13() external view {
        address[4] memory tokens = _BOOK.allTokens();
        address[] memory accounts = _BOOK.allAccounts();
        for (uint256 t = 0; t < 4; ++t) {
            for (uint256 i = 0; i < 3; ++i) {
                (, uint56 base, uint104 window) = _HUB.creditOf(tokens[t], accounts[i]);
                _require(base == _BOOK.baseOf(accounts[i], tokens[t]), 13, "base");
                if (base == 0 && window == 0) continue;
                for (uint256 bit = 0; bit < 104; ++bit) {
                    bool gone = _BOOK.isGone(accounts[i], tokens[t], base + bit);
                    _require(((window >> bit) & 1 == 1) == gone, 13, "window");
                }
            }
        }
        _noBreach(13);
    }

    function inv15() external view {
        _noBreach(15);
    }

    function inv16() external view {
        _noBreach(16);
    }

    /// @notice A consumer hears a success at most once, and not of a request that is open.
    function inv19() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            _require(c.heard <= 1 && (c.heard == 0 || c.settlements == 1), 19, "heard too often or too early");
            if (c.req.callback.target() != address(_BOOK.theMoody())) continue;
            _require(_BOOK.theMoody().taken(c.id) == c.heard, 19, "heard otherwise than booked");
        }
    }

    /// @notice The mark of the callback is all that a consumer changes: the result is kept, or not, by the rule.
    function inv20() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) {
            Case memory c = _BOOK.caseAt(i);
            bool kept =
                c.status == RequestStatus.CallbackFailed ||
                    (c.settlements == 1 && c.req.callback.hasFlag(FLAG_STORE_RESULT));
            _require(_HUB.resultOf(c.id) == (kept ? DIGEST : bytes24(0)), 20, "result");
        }
        _noBreach(20);
    }

    function inv21() external view {
        _noBreach(21);
    }

    function inv22() external view {
        uint256 n = _BOOK.caseCount();
        for (uint256 i = 0; i < n; ++i) _require(_BOOK.caseAt(i).retries <= 16, 22, "too many tries");
        _noBreach(22);
    }

    function tryReclaim(Request calldata req) external {
        _HUB.reclaim(req);
        revert Worked();
    }

    function tryWithdraw(address token, address account, uint96 amount) external {
        vm.prank(account);
        _HUB.withdraw(token, CLEAN, amount);
        revert Worked();
    }

    function _isExpired(Case memory c) private view returns (bool) {
        return c.status == RequestStatus.Pending && block.timestamp > c.req.ticket.deadline();
    }

    function _creditOf(address token, address account) private view returns (uint256 amount) {
        (amount, , ) = _HUB.creditOf(token, account);
    }

    function _noBreach(uint256 rule) private view {
        string memory what = _BOOK.breachOf(rule);
        _require(bytes(what).length == 0, rule, what);
    }

    function _require(bool ok, uint256 rule, string memory what) private pure {
        require(ok, Broken(rule, what));
    }
}
