// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CreditLedger} from "../../inference/CreditLedger.sol";

/// @notice A ledger whose inner functions can be called.
contract LedgerHarness is CreditLedger {
    function credit(address token, address account, uint256 amount) external {
        _credit(token, account, amount);
    }

    function debit(address token, address account, uint256 amount, uint56 nonce) external {
        _debit(token, account, amount, nonce);
    }
}
