// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NodeId} from "../types/Ids.sol";

/// @notice Where a node stands. Only `Active` answers. `Exiting` can still be slashed; `Underbonded` was slashed below
/// the least bond, and becomes active again when its bond is increased.
enum NodeStatus {
    None,
    Active,
    Exiting,
    Exited,
    Underbonded
}

/// @dev Roles are a set of bits.
uint8 constant ROLE_GPU = 0x01;
uint8 constant ROLE_FULL = 0x02;
uint8 constant ROLE_DATA = 0x04;
uint8 constant ROLE_STORAGE = 0x08;

/// @notice What the registry knows of a node.
/// @param operator Account that registered it, owns the bond and manages it.
/// @param signer Key that signs evidence; of one node only, for ever.
/// @param payee Account that is paid.
/// @param roles Set of ROLE_ bits.
/// @param exitAt When the bond may be withdrawn, Unix seconds; zero while active.
/// @param bond Amount at stake, in the bond token's smallest unit.
/// @param endpoint Where the node can be reached; not trusted.
struct NodeInfo {
    address operator;
    address signer;
    address payee;
    NodeStatus status;
    uint8 roles;
    uint40 exitAt;
    uint96 bond;
    string endpoint;
}

/// @notice Nodes and their bonds. Open to anyone who bonds.
/// @dev Not checked here: that a node is honest, reachable or owned by somebody else than the next one.
interface INodeRegistry {
    /// @notice Emitted after a node joined; `bond` is in the bond token's smallest unit.
    event NodeRegistered(
        NodeId indexed node,
        address indexed operator,
        address indexed signer,
        address payee,
        uint8 roles,
        uint96 bond,
        string endpoint
    );

    /// @notice Emitted after `amount` was added; `bond` is the new total.
    event BondIncreased(NodeId indexed node, uint96 amount, uint96 bond);

    /// @notice Emitted after the account that is paid changed. Evidence that names the old one no longer verifies.
    event PayeeChanged(NodeId indexed node, address payee);

    /// @notice Emitted after the endpoint changed; not trusted.
    event EndpointChanged(NodeId indexed node, string endpoint);

    /// @notice Emitted after a node stopped; its bond can be withdrawn from `exitAt`, Unix seconds.
    event ExitBegun(NodeId indexed node, uint40 exitAt);

    /// @notice Emitted after the rest of the bond was paid to `to`.
    event Exited(NodeId indexed node, address indexed to, uint96 amount);
    /// @notice Emitted after a slash; `active` says whether the rest of the bond still suffices.
    event Slashed(NodeId indexed node, address indexed slasher, uint96 amount, address indexed to, bool active);

    /// @notice Emitted after a slasher was named; it may slash from `activeAt`, Unix seconds.
    event SlasherProposed(address indexed slasher, uint40 activeAt);

    /// @notice Emitted after a slasher lost its right.
    event SlasherRemoved(address indexed slasher);

    error SignerTaken(address signer);
    error SignerProofInvalid(address signer, address recovered);
    error NodeUnknown(NodeId node);
    error NotOperator(NodeId node, address caller, address operator);
    error NodeNotActive(address signer, NodeStatus status);
    error PayeeMismatch(address received, address expected);
    error BondTooSmall(uint256 received, uint256 least);
    error BondTooLarge(uint256 received, uint256 most);
    error BondTransferMismatch(uint256 received, uint256 expected);
    error RolesInvalid(uint8 roles);
    error ZeroAddress(string field);
    error EndpointTooLong(uint256 received, uint256 limit);
    error UnbondingDelayTooShort(uint256 received, uint256 least);
    error UnbondingDelayTooLong(uint256 received, uint256 limit);
    error NodeNotExiting(NodeId node, NodeStatus status);
    error ExitNotDue(NodeId node, uint40 exitAt);
    error NotSlasher(address caller);
    error SlasherKnown(address slasher);
    error SlashTooLarge(NodeId node, uint256 amount, uint256 bond);
    /// @notice Thrown when a node began to leave before the slasher became active.
    error ExitPrecedesSlasher(NodeId node, address slasher, uint40 activeAt);
    error NativeTransferFailed(address to, uint256 amount);

    /// @notice Registers a node with its bond. `signer` proves possession of its key over (operator, payee, roles).
    /// @param signature EIP-712 `RegisterNode(address operator,address payee,uint8 roles)` signed by `signer`.
    function register(
        address signer,
        address payee,
        uint8 roles,
        uint96 bond,
        string calldata endpoint,
        bytes calldata signature
    ) external payable returns (NodeId);

    /// @notice Adds `amount`, not zero, to the bond; the node is active again once it suffices. Operator only.
    function increaseBond(NodeId node, uint96 amount) external payable;

    /// @notice Has the node paid at `payee` from now on; evidence that names the old one no longer verifies. Operator
    /// only.
    function setPayee(NodeId node, address payee) external;

    /// @notice Says where the node can be reached, in at most 256 bytes. Operator only.
    function setEndpoint(NodeId node, string calldata endpoint) external;

    /// @notice Stops the node at once and starts the unbonding delay. Operator only; final.
    function beginExit(NodeId node) external;

    /// @notice Pays what is left of the bond to `to`, after the delay. Operator only.
    function completeExit(NodeId node, address to) external;

    /// @notice Takes `amount` of a bond and sends it to `to`. Exiting nodes included, but for those that began to leave
    /// before the slasher became active. Active slashers only.
    function slash(NodeId node, uint96 amount, address to) external;

    /// @notice Names a slasher that becomes active only after the unbonding delay; a node that begins to leave before
    /// then is out of its reach. Owner only.
    function proposeSlasher(address slasher) external;

    /// @notice Removes a slasher at once. Owner only.
    function removeSlasher(address slasher) external;

    /// @notice Id of the node that `operator` registers, or registered, with `signer`.
    function nodeIdOf(address operator, address signer) external view returns (NodeId);

    /// @notice What is known of a node; reverts when it was never registered.
    function nodeOf(NodeId node) external view returns (NodeInfo memory);

    /// @notice When `slasher` may slash from, Unix seconds; zero when it may never.
    function slasherActiveAt(address slasher) external view returns (uint40);

    /// @notice The record that evidence is checked against; zeros for an unknown signer.
    function signerOf(address signer) external view returns (address payee, NodeStatus status, uint8 roles);

    /// @notice Token of the bonds; zero is the chain's own coin.
    function BOND_TOKEN() external view returns (address);

    /// @notice Least bond of an active node, in the bond token's smallest unit.
    function MIN_BOND() external view returns (uint96);

    /// @notice Seconds from the start of an exit to the bond's return.
    function UNBONDING_DELAY() external view returns (uint40);
}
