// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IInferenceHub} from "../../contracts/interfaces/IInferenceHub.sol";
import {InferenceConsumer} from "../../contracts/periphery/InferenceConsumer.sol";
import {TensorLib} from "../../contracts/periphery/TensorLib.sol";
import {PolicyId, RequestId, VersionId} from "../../contracts/types/Ids.sol";
import {ProofPolicy} from "../../contracts/types/ProofPolicy.sol";
import {Request} from "../../contracts/types/Request.sol";

/// @notice Pays for handwritten digits: whoever hands in an image gets the digit that the model read, times the unit.
/// @dev An example for integrators: choose the proofs you need, ask, and act in `_onAnswer`. It trusts the model version
/// it was built with to read well; the proofs show only that this version did the reading.
contract DigitBounty is InferenceConsumer {
    using TensorLib for bytes;

    /// @notice Model version that reads.
    VersionId public immutable VERSION;
    /// @notice Evidence that every reading must carry.
    ProofPolicy public immutable PROOFS;
    /// @notice Measurement policy for TEE evidence, zero without it.
    PolicyId public immutable ENCLAVE_POLICY;
    /// @notice Bounty of the digit 1, in wei.
    uint96 public immutable UNIT;
    /// @notice Payment to the node for each reading, in wei.
    uint96 public immutable READING_FEE;

    uint32 private constant CALLBACK_GAS = 120_000;
    uint40 private constant PATIENCE = 1 hours;

    /// @notice Who handed in the image of a request that is still open.
    mapping(RequestId id => address author) public authorOf;
    /// @notice What an author can withdraw, in wei.
    mapping(address author => uint256 amount) public bountyOf;
    /// @notice Sum of `bountyOf`; the rest of the balance is free to pay for readings and bounties.
    uint256 public owed;

    event ImageHandedIn(RequestId indexed id, address indexed author);
    event DigitRead(RequestId indexed id, address indexed author, uint256 digit, uint256 bounty);
    event BountyPaid(address indexed author, uint256 amount);

    error FundsTooLow(uint256 free, uint256 needed);
    error NothingToWithdraw(address author);
    error TransferFailed(address author, uint256 amount);

    constructor(
        IInferenceHub hub,
        VersionId version,
        ProofPolicy proofs,
        PolicyId enclavePolicy,
        uint96 unit,
        uint96 readingFee
    ) payable InferenceConsumer(hub) {
        VERSION = version;
        PROOFS = proofs;
        ENCLAVE_POLICY = enclavePolicy;
        UNIT = unit;
        READING_FEE = readingFee;
    }

    /// @notice Takes more funds.
    receive() external payable {}

    /// @notice Hands in an image, as the model's canonical input tensor.
    function handIn(bytes calldata image, uint16 salt) external returns (RequestId id) {
        uint256 free = address(this).balance - owed;
        require(free >= READING_FEE, FundsTooLow(free, READING_FEE));
        id = _ask(
            Ask({
                version: VERSION,
                proofs: PROOFS,
                enclavePolicy: ENCLAVE_POLICY,
                paramsHash: 0,
                deadline: uint40(block.timestamp) + PATIENCE,
                callbackGas: CALLBACK_GAS,
                amount: READING_FEE
            }),
            image,
            salt
        );
        authorOf[id] = msg.sender;
        emit ImageHandedIn(id, msg.sender);
    }

    /// @notice Pays the caller's bounties out.
    function withdraw() external {
        uint256 amount = bountyOf[msg.sender];
        require(amount != 0, NothingToWithdraw(msg.sender));
        delete bountyOf[msg.sender];
        owed -= amount;
        emit BountyPaid(msg.sender, amount);
        (bool ok, ) = msg.sender.call{value: amount}("");
        require(ok, TransferFailed(msg.sender, amount));
    }

    /// @notice Has a reading delivered again that came while funds were short. Anyone; reverts while they still are.
    function redeliver(Request calldata req, bytes calldata output) external {
        _redeliver(req, output);
    }

    /// @notice Takes back what the hub owes this contract for readings that nobody answered.
    function recover() external {
        _withdrawCredit(address(0), address(this));
    }

    /// @dev Reverts while funds are short, so that the answer can be delivered again after a top-up.
    function _onAnswer(RequestId id, VersionId, bytes calldata output) internal override {
        uint256 digit = output.uintAt(0);
        uint256 bounty = digit * UNIT;
        uint256 free = address(this).balance - owed;
        require(free >= bounty, FundsTooLow(free, bounty));
        address author = authorOf[id];
        delete authorOf[id];
        bountyOf[author] += bounty;
        owed += bounty;
        emit DigitRead(id, author, digit, bounty);
    }
}
