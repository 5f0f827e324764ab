// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MintableToken} from "./MintableToken.sol";

/// @notice Before each transfer calls a contract of the test's choice, as tokens with hooks do, and passes on its error.
contract HookToken is MintableToken {
    address private _hook;
    bytes private _data;

    /// @notice Has `hook` called with `data` before every transfer from now on; zero for no call.
    function setHook(address hook, bytes calldata data) external {
        _hook = hook;
        _data = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_hook != address(0)) {
            (bool ok, bytes memory answer) = _hook.call(_data);
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
        }
        super._update(from, to, value);
    }
}
