// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Fulfilment, IInferenceHub, RequestStatus} from "../interfaces/IInferenceHub.sol";
import {IModelRegistry, VersionStatus} from "../interfaces/IModelRegistry.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {ConsumerCall} from "../libraries/ConsumerCall.sol";
import {RequesterSignature} from "../libraries/RequesterSignature.sol";
import {RequestCodec} from "../libraries/RequestCodec.sol";
import {RequestSlot, pendingSlot, reclaimedSlot, settledSlot} from "../libraries/RequestSlot.sol";
import {StuckReason} from "../libraries/StuckReason.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {VersionTerms} from "../libraries/VersionTerms.sol";
import {ProofRouter} from "../registry/ProofRouter.sol";
import {PolicyId, RequestId, VersionId} from "../types/Ids.sol";
import {MAX_CALLBACK_GAS, MAX_CHALLENGE_WINDOW, MAX_PAYLOAD_BYTES, MAX_REQUEST_LIFETIME} from "../types/Limits.sol";
import {ProofKind, ProofPolicy} from "../types/ProofPolicy.sol";
import {Order, Request} from "../types/Request.sol";
import {Callback, FLAG_PRICED, FLAG_STORE_RESULT, Payment, Ticket, toTicket} from "../types/Words.sol";
import {CreditLedger} from "./CreditLedger.sol";

/// @notice Takes requests with their payment, settles answers whose evidence holds, and gives the money back otherwise.
/// @dev Immutable terms: fee, registry and limits cannot change, so no open request can be changed from outside.
contract InferenceHub is IInferenceHub, ProofRouter, CreditLedger, EIP712, IERC165 {
    /// @dev A struct, so that a function hashes its way to the slot once.
    struct Entry {
        RequestSlot slot;
    }

    uint16 private constant MAX_FEE_BPS = 1_000;
    uint8 private constant MAX_RETRIES = 16;
    uint256 private constant TEE_BIT = 1 << uint256(ProofKind.Tee);
    uint256 private constant MAX_REFUSAL_BYTES = 256;

    /// @notice Registry of the versions that can be asked.
    IModelRegistry public immutable MODEL_REGISTRY;
    /// @inheritdoc IInferenceHub
    uint16 public immutable FEE_BPS;
    /// @inheritdoc IInferenceHub
    address public immutable FEE_RECIPIENT;

    /// @dev INV-3: zero -> Pending -> zero, Fulfilled, CallbackFailed or Reclaimed; CallbackFailed -> zero or Fulfilled.
    /// INV-12: an id holds its time of creation; only `request` in that very second writes Pending, and no settling is
    /// allowed before the next, so an id that was cleared can never be opened again.
    mapping(RequestId id => Entry entry) private _requests;

    /// @notice Fixes the registries, the fee and the first adapters for ever.
    /// @param owner Adds and retires adapters; can do nothing else.
    /// @param modelRegistry Registry of versions.
    /// @param nodeRegistry Only checked: its bonds must outlast every deadline and window.
    /// @param feeBps Fee on what nodes get, in basis points, at most 1,000.
    /// @param feeRecipient Who gets it; may be zero only when there is no fee.
    /// @param adapters First entries of the router.
    constructor(
        address owner,
        IModelRegistry modelRegistry,
        INodeRegistry nodeRegistry,
        uint16 feeBps,
        address feeRecipient,
        IProofAdapter[] memory adapters
    ) ProofRouter(owner, adapters) EIP712("Assay", "1") {
        require(address(modelRegistry) != address(0), ZeroAddress("modelRegistry"));
        require(feeBps <= MAX_FEE_BPS, FeeTooHigh(feeBps, MAX_FEE_BPS));
        require(feeBps == 0 || feeRecipient != address(0), ZeroAddress("feeRecipient"));
        uint256 least = MAX_REQUEST_LIFETIME + MAX_CHALLENGE_WINDOW;
        uint256 delay = nodeRegistry.UNBONDING_DELAY();
        require(delay > least, UnbondingDelayTooShort(delay, least));
        MODEL_REGISTRY = modelRegistry;
        FEE_BPS = feeBps;
        FEE_RECIPIENT = feeRecipient;
    }

    /// @inheritdoc IInferenceHub
    function request(Order calldata order, bytes calldata input) external payable returns (RequestId) {
        return _request(order, input);
    }

    /// @inheritdoc IInferenceHub
    function requestWithPermit(
        Order calldata order,
        bytes calldata input,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (RequestId) {
        IERC20Permit token = IERC20Permit(order.payment.token());
        // Whoever saw the permit may have sent it first; the transfer below then finds the allowance all the same.
        try token.permit(msg.sender, address(this), order.payment.amount(), permitDeadline, v, r, s) {} catch {}
        return _request(order, input);
    }

    /// @inheritdoc IInferenceHub
    function fulfil(
        Request calldata req,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) external returns (RequestId id) {
        return _fulfil(req, output, beneficiary, evidence);
    }

    /// @inheritdoc IInferenceHub
    function fulfilBatch(Fulfilment[] calldata items) external returns (bool[] memory settled) {
        settled = new bool[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            try this.fulfilItem(items[i]) {
                settled[i] = true;
            } catch (bytes memory reason) {
                assembly ("memory-safe") {
                    if gt(mload(reason), MAX_REFUSAL_BYTES) {
                        mstore(reason, MAX_REFUSAL_BYTES)
                    }
                }
                emit FulfilmentRefused(i, requestIdOf(items[i].request), reason);
            }
        }
    }

    /// @notice One item of a batch, in a call of its own so that it can fail alone. Only the hub calls it.
    function fulfilItem(Fulfilment calldata item) external {
        require(msg.sender == address(this), OnlySelf());
        _fulfil(item.request, item.output, item.beneficiary, item.evidence);
    }

    /// @inheritdoc IInferenceHub
    function settleSigned(
        Request calldata req,
        bytes calldata requesterSignature,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) external returns (RequestId id) {
        id = signedRequestIdOf(req);
        address requester = req.ticket.requester();
        require(block.timestamp <= req.ticket.deadline(), RequestExpired(id, req.ticket.deadline()));
        bool priced = _requireTerms(req.version, req.proofs, req.enclavePolicy, req.payment, req.callback);
        require(
            RequesterSignature.isValid(requester, RequestId.unwrap(id), requesterSignature),
            RequesterSignatureInvalid(requester)
        );
        bytes32 outputHash = _requireAnswer(id, req, output, beneficiary, evidence);

        _debit(req.payment.token(), requester, req.payment.amount(), req.ticket.stamp());
        if (req.callback.hasFlag(FLAG_STORE_RESULT)) {
            _requests[id].slot = settledSlot(RequestStatus.Fulfilled, outputHash);
        }
        _pay(req, beneficiary, priced);
        emit SignedRequestSettled(id, requester, req.version);
        emit Fulfilled(id, beneficiary, output);
        _callBack(id, req, output, outputHash);
    }

    /// @inheritdoc IInferenceHub
    function reclaim(Request calldata req) external returns (RequestId id) {
        id = requestIdOf(req);
        Entry storage entry = _requests[id];
        RequestSlot slot = entry.slot;
        require(slot.isPending(), RequestNotPending(id, slot.storedStatus()));
        uint40 deadline = req.ticket.deadline();
        require(block.timestamp > deadline, RequestNotExpired(id, deadline));
        entry.slot = reclaimedSlot();
        address requester = req.ticket.requester();
        _credit(req.payment.token(), requester, req.payment.amount());
        emit Reclaimed(id, requester);
    }

    /// @inheritdoc IInferenceHub
    function retryCallback(Request calldata req, bytes calldata output) external returns (RequestId id) {
        id = requestIdOf(req);
        Entry storage entry = _requests[id];
        if (entry.slot.storedStatus() == RequestStatus.None) {
            id = signedRequestIdOf(req);
            entry = _requests[id];
        }
        RequestSlot slot = entry.slot;
        require(slot.storedStatus() == RequestStatus.CallbackFailed, RequestNotPending(id, slot.storedStatus()));
        address target = req.callback.target();
        require(
            msg.sender == target || msg.sender == req.ticket.requester(),
            NotCallbackTarget(id, msg.sender, target)
        );
        bytes32 outputHash = keccak256(output);
        require(slot.outputDigest() == bytes24(outputHash), OutputMismatch(id));
        require(slot.retries() < MAX_RETRIES, RetriesExhausted(id));

        // Settled as delivered first, so that a consumer that calls back in here finds nothing to retry.
        entry.slot =
            req.callback.hasFlag(FLAG_STORE_RESULT)
                ? settledSlot(RequestStatus.Fulfilled, outputHash)
                : RequestSlot.wrap(0);
        if (ConsumerCall.deliver(target, req.callback.gasLimit(), id, req.version, output)) {
            emit CallbackDelivered(id, target);
        } else {
            entry.slot = slot.withRetry();
            emit CallbackFailed(id, target);
        }
    }

    /// @inheritdoc IInferenceHub
    function status(RequestId id) public view returns (RequestStatus) {
        RequestSlot slot = _requests[id].slot;
        if (slot.isPending() && block.timestamp > slot.slotDeadline()) return RequestStatus.Expired;
        return slot.storedStatus();
    }

    /// @inheritdoc IInferenceHub
    function resultOf(RequestId id) external view returns (bytes24) {
        RequestSlot slot = _requests[id].slot;
        RequestStatus stored = slot.storedStatus();
        bool settled = stored == RequestStatus.Fulfilled || stored == RequestStatus.CallbackFailed;
        return settled ? slot.outputDigest() : bytes24(0);
    }

    /// @inheritdoc IInferenceHub
    function whyStuck(RequestId id) external view returns (string memory) {
        RequestSlot slot = _requests[id].slot;
        RequestStatus current = status(id);
        if (current == RequestStatus.CallbackFailed) {
            return StuckReason.callbackFailed(slot.retries(), MAX_RETRIES);
        }
        if (current != RequestStatus.Pending) return StuckReason.notWaiting(current);
        ProofPolicy proofs = slot.slotProofs();
        uint256 n = proofs.count();
        for (uint256 i = 0; i < n; ++i) {
            if (!_isRouted(proofs.at(i))) return StuckReason.adapterGone(proofs.at(i), slot.slotDeadline());
        }
        return StuckReason.waiting(proofs, slot.slotDeadline());
    }

    /// @inheritdoc IInferenceHub
    function requestIdOf(Request calldata req) public view returns (RequestId) {
        return _idFrom(TypedData.requestHashCalldata(req, TypedData.REQUEST_TYPEHASH));
    }

    /// @inheritdoc IInferenceHub
    function signedRequestIdOf(Request calldata req) public view returns (RequestId) {
        return _idFrom(TypedData.requestHashCalldata(req, TypedData.SIGNED_REQUEST_TYPEHASH));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IInferenceHub).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    function _request(Order calldata order, bytes calldata input) private returns (RequestId id) {
        require(input.length <= MAX_PAYLOAD_BYTES, PayloadTooLong(input.length, MAX_PAYLOAD_BYTES));
        uint40 deadline = order.deadline;
        ProofPolicy proofs = order.proofs;
        // A deadline at or before now wraps to more than any lifetime.
        unchecked {
            require(
                deadline - block.timestamp - 1 < MAX_REQUEST_LIFETIME,
                DeadlineInvalid(deadline, block.timestamp + 1, block.timestamp + MAX_REQUEST_LIFETIME)
            );
        }
        Callback callback = order.callback;
        if (_requireTerms(order.version, proofs, order.enclavePolicy, order.payment, callback)) {
            callback = Callback.wrap(Callback.unwrap(callback) | FLAG_PRICED);
        }
        // The time fits 40 bits until the year 36812.
        Ticket ticket = toTicket(msg.sender, deadline, (uint56(uint40(block.timestamp)) << 16) | order.salt);
        Request memory req = RequestCodec.complete(order, keccak256(input), callback, ticket);
        id = _idFrom(TypedData.requestHash(req, TypedData.REQUEST_TYPEHASH));
        Entry storage entry = _requests[id];
        require(RequestSlot.unwrap(entry.slot) == 0, RequestExists(id));
        entry.slot = pendingSlot(deadline, uint40(block.timestamp), proofs);
        RequestCodec.emitRequested(id, req, input);
        _takeIn(req.payment.token(), req.payment.amount());
    }

    function _fulfil(
        Request calldata req,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) private returns (RequestId id) {
        id = requestIdOf(req);
        Entry storage entry = _requests[id];
        RequestSlot slot = entry.slot;
        require(slot.isPending(), RequestNotPending(id, slot.storedStatus()));
        Ticket ticket = req.ticket;
        require(block.timestamp <= ticket.deadline(), RequestExpired(id, ticket.deadline()));
        require(block.timestamp > ticket.createdAt(), TooEarly(id));
        bytes32 outputHash = _requireAnswer(id, req, output, beneficiary, evidence);

        entry.slot =
            req.callback.hasFlag(FLAG_STORE_RESULT)
                ? settledSlot(RequestStatus.Fulfilled, outputHash)
                : RequestSlot.wrap(0);
        _pay(req, beneficiary, req.callback.hasFlag(FLAG_PRICED));
        emit Fulfilled(id, beneficiary, output);
        _callBack(id, req, output, outputHash);
    }

    /// @dev Reverts unless these terms can be taken now. Returns whether the version has a price.
    function _requireTerms(
        VersionId version,
        ProofPolicy proofs,
        PolicyId enclavePolicy,
        Payment payment,
        Callback callback
    ) private view returns (bool priced) {
        uint256 asked = proofs.kinds();
        require(asked != 0, ProofPolicyInvalid(proofs));
        // Without a target the only thing a callback may hold is the requester's own flag.
        require(
            Callback.unwrap(callback) <= FLAG_STORE_RESULT || _isCallbackValid(callback),
            CallbackInvalid(callback)
        );
        uint256 current;
        uint256 accepted;
        (current, accepted, priced) = VersionTerms.read(MODEL_REGISTRY, version);
        require(
            current == uint256(VersionStatus.Active) || current == uint256(VersionStatus.Deprecated),
            VersionNotActive(version, VersionStatus(current))
        );
        require(asked & ~accepted == 0, KindsNotAccepted(uint16(asked), uint16(accepted)));
        require(
            (asked & TEE_BIT != 0) == (PolicyId.unwrap(enclavePolicy) != 0),
            EnclavePolicyInvalid(enclavePolicy, proofs)
        );
        if (priced) {
            (Payment price, ) = MODEL_REGISTRY.royaltyOf(version);
            require(
                price.token() == payment.token() && price.amount() <= payment.amount(),
                PriceNotMet(payment, price)
            );
        }
    }

    /// @dev A target needs gas, and gas a target; of the flags only FLAG_STORE_RESULT is the requester's.
    function _isCallbackValid(Callback callback) private pure returns (bool) {
        return
            callback.target() != address(0) &&
            callback.gasLimit() != 0 &&
            callback.gasLimit() <= MAX_CALLBACK_GAS &&
            uint64(Callback.unwrap(callback)) <= FLAG_STORE_RESULT;
    }

    /// @dev Reverts unless the evidence shows the statement that this request, output and beneficiary make.
    function _requireAnswer(
        RequestId id,
        Request calldata req,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) private view returns (bytes32 outputHash) {
        require(output.length <= MAX_PAYLOAD_BYTES, PayloadTooLong(output.length, MAX_PAYLOAD_BYTES));
        require(beneficiary != address(0), BeneficiaryZero());
        outputHash = keccak256(output);
        _requireEvidence(req.proofs, RequestCodec.statementOf(req, id, outputHash, beneficiary), output, evidence);
    }

    /// @dev INV-2, INV-9: price + fee + rest == amount; the fee is rounded down and the rest, dust included, is the
    /// beneficiary's.
    function _pay(Request calldata req, address beneficiary, bool priced) private {
        address token = req.payment.token();
        uint256 rest = req.payment.amount();
        if (priced) {
            // A version is immutable, so this is the price that was checked when the request was taken.
            (Payment price, address receiver) = MODEL_REGISTRY.royaltyOf(req.version);
            rest -= price.amount();
            _credit(token, receiver, price.amount());
        }
        if (FEE_BPS != 0) {
            uint256 fee = (rest * FEE_BPS) / 10_000;
            rest -= fee;
            _credit(token, FEE_RECIPIENT, fee);
        }
        _credit(token, beneficiary, rest);
    }

    /// @dev Comes last: everything is settled, and whatever the consumer does changes only the callback's own mark.
    function _callBack(RequestId id, Request calldata req, bytes calldata output, bytes32 outputHash) private {
        address target = req.callback.target();
        if (target == address(0)) return;
        if (!ConsumerCall.deliver(target, req.callback.gasLimit(), id, req.version, output)) {
            _requests[id].slot = settledSlot(RequestStatus.CallbackFailed, outputHash);
            emit CallbackFailed(id, target);
        }
    }

    function _idFrom(bytes32 structHash) private view returns (RequestId) {
        return RequestId.wrap(TypedData.digest(_domainSeparatorV4(), structHash));
    }
}
