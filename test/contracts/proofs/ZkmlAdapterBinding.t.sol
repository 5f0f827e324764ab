// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {IZkmlAdapter} from "../../../contracts/interfaces/IZkmlAdapter.sol";
import {DigestVerifier} from "../../../contracts/mocks/proofs/DigestVerifier.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {Payment} from "../../../contracts/types/Words.sol";
import {deployZkmlAdapter} from "../../support/Deploy.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "../inference/HubFixture.sol";

/// @notice The zk adapter under every binding but the plain one, over a verifier that takes the digest of the public
/// words for a proof: so what is tested is which words the adapter makes.
contract ZkmlAdapterBindingTest is HubFixture {
    uint256 private constant P = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    ProofSelector private constant SELECTOR = ProofSelector.wrap(bytes4(ZKML));
    IZkmlAdapter private adapter;
    VersionId[7] private versions;

    function setUp() public override {
        super.setUp();
        adapter = deployZkmlAdapter(models);
        for (uint8 binding = 1; binding < 7; ++binding) {
            uint32 input = binding & 2 == 0 ? uint32(INPUT.length) : 32;
            uint32 output = binding & 4 == 0 ? uint32(OUTPUT.length) : 32;
            address verifier = address(new DigestVerifier(input, output, binding));
            versions[binding] = publish(100 + binding, verifier, Payment.wrap(0));
        }
    }

    function testFuzz_verify_takesWhatTheWordsSay(
        uint8 binding,
        uint256 c,
        bytes32 a,
        address beneficiary
    ) public view {
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(bindingOf(binding), a);
        claim.beneficiary = beneficiary;
        bytes memory evidence = proveFor(bindingOf(binding), claim, c % P, input, output);
        vm.assertEq(
            bytes32(adapter.verify(claim, output, evidence)),
            bytes32(IProofAdapter.verify.selector),
            "accepted"
        );
    }

    /// @dev INV-16: nothing in the evidence is free, c and a committed input included. 2,000 bits and more, so fuzzed.
    function testFuzz_verify_reverts_whenAnyBitOfTheEvidenceChanges(uint8 binding, uint256 bit) public view {
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(bindingOf(binding), "a");
        bytes memory evidence = proveFor(bindingOf(binding), claim, 5, input, output);
        // The selector is checked by the router.
        bit = bounded(bit, 32, evidence.length * 8 - 1);
        evidence[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        refused(claim, output, evidence, "a bit that does not matter");
    }

    function test_verify_reverts_whenAnyBitOfTheHashChanges() public view {
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(1, "a");
        bytes memory evidence = proveFor(1, claim, 5, input, output);
        for (uint256 bit = 260 * 8; bit < 292 * 8; ++bit) {
            evidence[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
            refused(claim, output, evidence, "a bit of c");
            evidence[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
        adapter.verify(claim, output, evidence);
    }

    /// @dev INV-11: each field of the statement is in the words, whichever they are.
    function testFuzz_verify_reverts_whenAFieldOfTheStatementChanges(uint8 binding, uint256 field) public view {
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(bindingOf(binding), "a");
        bytes memory evidence = proveFor(bindingOf(binding), claim, 5, input, output);
        field %= 10;
        if (field == 0) ++claim.chainId;
        if (field == 1) claim.hub = address(uint160(claim.hub) ^ 1);
        if (field == 2) claim.requestId = RequestId.wrap("another");
        if (field == 3) claim.version = versions[(bindingOf(binding) % 6) + 1];
        if (field == 4) claim.inputHash = keccak256("another");
        if (field == 5) claim.outputHash = keccak256("another");
        if (field == 6) claim.paramsHash = keccak256("another");
        if (field == 7) claim.enclavePolicy = PolicyId.wrap("another");
        if (field == 8) claim.requester = STRANGER;
        if (field == 9) claim.beneficiary = STRANGER;
        refused(claim, output, evidence, "a field that is not bound");
    }

    function testFuzz_verify_reverts_whenTheHashIsNotInTheField(uint8 binding, uint256 c) public {
        binding = (binding % 3) * 2 + 1;
        if (binding == 5) binding = 1;
        c = bounded(c, P, type(uint256).max);
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(binding, "a");
        bytes memory evidence = proveFor(binding, claim, c, input, output);
        vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.FingerprintNotInField.selector, c));
        adapter.verify(claim, output, evidence);
    }

    /// @dev The same c in another guise would give another r.
    function test_verify_reverts_whenTheHashIsMovedByTheModulus() public {
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(1, "a");
        bytes memory evidence = proveFor(1, claim, 5 + P, input, output);
        vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.FingerprintNotInField.selector, 5 + P));
        adapter.verify(claim, output, evidence);
    }

    function testFuzz_verify_reverts_whenACommitmentIsNotInTheField(uint256 commitment, uint256 which) public {
        commitment = bounded(commitment, P, type(uint256).max);
        uint8 binding = [2, 3, 4, 5, 6][which % 5];
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(binding, "a");
        if (binding & 2 != 0) input = abi.encode(commitment);
        else output = abi.encode(commitment);
        (claim.inputHash, claim.outputHash) = (keccak256(input), keccak256(output));
        bytes memory evidence = proveFor(binding, claim, 5, input, output);
        vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.CommitmentNotInField.selector, commitment));
        adapter.verify(claim, output, evidence);
    }

    function testFuzz_verify_reverts_whenTheEvidenceIsShort(uint8 binding, uint256 length) public {
        binding = bindingOf(binding);
        uint256 start = binding & 1 == 0 ? 260 : 292;
        length = bounded(length, 0, start - 1);
        (Statement memory claim, , bytes memory output) = claimFor(binding, "a");
        vm.expectRevert(abi.encodeWithSelector(IProofAdapter.EvidenceLengthInvalid.selector, length, start));
        adapter.verify(claim, output, new bytes(length));
    }

    function testFuzz_verify_reverts_whenALengthIsNotTheCircuits(uint8 binding, uint256 length) public {
        binding = bindingOf(binding);
        length = bounded(length, 0, 128);
        uint256 start = binding & 1 == 0 ? 260 : 292;
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(binding, "a");
        if (length != input.length) {
            vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.InputLengthMismatch.selector, length, input.length));
            adapter.verify(claim, output, new bytes(start + length));
        }
        if (length != output.length) {
            vm.expectRevert(abi.encodeWithSelector(IZkmlAdapter.OutputLengthMismatch.selector, length, output.length));
            adapter.verify(claim, new bytes(length), new bytes(start + input.length));
        }
    }

    /// @dev Words of one binding are not those of another, even where their number is the same.
    function testFuzz_verify_reverts_whenTheProofIsOfAnotherBinding(uint8 one, uint8 two) public view {
        (one, two) = (bindingOf(one), bindingOf(two));
        if (one == two) two = (two % 6) + 1;
        (Statement memory claim, bytes memory input, bytes memory output) = claimFor(two, "a");
        uint256[] memory words = RequestCodecTwin.boundWords(
            one,
            RequestCodecTwin.statementDigest(claim, SELECTOR),
            5,
            one & 2 == 0 ? input : abi.encode(7),
            one & 4 == 0 ? output : abi.encode(7)
        );
        refused(claim, output, evidenceOf(two, words, 5, input), "words of another binding");
    }

    function bindingOf(uint8 seed) private pure returns (uint8) {
        return (seed % 6) + 1;
    }

    function claimFor(
        uint8 binding,
        bytes32 seed
    ) private view returns (Statement memory claim, bytes memory input, bytes memory output) {
        input = binding & 2 == 0 ? INPUT : abi.encode(uint256(seed) % P);
        output = binding & 4 == 0 ? OUTPUT : abi.encode(uint256(keccak256(abi.encode(seed))) % P);
        claim.chainId = block.chainid;
        claim.hub = address(hub);
        claim.requestId = RequestId.wrap("request");
        claim.version = versions[binding];
        claim.inputHash = keccak256(input);
        claim.outputHash = keccak256(output);
        claim.paramsHash = keccak256("params");
        claim.enclavePolicy = policy;
        claim.requester = client;
        claim.beneficiary = PAYEE;
    }

    function proveFor(
        uint8 binding,
        Statement memory claim,
        uint256 c,
        bytes memory input,
        bytes memory output
    ) private pure returns (bytes memory) {
        bytes32 digest = RequestCodecTwin.statementDigest(claim, SELECTOR);
        return evidenceOf(binding, RequestCodecTwin.boundWords(binding, digest, c, input, output), c, input);
    }

    function evidenceOf(
        uint8 binding,
        uint256[] memory words,
        uint256 c,
        bytes memory input
    ) private pure returns (bytes memory) {
        bytes memory proof = abi.encode(keccak256(abi.encodePacked(words)), 1, 2, 3, 4, 5, 6, 7);
        return bytes.concat(ProofSelector.unwrap(SELECTOR), proof, binding & 1 == 0 ? bytes("") : abi.encode(c), input);
    }

    function refused(
        Statement memory claim,
        bytes memory output,
        bytes memory evidence,
        string memory what
    ) private view {
        (bool ok, ) = address(adapter).staticcall(abi.encodeCall(IProofAdapter.verify, (claim, output, evidence)));
        vm.assertFalse(ok, what);
    }
}
