// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceConsumer} from "../interfaces/IInferenceConsumer.sol";
import {IInferenceHub} from "../interfaces/IInferenceHub.sol";
import {PolicyId, RequestId, VersionId} from "../types/Ids.sol";
import {ProofPolicy} from "../types/ProofPolicy.sol";
import {Order, Request} from "../types/Request.sol";
import {toCallback, toPayment} from "../types/Words.sol";

/// @notice Base of contracts that ask models: sends requests with a callback to itself and takes only the hub's word.
/// @dev Not checked here: that a request is answered at all (`reclaim` on the hub after the deadline gives the payment
/// back as this contract's credit; `_withdrawCredit` takes it out), and what the proof kinds you ask for do not show.
abstract contract InferenceConsumer is IInferenceConsumer {
    /// @notice The only contract whose answers count.
    IInferenceHub public immutable HUB;

    /// @notice Thrown when anyone but the hub brings an answer.
    error NotHub(address caller);
    /// @notice Thrown when the hub brings an answer to a request this contract did not make or no longer waits for.
    error RequestNotMine(RequestId id);
    /// @notice Thrown when an answer that is delivered again is refused again; the attempt leaves no trace.
    error AnswerRefusedAgain(RequestId id);

    mapping(RequestId id => bool open) private _open;

    constructor(IInferenceHub hub) {
        HUB = hub;
    }

    /// @notice What a request asks for.
    /// @param callbackGas Gas that `_onAnswer` gets, its storage bookkeeping (about 6,000) included.
    struct Ask {
        VersionId version;
        ProofPolicy proofs;
        PolicyId enclavePolicy;
        bytes32 paramsHash;
        uint40 deadline;
        uint32 callbackGas;
        uint96 amount;
    }

    /// @inheritdoc IInferenceConsumer
    function onInference(RequestId id, VersionId version, bytes calldata output) external {
        require(msg.sender == address(HUB), NotHub(msg.sender));
        require(_open[id], RequestNotMine(id));
        delete _open[id];
        _onAnswer(id, version, output);
    }

    /// @dev Takes an accepted answer. May revert: the settlement stands, and `_redeliver` can try again.
    function _onAnswer(RequestId id, VersionId version, bytes calldata output) internal virtual;

    /// @dev Sends a request paid in the chain's coin out of this contract's balance. `salt` tells equal requests of one
    /// second apart.
    function _ask(Ask memory ask, bytes memory input, uint16 salt) internal returns (RequestId id) {
        Order memory order = Order({
            version: ask.version,
            paramsHash: ask.paramsHash,
            proofs: ask.proofs,
            enclavePolicy: ask.enclavePolicy,
            payment: toPayment(address(0), ask.amount),
            callback: toCallback(address(this), ask.callbackGas, 0),
            deadline: ask.deadline,
            salt: salt
        });
        id = HUB.request{value: ask.amount}(order, input);
        _open[id] = true;
    }

    /// @dev Has the hub deliver an accepted answer again that `_onAnswer` refused. Open it to anyone: it delivers or
    /// reverts, so nobody can use up the hub's 16 tries.
    function _redeliver(Request calldata req, bytes calldata output) internal returns (RequestId id) {
        id = HUB.retryCallback(req, output);
        require(!_open[id], AnswerRefusedAgain(id));
    }

    /// @dev Takes this contract's credit of `token` out of the hub, for example after `reclaim`.
    function _withdrawCredit(address token, address to) internal returns (uint96 balance) {
        (balance, , ) = HUB.creditOf(token, address(this));
        if (balance != 0) HUB.withdraw(token, to, balance);
    }
}
