// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {IProofAdapter} from "../../contracts/interfaces/IProofAdapter.sol";
import {IZkmlAdapter} from "../../contracts/interfaces/IZkmlAdapter.sol";
import {ModelRegistry} from "../../contracts/registry/ModelRegistry.sol";
import {NodeRegistry} from "../../contracts/registry/NodeRegistry.sol";
import {Hub} from "./Hub.sol";

// These deploy the compiled artifact. `new X(…)` in a test would compile X again inside each test contract that says it, and
// not as it is deployed: tests are compiled without the optimiser (hardhat.config.ts). The outcome is the same: the test
// contract is the creator, and a constructor's error comes through.

interface VmArtifacts {
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
}

VmArtifacts constant VM_ARTIFACTS = VmArtifacts(address(uint160(uint256(keccak256("hevm cheat code")))));

function deploy(string memory artifact, bytes memory arguments) returns (address) {
    return deploy(artifact, arguments, 0);
}

function deploy(string memory artifact, bytes memory arguments, uint256 value) returns (address made) {
    bytes memory code = bytes.concat(VM_ARTIFACTS.getCode(artifact), arguments);
    assembly ("memory-safe") {
        made := create(value, add(code, 0x20), mload(code))
        if iszero(made) {
            let free := mload(0x40)
            returndatacopy(free, 0, returndatasize())
            revert(free, returndatasize())
        }
    }
}

function deployModelRegistry() returns (ModelRegistry) {
    return ModelRegistry(deploy("ModelRegistry.sol:ModelRegistry", ""));
}

/// @dev Both halves of the registry, which answer at one address, and the parts that they need.
function deployEnclaveRegistry() returns (IEnclaveRegistry) {
    address policies = deploy("EnclavePolicies.sol:EnclavePolicies", "");
    address keyVerifier = deploy("ReceiptKeyVerifier.sol:ReceiptKeyVerifier", "");
    address binding = deploy("CanonicalBinding.sol:CanonicalBinding", "");
    return IEnclaveRegistry(deploy("EnclaveRegistry.sol:EnclaveRegistry", abi.encode(policies, keyVerifier, binding)));
}

function deployNodeRegistry(
    address bondToken,
    uint96 minBond,
    uint40 unbondingDelay,
    address owner
) returns (NodeRegistry) {
    bytes memory arguments = abi.encode(bondToken, minBond, unbondingDelay, owner);
    return NodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", arguments));
}

function deployZkmlAdapter(IModelRegistry registry) returns (IZkmlAdapter) {
    return IZkmlAdapter(deploy("ZkmlAdapter.sol:ZkmlAdapter", abi.encode(registry)));
}

function deployInferenceHub(
    address owner,
    IModelRegistry modelRegistry,
    INodeRegistry nodeRegistry,
    uint16 feeBps,
    address feeRecipient,
    IProofAdapter[] memory adapters
) returns (Hub) {
    bytes memory arguments = abi.encode(owner, modelRegistry, nodeRegistry, feeBps, feeRecipient, adapters);
    return Hub(deploy("InferenceHub.sol:InferenceHub", arguments));
}
