// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceConsumer} from "../../interfaces/IInferenceConsumer.sol";
import {RequestId, VersionId} from "../../types/Ids.sol";

/// @notice What a `MoodyConsumer` does with an answer.
enum Mood {
    Accept,
    Revert,
    RevertBomb,
    BurnGas,
    ReturnBomb,
    SelfDestruct,
    Reenter
}

/// @notice A consumer that takes answers as told: gladly, not at all, or with every trick a callback has.
contract MoodyConsumer is IInferenceConsumer {
    uint256 private constant BOMB_BYTES = 1 << 20;

    Mood public mood;
    /// @notice How often each answer was taken; a call that reverted leaves no trace.
    mapping(RequestId id => uint256 times) public taken;
    /// @notice Keccak-256 of the output last taken.
    bytes32 public lastOutput;
    VersionId public lastVersion;
    address public lastCaller;

    address private _target;
    bytes[] private _calls;
    /// @notice Whether each call of the last re-entry succeeded.
    bool[] public outcomes;

    error Grumpy(RequestId id);

    receive() external payable {}

    /// @notice Sets what to do from now on.
    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @notice Sets the calls to make in the mood `Reenter`.
    function setCalls(address target, bytes[] calldata calls) external {
        _target = target;
        delete _calls;
        for (uint256 i = 0; i < calls.length; ++i) _calls.push(calls[i]);
    }

    /// @notice Calls `target` as this contract, passing on its error.
    function forward(address target, bytes calldata data) external payable returns (bytes memory) {
        (bool ok, bytes memory answer) = target.call{value: msg.value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }

    /// @inheritdoc IInferenceConsumer
    function onInference(RequestId id, VersionId version, bytes calldata output) external {
        Mood now_ = mood;
        if (now_ == Mood.Revert) revert Grumpy(id);
        if (now_ == Mood.BurnGas) {
            while (true) {}
        }
        if (now_ == Mood.RevertBomb) {
            assembly ("memory-safe") {
                revert(mload(0x40), BOMB_BYTES)
            }
        }
        ++taken[id];
        lastOutput = keccak256(output);
        lastVersion = version;
        lastCaller = msg.sender;
        if (now_ == Mood.ReturnBomb) {
            assembly ("memory-safe") {
                return(mload(0x40), BOMB_BYTES)
            }
        }
        if (now_ == Mood.SelfDestruct) selfdestruct(payable(msg.sender));
        if (now_ == Mood.Reenter) _reenter();
    }

    function _reenter() private {
        delete outcomes;
        for (uint256 i = 0; i < _calls.length; ++i) {
            (bool ok, ) = _target.call(_calls[i]);
            outcomes.push(ok);
        }
    }
}
