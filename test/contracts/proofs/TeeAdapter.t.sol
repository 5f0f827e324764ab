// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEnclavePolicies} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {EvidenceSignature} from "../../../contracts/libraries/EvidenceSignature.sol";
import {TypedData} from "../../../contracts/libraries/TypedData.sol";
import {SignedEvidence} from "../../../contracts/proofs/SignedEvidence.sol";
import {PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "../registry/EnclaveRegistryBase.sol";

contract TeeAdapterTest is EnclaveRegistryBase {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    ProofSelector private constant SELECTOR = ProofSelector.wrap(0x04000001);

    IProofAdapter private adapter;

    function setUp() public override {
        super.setUp();
        register();
        adapter = IProofAdapter(address(registry));
    }

    function test_selector_isKindFourNumberOne() public view {
        Check.isTrue(adapter.selector() == SELECTOR, "the selector");
    }

    function test_verify_cost() public {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        adapter.verify(statement, "", evidence);
        vm.snapshotGasLastCall("TeeAdapter.verify: warm");
    }

    function testFuzz_verify_takesAnyStatementTheEnclaveSigned(
        Statement memory statement,
        bytes memory output
    ) public view {
        statement.enclavePolicy = policy;
        bytes4 magic = adapter.verify(statement, output, evidenceFor(statement));
        Check.isTrue(magic == IProofAdapter.verify.selector, "the magic value");
    }

    function testFuzz_verify_reverts_whenAnyFieldChanged(Statement memory statement, uint256 seed) public view {
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        uint256 delta = 1 + (seed % type(uint128).max);
        for (uint256 field = 0; field < 10; ++field) {
            Statement memory changed = abi.decode(abi.encode(statement), (Statement));
            if (field == 0) changed.chainId = change(changed.chainId, delta);
            if (field == 1) changed.hub = change(changed.hub, delta);
            if (field == 2) changed.requestId = RequestId.wrap(change(RequestId.unwrap(changed.requestId), delta));
            if (field == 3) changed.version = VersionId.wrap(change(VersionId.unwrap(changed.version), delta));
            if (field == 4) changed.inputHash = change(changed.inputHash, delta);
            if (field == 5) changed.outputHash = change(changed.outputHash, delta);
            if (field == 6) changed.paramsHash = change(changed.paramsHash, delta);
            if (field == 7) changed.enclavePolicy = PolicyId.wrap(change(PolicyId.unwrap(policy), delta));
            if (field == 8) changed.requester = change(changed.requester, delta);
            if (field == 9) changed.beneficiary = change(changed.beneficiary, delta);
            Check.isTrue(reasonOf(changed, evidence) == IEnclaveKeys.KeyUnknown.selector, "a changed field");
        }
    }

    function test_verify_reverts_whenTheSameFieldsNameAnotherPolicyOfTheSameKey() public {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        policy = registry.createPolicy(terms(), basics(), bytes32(uint256(9)));
        register();
        statement.enclavePolicy = policy;
        Check.isTrue(reasonOf(statement, evidence) == IEnclaveKeys.KeyUnknown.selector, "another policy");
        adapter.verify(statement, "", evidenceFor(statement));
    }

    function testFuzz_verify_reverts_onAnyFlippedBit(uint256 position) public view {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        position = position % (evidence.length * 8);
        evidence[position / 8] ^= bytes1(uint8(1 << (position % 8)));
        bytes4 reason = reasonOf(statement, evidence);
        if (position < 32) {
            Check.isTrue(reason == SignedEvidence.SelectorMismatch.selector, "a flipped bit of the selector");
        } else {
            Check.isTrue(
                reason == IEnclaveKeys.KeyUnknown.selector ||
                    reason == EvidenceSignature.SignatureInvalid.selector ||
                    reason == EvidenceSignature.SignatureMalleable.selector,
                "a flipped bit of the signature"
            );
        }
    }

    function test_verify_reverts_onEverySingleFlippedByte() public view {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        for (uint256 i = 0; i < evidence.length; ++i) {
            evidence[i] ^= 0xff;
            Check.isTrue(reasonOf(statement, evidence) != 0, "a flipped byte");
            evidence[i] ^= 0xff;
        }
        Check.isTrue(reasonOf(statement, evidence) == 0, "the evidence itself");
    }

    function testFuzz_verify_reverts_onAnyOtherLength(uint8 length) public view {
        if (length == 69) length = 70;
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory whole = evidenceFor(statement);
        bytes memory evidence = new bytes(length);
        for (uint256 i = 0; i < length && i < whole.length; ++i) evidence[i] = whole[i];
        (bool ok, bytes memory answer) = call(statement, evidence);
        bytes memory expected = abi.encodeWithSelector(IProofAdapter.EvidenceLengthInvalid.selector, length, 69);
        Check.isTrue(!ok && keccak256(answer) == keccak256(expected), "another length");
    }

    function test_verify_reverts_onMalleableAndInvalidSignatures() public view {
        Statement memory statement;
        statement.enclavePolicy = policy;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, this.digestOf(statement));
        bytes4 invalid = EvidenceSignature.SignatureInvalid.selector;
        uint8 twin = v == 27 ? 28 : 27;
        Check.isTrue(
            reasonOf(statement, pack(r, bytes32(ORDER - uint256(s)), twin)) ==
                EvidenceSignature.SignatureMalleable.selector,
            "the twin with a high s"
        );
        Check.isTrue(reasonOf(statement, pack(r, s, v - 27)) == invalid, "v of 0 or 1");
        Check.isTrue(reasonOf(statement, pack(r, s, 29)) == invalid, "v of 29");
        Check.isTrue(reasonOf(statement, pack(0, s, v)) == invalid, "r of zero");
        Check.isTrue(reasonOf(statement, pack(r, 0, v)) == invalid, "s of zero");
        Check.isTrue(reasonOf(statement, pack(bytes32(ORDER), s, v)) == invalid, "r of the order");
        bytes32 half = bytes32(ORDER / 2);
        Check.isTrue(
            reasonOf(statement, pack(r, half, v)) == IEnclaveKeys.KeyUnknown.selector,
            "the largest s is well formed"
        );
        Check.isTrue(
            reasonOf(statement, pack(r, bytes32(uint256(half) + 1), v)) ==
                EvidenceSignature.SignatureMalleable.selector,
            "one more is not"
        );
    }

    function test_verify_endsWithTheKey() public {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        vm.warp(START + MAX_AGE - 1);
        Check.isTrue(reasonOf(statement, evidence) == 0, "in its last second");
        vm.warp(START + MAX_AGE);
        Check.isTrue(reasonOf(statement, evidence) == IEnclaveKeys.KeyNotValid.selector, "a second after");
        vm.warp(START - 1);
        Check.isTrue(reasonOf(statement, evidence) == IEnclaveKeys.KeyNotValid.selector, "a second before");
    }

    function test_verify_endsWithAnyRevocation() public {
        Statement memory statement;
        statement.enclavePolicy = policy;
        bytes memory evidence = evidenceFor(statement);
        registry.revokeMeasurement(policy, MEASUREMENT);
        Check.isTrue(
            reasonOf(statement, evidence) == IEnclavePolicies.MeasurementNotValid.selector,
            "of the measurement"
        );
        registry.revokeKey(policy, key);
        Check.isTrue(reasonOf(statement, evidence) == IEnclaveKeys.KeyNotValid.selector, "of the key");
    }

    function digestOf(Statement calldata statement) external pure returns (bytes32) {
        return TypedData.statementDigest(statement, SELECTOR);
    }

    function evidenceFor(Statement memory statement) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, this.digestOf(statement));
        return pack(r, s, v);
    }

    function pack(bytes32 r, bytes32 s, uint8 v) private pure returns (bytes memory) {
        return abi.encodePacked(ProofSelector.unwrap(SELECTOR), r, s, v);
    }

    function call(Statement memory statement, bytes memory evidence) private view returns (bool, bytes memory) {
        return address(adapter).staticcall(abi.encodeCall(IProofAdapter.verify, (statement, "", evidence)));
    }

    /// @dev The selector of the error, zero for none.
    function reasonOf(Statement memory statement, bytes memory evidence) private view returns (bytes4) {
        (bool ok, bytes memory answer) = call(statement, evidence);
        return ok ? bytes4(0) : bytes4(answer);
    }

    function change(uint256 value, uint256 delta) private pure returns (uint256) {
        return value ^ delta;
    }

    function change(bytes32 value, uint256 delta) private pure returns (bytes32) {
        return value ^ bytes32(delta);
    }

    function change(address value, uint256 delta) private pure returns (address) {
        // `delta` is below 2^128, so it fits.
        return address(uint160(value) ^ uint160(delta));
    }
}
