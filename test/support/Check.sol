// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Assertions that say what they are about, for tests without a library.
library Check {
    /// @notice Thrown when a check fails.
    error Differs(string what, uint256 received, uint256 expected);

    function equal(uint256 received, uint256 expected, string memory what) internal pure {
        require(received == expected, Differs(what, received, expected));
    }

    function equal(bytes32 received, bytes32 expected, string memory what) internal pure {
        equal(uint256(received), uint256(expected), what);
    }

    function equal(address received, address expected, string memory what) internal pure {
        equal(uint256(uint160(received)), uint256(uint160(expected)), what);
    }

    function isTrue(bool received, string memory what) internal pure {
        equal(received ? 1 : 0, 1, what);
    }
}
