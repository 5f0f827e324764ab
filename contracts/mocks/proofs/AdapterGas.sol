// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../../interfaces/IProofAdapter.sol";

/// @notice Measures what an adapter's check costs its caller.
contract AdapterGas {
    /// @notice Gas of a call of `adapter` with `data`, an encoded call of `verify`: its slots are cold, and its account is
    /// not, as under a hub, whose own figure has the account in it.
    function measure(IProofAdapter adapter, bytes calldata data) external view returns (uint256 spent) {
        // Makes the account warm.
        require(address(adapter).code.length != 0);
        bytes memory copy = data;
        bytes32 magic;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            spent := gas()
            pop(staticcall(gas(), adapter, add(copy, 0x20), mload(copy), 0x00, 0x20))
            spent := sub(spent, gas())
            magic := mload(0x00)
        }
        require(magic == bytes32(IProofAdapter.verify.selector));
    }
}
