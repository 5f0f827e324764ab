// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MintableToken} from "./MintableToken.sol";

/// @notice Moves nothing when asked to, and answers what it was told to answer.
contract MuteToken is MintableToken {
    bool private immutable ANSWER;

    constructor(bool answer) {
        ANSWER = answer;
    }

    function transfer(address, uint256) public view override returns (bool) {
        return ANSWER;
    }

    function transferFrom(address, address, uint256) public view override returns (bool) {
        return ANSWER;
    }
}
