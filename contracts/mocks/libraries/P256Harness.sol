// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256Verify} from "../../libraries/crypto/P256Verify.sol";

/// @notice Opens `P256Verify` to tests.
contract P256Harness {
    /// @notice Whether each of `cases`, five words each, is a signature: hash, r, s, x, y.
    function verifyAll(bytes32[5][] calldata cases) external view returns (bool[] memory answers) {
        answers = new bool[](cases.length);
        for (uint256 i = 0; i < cases.length; ++i) {
            bytes32[5] calldata c = cases[i];
            answers[i] = P256Verify.verify(c[0], c[1], c[2], c[3], c[4]);
        }
    }

    /// @notice Whether the chain has the precompile.
    function hasPrecompile() external view returns (bool) {
        return P256Verify.hasPrecompile();
    }
}
