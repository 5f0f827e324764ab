// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {
    INodeRegistry,
    NodeInfo,
    NodeStatus,
    ROLE_DATA,
    ROLE_FULL,
    ROLE_GPU,
    ROLE_STORAGE
} from "../interfaces/INodeRegistry.sol";
import {SignatureAdapter} from "../proofs/SignatureAdapter.sol";
import {NodeId} from "../types/Ids.sol";
import {MAX_CHALLENGE_WINDOW, MAX_REQUEST_LIFETIME} from "../types/Limits.sol";

/// @notice Nodes, their keys and their bonds; also the adapter for the kind SIGNATURE, which its keys sign.
/// @dev The owner names slashers and can do nothing else. The bond token is trusted to move what it says it moves; one
/// that takes a fee, or says yes and moves nothing, is refused when the bond comes in.
contract NodeRegistry is INodeRegistry, SignatureAdapter, Ownable2Step, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Longest endpoint, in bytes.
    uint256 public constant MAX_ENDPOINT_BYTES = 256;

    /// @notice Longest unbonding delay, in seconds, so that no bond is locked for good.
    uint40 public constant MAX_UNBONDING_DELAY = 365 days;

    bytes32 private constant REGISTER_TYPEHASH = keccak256("RegisterNode(address operator,address payee,uint8 roles)");
    uint8 private constant ALL_ROLES = ROLE_GPU | ROLE_FULL | ROLE_DATA | ROLE_STORAGE;

    /// @dev One slot: what evidence is checked against.
    struct Signer {
        address payee;
        NodeStatus status;
        uint8 roles;
        uint40 exitAt;
    }

    struct Node {
        address operator;
        uint96 bond;
        address signer;
        string endpoint;
    }

    /// @inheritdoc INodeRegistry
    address public immutable BOND_TOKEN;
    /// @inheritdoc INodeRegistry
    uint96 public immutable MIN_BOND;
    /// @inheritdoc INodeRegistry
    uint40 public immutable UNBONDING_DELAY;

    /// @dev INV-N1: a signer that was ever registered keeps a status other than None, so it is of one node for ever:
    /// `register` refuses a signer that has one, and no one writes None.
    /// INV-N2: Active exactly when not exiting and the bond is at least MIN_BOND; `register`, `increaseBond`,
    /// `beginExit` and `slash` write it.
    mapping(address signer => Signer record) private _signers;

    /// @dev INV-1, in part: the registry holds exactly the sum of all bonds, and whatever was forced on it besides.
    /// `register` and `increaseBond` add what came in, `slash` and `completeExit` subtract what goes out.
    mapping(NodeId node => Node record) private _nodes;

    mapping(address slasher => uint40 activeAt) private _slashers;

    /// @param bondToken ERC-20 token of the bonds; zero for the chain's own coin.
    /// @param minBond Least bond of an active node, in the token's smallest unit, not zero.
    /// @param unbondingDelay Seconds from leaving to the bond's return; more than the longest life of a request and the
    /// longest challenge window together.
    /// @param owner Names slashers.
    constructor(
        address bondToken,
        uint96 minBond,
        uint40 unbondingDelay,
        address owner
    ) Ownable(owner) EIP712("Assay NodeRegistry", "1") {
        require(minBond != 0, BondTooSmall(0, 1));
        uint40 least = MAX_REQUEST_LIFETIME + MAX_CHALLENGE_WINDOW + 1;
        require(unbondingDelay >= least, UnbondingDelayTooShort(unbondingDelay, least));
        require(unbondingDelay <= MAX_UNBONDING_DELAY, UnbondingDelayTooLong(unbondingDelay, MAX_UNBONDING_DELAY));
        BOND_TOKEN = bondToken;
        MIN_BOND = minBond;
        UNBONDING_DELAY = unbondingDelay;
    }

    /// @inheritdoc INodeRegistry
    function register(
        address signer,
        address payee,
        uint8 roles,
        uint96 bond,
        string calldata endpoint,
        bytes calldata signature
    ) external payable nonReentrant returns (NodeId node) {
        require(signer != address(0), ZeroAddress("signer"));
        require(payee != address(0), ZeroAddress("payee"));
        require(roles != 0 && roles & ~ALL_ROLES == 0, RolesInvalid(roles));
        require(bond >= MIN_BOND, BondTooSmall(bond, MIN_BOND));
        _requireEndpoint(endpoint);
        require(_signers[signer].status == NodeStatus.None, SignerTaken(signer));
        _requirePossession(signer, payee, roles, signature);

        node = nodeIdOf(msg.sender, signer);
        _signers[signer] = Signer({payee: payee, status: NodeStatus.Active, roles: roles, exitAt: 0});
        _nodes[node] = Node({operator: msg.sender, bond: bond, signer: signer, endpoint: endpoint});
        emit NodeRegistered(node, msg.sender, signer, payee, roles, bond, endpoint);
        _takeBond(bond);
    }

    /// @inheritdoc INodeRegistry
    function increaseBond(NodeId node, uint96 amount) external payable nonReentrant {
        (Node storage record, Signer storage key) = _requireManaged(node);
        require(amount != 0, BondTooSmall(0, 1));
        uint96 old = record.bond;
        require(amount <= type(uint96).max - old, BondTooLarge(uint256(old) + amount, type(uint96).max));
        uint96 bond = old + amount;
        record.bond = bond;
        if (bond >= MIN_BOND) key.status = NodeStatus.Active;
        emit BondIncreased(node, amount, bond);
        _takeBond(amount);
    }

    /// @inheritdoc INodeRegistry
    function setPayee(NodeId node, address payee) external {
        (, Signer storage key) = _requireManaged(node);
        require(payee != address(0), ZeroAddress("payee"));
        key.payee = payee;
        emit PayeeChanged(node, payee);
    }

    /// @inheritdoc INodeRegistry
    function setEndpoint(NodeId node, string calldata endpoint) external {
        (Node storage record, ) = _requireManaged(node);
        _requireEndpoint(endpoint);
        record.endpoint = endpoint;
        emit EndpointChanged(node, endpoint);
    }

    /// @inheritdoc INodeRegistry
    function beginExit(NodeId node) external {
        (, Signer storage key) = _requireManaged(node);
        uint40 exitAt = _afterDelay();
        key.status = NodeStatus.Exiting;
        key.exitAt = exitAt;
        emit ExitBegun(node, exitAt);
    }

    /// @inheritdoc INodeRegistry
    function completeExit(NodeId node, address to) external nonReentrant {
        Node storage record = _requireOperator(node);
        Signer storage key = _signers[record.signer];
        require(key.status == NodeStatus.Exiting, NodeNotExiting(node, key.status));
        require(block.timestamp >= key.exitAt, ExitNotDue(node, key.exitAt));
        require(to != address(0), ZeroAddress("to"));
        uint96 amount = record.bond;
        record.bond = 0;
        key.status = NodeStatus.Exited;
        emit Exited(node, to, amount);
        _payBond(to, amount);
    }

    /// @inheritdoc INodeRegistry
    function slash(NodeId node, uint96 amount, address to) external nonReentrant {
        uint40 activeAt = _slashers[msg.sender];
        require(activeAt != 0 && block.timestamp >= activeAt, NotSlasher(msg.sender));
        require(to != address(0), ZeroAddress("to"));
        Node storage record = _requireKnown(node);
        Signer storage key = _signers[record.signer];
        uint96 bond = record.bond;
        require(amount <= bond, SlashTooLarge(node, amount, bond));
        // An exit begun before the slasher became active is out of its reach; exitAt is that time plus the delay.
        require(
            key.status != NodeStatus.Exiting || key.exitAt - UNBONDING_DELAY >= activeAt,
            ExitPrecedesSlasher(node, msg.sender, activeAt)
        );
        // amount <= bond, checked above.
        unchecked {
            bond -= amount;
        }
        record.bond = bond;
        if (key.status == NodeStatus.Active && bond < MIN_BOND) key.status = NodeStatus.Underbonded;
        emit Slashed(node, msg.sender, amount, to, key.status == NodeStatus.Active);
        _payBond(to, amount);
    }

    /// @inheritdoc INodeRegistry
    function proposeSlasher(address slasher) external onlyOwner {
        require(slasher != address(0), ZeroAddress("slasher"));
        require(_slashers[slasher] == 0, SlasherKnown(slasher));
        uint40 activeAt = _afterDelay();
        _slashers[slasher] = activeAt;
        emit SlasherProposed(slasher, activeAt);
    }

    /// @inheritdoc INodeRegistry
    function removeSlasher(address slasher) external onlyOwner {
        require(_slashers[slasher] != 0, NotSlasher(slasher));
        delete _slashers[slasher];
        emit SlasherRemoved(slasher);
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(NodeId node) external view returns (NodeInfo memory) {
        Node storage record = _requireKnown(node);
        Signer memory key = _signers[record.signer];
        return
            NodeInfo({
                operator: record.operator,
                signer: record.signer,
                payee: key.payee,
                status: key.status,
                roles: key.roles,
                exitAt: key.exitAt,
                bond: record.bond,
                endpoint: record.endpoint
            });
    }

    /// @inheritdoc INodeRegistry
    function signerOf(address signer) external view returns (address payee, NodeStatus status, uint8 roles) {
        Signer storage key = _signers[signer];
        return (key.payee, key.status, key.roles);
    }

    /// @inheritdoc INodeRegistry
    function slasherActiveAt(address slasher) external view returns (uint40) {
        return _slashers[slasher];
    }

    /// @inheritdoc INodeRegistry
    function nodeIdOf(address operator, address signer) public view returns (NodeId) {
        return NodeId.wrap(keccak256(abi.encode(block.chainid, address(this), operator, signer)));
    }

    /// @inheritdoc SignatureAdapter
    function _requireActiveSigner(address signer, address beneficiary) internal view override {
        Signer memory key = _signers[signer];
        require(key.status == NodeStatus.Active, NodeNotActive(signer, key.status));
        require(key.roles & ROLE_GPU != 0, RolesInvalid(key.roles));
        require(key.payee == beneficiary, PayeeMismatch(beneficiary, key.payee));
    }

    function _requireKnown(NodeId node) private view returns (Node storage record) {
        record = _nodes[node];
        require(record.operator != address(0), NodeUnknown(node));
    }

    function _requireOperator(NodeId node) private view returns (Node storage record) {
        record = _requireKnown(node);
        require(msg.sender == record.operator, NotOperator(node, msg.sender, record.operator));
    }

    /// @dev The caller's node, neither exiting nor gone.
    function _requireManaged(NodeId node) private view returns (Node storage record, Signer storage key) {
        record = _requireOperator(node);
        key = _signers[record.signer];
        require(
            key.status == NodeStatus.Active || key.status == NodeStatus.Underbonded,
            NodeNotActive(record.signer, key.status)
        );
    }

    function _requireEndpoint(string calldata endpoint) private pure {
        uint256 length = bytes(endpoint).length;
        require(length <= MAX_ENDPOINT_BYTES, EndpointTooLong(length, MAX_ENDPOINT_BYTES));
    }

    function _requirePossession(address signer, address payee, uint8 roles, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(REGISTER_TYPEHASH, msg.sender, payee, roles)));
        // Zero when there is no key that could have signed; the signer was checked not to be zero.
        (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        require(recovered == signer, SignerProofInvalid(signer, recovered));
    }

    /// @dev Now plus the delay: 40-bit seconds hold some 34,000 years, the delay at most one.
    function _afterDelay() private view returns (uint40) {
        return uint40(block.timestamp) + UNBONDING_DELAY;
    }

    /// @dev Takes exactly `amount` from the caller, or reverts.
    function _takeBond(uint256 amount) private {
        if (BOND_TOKEN == address(0)) {
            require(msg.value == amount, BondTransferMismatch(msg.value, amount));
            return;
        }
        require(msg.value == 0, BondTransferMismatch(msg.value, 0));
        IERC20 token = IERC20(BOND_TOKEN);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = token.balanceOf(address(this));
        uint256 received = held > before ? held - before : 0;
        require(received == amount, BondTransferMismatch(received, amount));
    }

    function _payBond(address to, uint256 amount) private {
        // Some tokens refuse a transfer of nothing; a bond that was slashed away must not keep a node from leaving.
        if (amount == 0) return;
        if (BOND_TOKEN == address(0)) {
            require(LowLevelCall.callNoReturn(to, amount, ""), NativeTransferFailed(to, amount));
        } else {
            IERC20(BOND_TOKEN).safeTransfer(to, amount);
        }
    }
}
