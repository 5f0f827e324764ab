// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pem} from "../../libraries/intel/Pem.sol";
import {TcbMatch} from "../../libraries/intel/TcbMatch.sol";

/// @notice Opens `Pem`, and the comparison in `TcbMatch`, to tests.
contract IntelHarness {
    /// @notice The PEM text of each of `all`.
    function encode(bytes[] calldata all) external pure returns (string[] memory texts) {
        texts = new string[](all.length);
        for (uint256 i = 0; i < all.length; ++i) texts[i] = string(Pem.encode(all[i]));
    }

    /// @notice Whether each byte of `a` is at least that of `b`.
    function reaches(bytes16[] calldata a, bytes16[] calldata b) external pure returns (bool[] memory answers) {
        answers = new bool[](a.length);
        for (uint256 i = 0; i < a.length; ++i) answers[i] = TcbMatch.reaches(a[i], b[i]);
    }
}
