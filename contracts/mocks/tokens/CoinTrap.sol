// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice On receiving coin makes a call of the test's choice, and passes on its error; without one it refuses coin.
contract CoinTrap {
    address private _target;
    bytes private _data;

    error CoinRefused();

    /// @notice Sets the call to make on receiving coin; zero for refusing it.
    function setCall(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    /// @notice Calls `target` as this contract, sending along the value it got.
    function forward(address target, bytes calldata data) external payable returns (bytes memory) {
        return _call(target, data, msg.value);
    }

    receive() external payable {
        require(_target != address(0), CoinRefused());
        _call(_target, _data, 0);
    }

    function _call(address target, bytes memory data, uint256 value) private returns (bytes memory answer) {
        bool ok;
        (ok, answer) = target.call{value: value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
