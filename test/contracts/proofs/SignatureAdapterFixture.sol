// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NodeRegistryFixture} from "../registry/NodeRegistryFixture.sol";
import {TypedData} from "../../../contracts/libraries/TypedData.sol";
import {PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A statement, and the evidence of a node for it.
abstract contract SignatureAdapterFixture is NodeRegistryFixture {
    ProofSelector internal constant SELECTOR = ProofSelector.wrap(0x01000001);
    address internal constant HUB = address(0x4B);

    function statement() internal pure returns (Statement memory) {
        return
            Statement({
                chainId: 31337,
                hub: HUB,
                requestId: RequestId.wrap(keccak256("request")),
                version: VersionId.wrap(keccak256("version")),
                inputHash: keccak256("input"),
                outputHash: keccak256("output"),
                paramsHash: keccak256("params"),
                enclavePolicy: PolicyId.wrap(keccak256("policy")),
                requester: address(0x4E9),
                beneficiary: PAYEE
            });
    }

    function evidenceFor(uint256 key, Statement memory claim) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, this.digestOf(claim, SELECTOR));
        return abi.encodePacked(SELECTOR, r, s, v);
    }

    /// @dev External, for the library takes statements from calldata.
    function digestOf(Statement calldata claim, ProofSelector selector) external pure returns (bytes32) {
        return TypedData.statementDigest(claim, selector);
    }

    /// @dev Whether the adapter takes `evidence` for `claim`; its error otherwise.
    function asks(Statement memory claim, bytes memory evidence) internal view returns (bool, bytes memory) {
        try registry.verify(claim, "output", evidence) returns (bytes4 magic) {
            return (magic == registry.verify.selector, "");
        } catch (bytes memory reason) {
            return (false, reason);
        }
    }

    function assertAccepted(Statement memory claim, bytes memory evidence, string memory message) internal view {
        (bool accepted, ) = asks(claim, evidence);
        vm.assertTrue(accepted, message);
    }

    function assertRefused(
        Statement memory claim,
        bytes memory evidence,
        bytes memory expected,
        string memory message
    ) internal view {
        (bool accepted, bytes memory reason) = asks(claim, evidence);
        vm.assertFalse(accepted, message);
        vm.assertEq(keccak256(reason), keccak256(expected), message);
    }

    /// @dev Refused with any error at all, but with one.
    function assertRefused(Statement memory claim, bytes memory evidence, string memory message) internal view {
        (bool accepted, bytes memory reason) = asks(claim, evidence);
        vm.assertFalse(accepted, message);
        vm.assertGe(reason.length, 4, message);
    }
}
