// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Answers each function selector with bytes that a test chose, and reverts on every other call.
contract RawAnswerer {
    mapping(bytes4 question => bytes answer) private _answers;
    mapping(bytes4 question => bool known) private _known;

    error Unanswered(bytes4 question);

    /// @notice Has calls of `question` answered with exactly `answer`, whatever its length.
    function setAnswer(bytes4 question, bytes calldata answer) external {
        _answers[question] = answer;
        _known[question] = true;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        require(_known[msg.sig], Unanswered(msg.sig));
        return _answers[msg.sig];
    }
}
