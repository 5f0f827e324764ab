// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev keccak256(abi.encode(chainId, ModelRegistry, creator, salt)). Nobody but `creator` can make it.
type ModelId is bytes32;

/// @dev keccak256(abi.encode(ModelId, major, minor)).
type VersionId is bytes32;

/// @dev EIP-712 digest of a `Request` (made on chain) or `SignedRequest` (signed off chain) under the hub's domain, so
/// it commits to the chain, the hub and every term.
type RequestId is bytes32;

/// @dev keccak256(abi.encode(chainId, NodeRegistry, operator, signer)).
type NodeId is bytes32;

/// @dev keccak256(abi.encode(chainId, EnclaveRegistry, creator, salt)). Nobody but `creator` can make it.
type PolicyId is bytes32;

using {eqModelId as ==, neqModelId as !=} for ModelId global;
using {eqVersionId as ==, neqVersionId as !=} for VersionId global;
using {eqRequestId as ==, neqRequestId as !=} for RequestId global;
using {eqNodeId as ==, neqNodeId as !=} for NodeId global;
using {eqPolicyId as ==, neqPolicyId as !=} for PolicyId global;

function eqModelId(ModelId a, ModelId b) pure returns (bool) {
    return ModelId.unwrap(a) == ModelId.unwrap(b);
}

function neqModelId(ModelId a, ModelId b) pure returns (bool) {
    return ModelId.unwrap(a) != ModelId.unwrap(b);
}

function eqVersionId(VersionId a, VersionId b) pure returns (bool) {
    return VersionId.unwrap(a) == VersionId.unwrap(b);
}

function neqVersionId(VersionId a, VersionId b) pure returns (bool) {
    return VersionId.unwrap(a) != VersionId.unwrap(b);
}

function eqRequestId(RequestId a, RequestId b) pure returns (bool) {
    return RequestId.unwrap(a) == RequestId.unwrap(b);
}

function neqRequestId(RequestId a, RequestId b) pure returns (bool) {
    return RequestId.unwrap(a) != RequestId.unwrap(b);
}

function eqNodeId(NodeId a, NodeId b) pure returns (bool) {
    return NodeId.unwrap(a) == NodeId.unwrap(b);
}

function neqNodeId(NodeId a, NodeId b) pure returns (bool) {
    return NodeId.unwrap(a) != NodeId.unwrap(b);
}

function eqPolicyId(PolicyId a, PolicyId b) pure returns (bool) {
    return PolicyId.unwrap(a) == PolicyId.unwrap(b);
}

function neqPolicyId(PolicyId a, PolicyId b) pure returns (bool) {
    return PolicyId.unwrap(a) != PolicyId.unwrap(b);
}
