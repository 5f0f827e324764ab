// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceHub} from "../../interfaces/IInferenceHub.sol";
import {InferenceConsumer} from "../../periphery/InferenceConsumer.sol";
import {RequestId, VersionId} from "../../types/Ids.sol";
import {Request} from "../../types/Request.sol";

/// @notice The least that can be made of `InferenceConsumer`: keeps the last answer, or refuses while it is told to.
contract PlainConsumer is InferenceConsumer {
    bool public refusing;
    RequestId public lastId;
    VersionId public lastVersion;
    bytes public lastOutput;

    error Refusing();

    constructor(IInferenceHub hub) payable InferenceConsumer(hub) {}

    receive() external payable {}

    function ask(Ask calldata what, bytes calldata input, uint16 salt) external returns (RequestId) {
        return _ask(what, input, salt);
    }

    function redeliver(Request calldata req, bytes calldata output) external {
        _redeliver(req, output);
    }

    function collect(address token, address to) external returns (uint96) {
        return _withdrawCredit(token, to);
    }

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    function _onAnswer(RequestId id, VersionId version, bytes calldata output) internal override {
        require(!refusing, Refusing());
        (lastId, lastVersion, lastOutput) = (id, version, output);
    }
}
