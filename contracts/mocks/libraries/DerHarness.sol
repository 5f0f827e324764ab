// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../../libraries/Der.sol";

/// @notice Opens `Der` to tests.
contract DerHarness {
    /// @notice Each of `times` read as a whole.
    function readTimes(bytes[] calldata times) external pure returns (uint64[] memory values) {
        values = new uint64[](times.length);
        for (uint256 i = 0; i < times.length; ++i) {
            uint256 next;
            (values[i], next) = Der.readTime(times[i], 0, times[i].length);
            Der.close(next, times[i].length);
        }
    }

    /// @notice An INTEGER read as a whole.
    function readUint(bytes calldata der) external pure returns (uint256 value) {
        uint256 next;
        (value, next) = Der.readUint(der, 0, der.length);
        Der.close(next, der.length);
    }

    /// @notice The contents of an element read as a whole.
    function open(bytes calldata der, uint8 tag) external pure returns (bytes memory) {
        (uint256 start, uint256 next) = Der.open(der, 0, der.length, tag);
        Der.close(next, der.length);
        return der[start:next];
    }
}
