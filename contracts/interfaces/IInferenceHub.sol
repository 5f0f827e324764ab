// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId, RequestId, VersionId} from "../types/Ids.sol";
import {ProofPolicy} from "../types/ProofPolicy.sol";
import {Order, Request} from "../types/Request.sol";
import {Callback, Payment, Ticket} from "../types/Words.sol";
import {ICreditLedger} from "./ICreditLedger.sol";
import {VersionStatus} from "./IModelRegistry.sol";
import {IProofRouter} from "./IProofRouter.sol";

/// @notice Where a request stands. `None`: never made here, or settled without a stored result (see the events).
enum RequestStatus {
    None,
    Pending,
    Expired,
    Fulfilled,
    CallbackFailed,
    Reclaimed
}

/// @notice One answer of a batch.
/// @param request The request, as its `Requested` event gives it.
/// @param output Canonical output bytes.
/// @param beneficiary Account that is paid; the evidence binds it.
/// @param evidence One item for each selector of `request.proofs`, in that order.
struct Fulfilment {
    Request request;
    bytes output;
    address beneficiary;
    bytes[] evidence;
}

/// @notice Takes requests with their payment, settles answers whose evidence holds, and gives the money back otherwise.
/// @dev Not checked here: what the evidence of a kind does not show (see each adapter), that an input is sensible for
/// its model, that anybody will answer. All payouts are credits, to be withdrawn.
interface IInferenceHub is ICreditLedger, IProofRouter {
    /// @notice Emitted when a request is made. The `Request` is these fields and `keccak256(input)`.
    event Requested(
        RequestId indexed id,
        address indexed requester,
        VersionId indexed version,
        bytes32 paramsHash,
        ProofPolicy proofs,
        PolicyId enclavePolicy,
        Payment payment,
        Callback callback,
        Ticket ticket,
        bytes input
    );

    /// @notice Emitted when an answer was accepted and paid.
    event Fulfilled(RequestId indexed id, address indexed beneficiary, bytes output);

    /// @notice Emitted beside `Fulfilled` when the request was signed off chain.
    event SignedRequestSettled(RequestId indexed id, address indexed requester, VersionId indexed version);

    /// @notice Emitted when the callback of a settled request did not succeed; its target may retry.
    event CallbackFailed(RequestId indexed id, address indexed target);

    /// @notice Emitted when a retried callback succeeded.
    event CallbackDelivered(RequestId indexed id, address indexed target);

    /// @notice Emitted when an expired request's payment went back to its requester.
    event Reclaimed(RequestId indexed id, address indexed requester);

    /// @notice Emitted for an item of a batch that was refused; `reason` is its error, cut at 256 bytes.
    event FulfilmentRefused(uint256 indexed index, RequestId indexed id, bytes reason);

    error VersionNotActive(VersionId version, VersionStatus status);
    /// @notice Thrown when a request asks for a kind of proof that the version's owner does not accept.
    error KindsNotAccepted(uint16 asked, uint16 accepted);
    error ProofPolicyInvalid(ProofPolicy proofs);
    /// @notice Thrown when TEE evidence is asked for without an enclave policy, or a policy is named without it.
    error EnclavePolicyInvalid(PolicyId enclavePolicy, ProofPolicy proofs);
    error DeadlineInvalid(uint40 deadline, uint256 earliest, uint256 latest);
    error CallbackInvalid(Callback callback);
    error PayloadTooLong(uint256 received, uint256 limit);
    error PriceNotMet(Payment payment, Payment price);
    /// @notice Thrown when the same request was already made in this second; choose another salt.
    error RequestExists(RequestId id);
    /// @notice Thrown when no open request has these terms: a field differs, it was settled, or was never made here.
    error RequestNotPending(RequestId id, RequestStatus status);
    error RequestExpired(RequestId id, uint40 deadline);
    error RequestNotExpired(RequestId id, uint40 deadline);
    /// @notice Thrown when an answer comes in the very second of its request; send it again in the next.
    error TooEarly(RequestId id);
    error BeneficiaryZero();
    error RequesterSignatureInvalid(address requester);
    error NotCallbackTarget(RequestId id, address caller, address target);
    error OutputMismatch(RequestId id);
    error RetriesExhausted(RequestId id);
    /// @notice Thrown when the transaction's gas would not leave the callback what the request promised it.
    error GasTooLow(uint256 available, uint256 needed);
    error OnlySelf();
    error FeeTooHigh(uint256 received, uint256 limit);
    error UnbondingDelayTooShort(uint256 received, uint256 least);

    /// @notice Makes a request and takes its payment into escrow. Native payment comes as the exact `msg.value`.
    /// @param order Terms of the request.
    /// @param input Canonical input bytes, at most MAX_PAYLOAD_BYTES; published in the event.
    function request(Order calldata order, bytes calldata input) external payable returns (RequestId);

    /// @notice `request`, after an ERC-2612 permit over the payment. A permit that was already used is no error.
    function requestWithPermit(
        Order calldata order,
        bytes calldata input,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (RequestId);

    /// @notice Settles a request with an answer and its evidence. Anyone may send it; the evidence names who is paid.
    function fulfil(
        Request calldata req,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) external returns (RequestId);

    /// @notice Settles many; an item that is refused changes nothing and does not stop the others.
    /// @return settled Whether each item was settled.
    function fulfilBatch(Fulfilment[] calldata items) external returns (bool[] memory settled);

    /// @notice Settles a request that its requester signed off chain, paid from his credit, in one transaction.
    /// @param req `ticket` carries requester, deadline and a nonce at most 103 past the lowest unused one.
    /// @param requesterSignature EIP-712 `SignedRequest` by an account or an ERC-1271 contract.
    function settleSigned(
        Request calldata req,
        bytes calldata requesterSignature,
        bytes calldata output,
        address beneficiary,
        bytes[] calldata evidence
    ) external returns (RequestId);

    /// @notice Gives an expired request's payment back to its requester, as credit. Anyone; nothing can block it.
    function reclaim(Request calldata req) external returns (RequestId);

    /// @notice Calls back again after a failed callback. Callback target or requester only; at most 16 times.
    function retryCallback(Request calldata req, bytes calldata output) external returns (RequestId);

    /// @notice Where a request stands.
    function status(RequestId id) external view returns (RequestStatus);

    /// @notice First 24 bytes of the keccak-256 of the accepted output, zero unless the request set FLAG_STORE_RESULT (or
    /// its callback failed) and was fulfilled.
    function resultOf(RequestId id) external view returns (bytes24);

    /// @notice In words, what a request waits for and who can do what about it.
    function whyStuck(RequestId id) external view returns (string memory);

    /// @notice Id of a request made on chain.
    function requestIdOf(Request calldata req) external view returns (RequestId);

    /// @notice Id of a request signed off chain; the digest that its requester signs.
    function signedRequestIdOf(Request calldata req) external view returns (RequestId);

    /// @notice Protocol's share of a payment, in 1/10,000.
    function FEE_BPS() external view returns (uint16);

    /// @notice Account whose credit the protocol's share goes to.
    function FEE_RECIPIENT() external view returns (address);
}
