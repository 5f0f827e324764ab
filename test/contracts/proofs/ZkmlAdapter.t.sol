// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry, VersionStatus} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {IZkVerifier} from "../../../contracts/interfaces/IZkVerifier.sol";
import {IZkmlAdapter} from "../../../contracts/interfaces/IZkmlAdapter.sol";
import {RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {deployZkmlAdapter} from "../../support/Deploy.sol";
import {HubFixture} from "../inference/HubFixture.sol";

/// @notice The zk adapter over a verifier that takes the digest of the public words for a proof.
contract ZkmlAdapterTest is HubFixture {
    ProofSelector private constant SELECTOR = ProofSelector.wrap(bytes4(ZKML));
    IZkmlAdapter private adapter;

    function setUp() public override {
        super.setUp();
        adapter = deployZkmlAdapter(models);
    }

    function test_selector_isKindFive() public view {
        vm.assertTrue(adapter.selector() == SELECTOR, "selector");
        vm.assertEq(address(adapter.MODEL_REGISTRY()), address(models), "registry");
    }

    function test_constructor_reverts_withoutARegistry() public {
        vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.ZeroAddress.selector, "modelRegistry"));
        deployZkmlAdapter(IModelRegistry(address(0)));
    }

    function testFuzz_verify_takesAnyInputOfTheCircuit(
        bytes32 a,
        bytes32 b,
        bytes11 out,
        address beneficiary
    ) public view {
        bytes memory input = abi.encodePacked(a, bytes8(b));
        bytes memory output = abi.encodePacked(out);
        Statement memory claim = claimFor(input, output);
        claim.beneficiary = beneficiary;
        bytes memory evidence = prove(SELECTOR, claim, input, output);
        vm.assertEq(
            bytes32(adapter.verify(claim, output, evidence)),
            bytes32(IProofAdapter.verify.selector),
            "accepted"
        );
    }

    /// @dev INV-11, INV-16: with any one bit of the statement changed the proof does not verify.
    function testFuzz_verify_reverts_whenAnyBitOfTheStatementChanges(uint256 bit) public view {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, OUTPUT);
        bytes memory words = abi.encode(claim);
        bit %= words.length * 8;
        words[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (bool ok, ) = address(adapter).staticcall(callWith(words, OUTPUT, evidence));
        vm.assertFalse(ok, "a bit that is not bound");
        words[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (ok, ) = address(adapter).staticcall(callWith(words, OUTPUT, evidence));
        vm.assertTrue(ok, "unchanged it verifies");
    }

    /// @dev INV-16: nor with any bit of the proof, the input in the evidence or the output.
    function testFuzz_verify_reverts_whenAnyBitOfTheEvidenceChanges(uint256 bit) public view {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, OUTPUT);
        // The selector is checked by the router.
        bit = bounded(bit, 32, evidence.length * 8 - 1);
        evidence[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (bool ok, ) = address(adapter).staticcall(callWith(abi.encode(claim), OUTPUT, evidence));
        vm.assertFalse(ok, "a bit that does not matter");
    }

    function test_verify_reverts_whenTheEvidenceIsShort() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        vm.expectRevert(abi.encodeWithSelector(IProofAdapter.EvidenceLengthInvalid.selector, 259, 260));
        adapter.verify(claim, OUTPUT, new bytes(259));
        vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.InputLengthMismatch.selector, 0, INPUT.length));
        adapter.verify(claim, OUTPUT, new bytes(260));
    }

    function testFuzz_verify_reverts_whenALengthIsNotTheCircuits(uint256 length) public {
        length = bounded(length, 0, 128);
        Statement memory claim = claimFor(INPUT, OUTPUT);
        if (length != INPUT.length) {
            vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.InputLengthMismatch.selector, length, INPUT.length));
            adapter.verify(claim, OUTPUT, new bytes(260 + length));
        }
        if (length != OUTPUT.length) {
            vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.OutputLengthMismatch.selector, length, OUTPUT.length));
            adapter.verify(claim, new bytes(length), new bytes(260 + INPUT.length));
        }
    }

    function test_verify_reverts_whenTheInputIsAnother() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory other = new bytes(INPUT.length);
        bytes memory evidence = prove(SELECTOR, claim, other, OUTPUT);
        vm.expectRevert(
            abi.encodeWithSelector(IZkmlAdapter.InputHashMismatch.selector, keccak256(other), keccak256(INPUT))
        );
        adapter.verify(claim, OUTPUT, evidence);
    }

    /// @dev The hub has checked the output's hash; the adapter does not rely on it.
    function test_verify_reverts_whenTheOutputIsAnother() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory other = new bytes(OUTPUT.length);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, other);
        vm.expectRevert(
            abi.encodeWithSelector(IZkmlAdapter.OutputHashMismatch.selector, keccak256(other), keccak256(OUTPUT))
        );
        adapter.verify(claim, other, evidence);
    }

    function test_verify_passesOnTheVerifiersError() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, OUTPUT);
        evidence[4] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(IZkVerifier.ProofInvalid.selector));
        adapter.verify(claim, OUTPUT, evidence);
    }

    function test_verify_reverts_whenTheVersionHasNoCircuitOrIsRevoked() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, OUTPUT);
        claim.version = VersionId.wrap("none");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionUnknown.selector, claim.version));
        adapter.verify(claim, OUTPUT, evidence);
        claim.version = free;
        models.setVersionStatus(free, VersionStatus.Deprecated);
        adapter.verify(claim, OUTPUT, evidence);
        models.setVersionStatus(free, VersionStatus.Revoked);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionRevoked.selector, free));
        adapter.verify(claim, OUTPUT, evidence);
    }

    function test_verify_reverts_whenTheVerifierIsGone() public {
        Statement memory claim = claimFor(INPUT, OUTPUT);
        bytes memory evidence = prove(SELECTOR, claim, INPUT, OUTPUT);
        vm.etch(address(zk), "");
        vm.expectRevert();
        adapter.verify(claim, OUTPUT, evidence);
    }

    function claimFor(bytes memory input, bytes memory output) private view returns (Statement memory claim) {
        claim.chainId = block.chainid;
        claim.hub = address(hub);
        claim.requestId = RequestId.wrap("request");
        claim.version = free;
        claim.inputHash = keccak256(input);
        claim.outputHash = keccak256(output);
        claim.paramsHash = keccak256("params");
        claim.enclavePolicy = policy;
        claim.requester = client;
        claim.beneficiary = PAYEE;
    }

    /// @dev The call with the statement's ten words as they are, fit for their types or not.
    function callWith(
        bytes memory words,
        bytes memory output,
        bytes memory evidence
    ) private pure returns (bytes memory) {
        uint256 first = words.length + 64;
        uint256 second = first + 32 + ((output.length + 31) / 32) * 32;
        bytes memory padded = bytes.concat(output, new bytes(second - first - 32 - output.length));
        bytes memory tail = bytes.concat(bytes32(output.length), padded, bytes32(evidence.length), evidence);
        // A whole number of words, as the decoder wants it.
        tail = bytes.concat(tail, new bytes(32));
        return bytes.concat(IProofAdapter.verify.selector, words, bytes32(first), bytes32(second), tail);
    }
}
