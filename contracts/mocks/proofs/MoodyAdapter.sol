// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../../interfaces/IProofAdapter.sol";
import {ProofSelector} from "../../types/ProofPolicy.sol";
import {Statement} from "../../types/Statement.sol";

/// @notice How a `MoodyAdapter` answers.
enum Answer {
    Yes,
    LongYes,
    RevertSilently,
    RevertWithReason,
    RevertBomb,
    Nothing,
    Short,
    WrongMagic,
    DirtyMagic,
    BurnGas,
    Bomb
}

/// @notice An adapter that answers as told, whatever the evidence says. `RevertWithReason` tells what it was asked.
contract MoodyAdapter is IProofAdapter {
    uint256 private constant BOMB_BYTES = 1 << 20;
    ProofSelector private immutable _SELECTOR;

    Answer public answer;

    error Asked(bytes32 question);

    constructor(ProofSelector selector_) {
        _SELECTOR = selector_;
    }

    /// @notice Sets the answer from now on.
    function setAnswer(Answer answer_) external {
        answer = answer_;
    }

    /// @inheritdoc IProofAdapter
    function selector() external view returns (ProofSelector) {
        return _SELECTOR;
    }

    /// @inheritdoc IProofAdapter
    function verify(
        Statement calldata statement,
        bytes calldata output,
        bytes calldata evidence
    ) external view returns (bytes4) {
        Answer now_ = answer;
        if (now_ == Answer.RevertWithReason) revert Asked(keccak256(abi.encode(statement, output, evidence)));
        if (now_ == Answer.BurnGas) {
            while (true) {}
        }
        bytes32 magic = bytes32(IProofAdapter.verify.selector);
        if (now_ == Answer.WrongMagic) magic = ~magic;
        if (now_ == Answer.DirtyMagic) magic |= bytes32(uint256(1));
        (uint256 size, bool reverts) = _sizeOf(now_);
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, magic)
            if reverts {
                revert(at, size)
            }
            return(at, size)
        }
    }

    function _sizeOf(Answer now_) private pure returns (uint256 size, bool reverts) {
        if (now_ == Answer.RevertSilently) return (0, true);
        if (now_ == Answer.RevertBomb) return (BOMB_BYTES, true);
        if (now_ == Answer.Nothing) return (0, false);
        if (now_ == Answer.Short) return (31, false);
        if (now_ == Answer.LongYes) return (64, false);
        if (now_ == Answer.Bomb) return (BOMB_BYTES, false);
        return (32, false);
    }
}
