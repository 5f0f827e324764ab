// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {
    BINDING_FINGERPRINT,
    BINDING_INPUT_COMMITTED,
    BINDING_OUTPUT_COMMITTED,
    IZkVerifier
} from "../interfaces/IZkVerifier.sol";
import {IZkmlAdapter} from "../interfaces/IZkmlAdapter.sol";
import {PublicWords} from "../libraries/PublicWords.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Accepts a Groth16 proof that the version's circuit maps the input to the output, made for this statement.
/// @dev Evidence: selector (4) | proof, eight words (256) | under `BINDING_FINGERPRINT` the hash c of the open words (32)
/// | input bytes. The public words are rebuilt here, from the input that hashes to `inputHash` and the output, with the
/// whole statement bound to them; a proof copied to another beneficiary or request does not verify.
///
/// Why a fingerprint binds: the circuit shows that it computed on words w' with Poseidon(w') = c and sum w'_i r^i = e.
/// Here e is made of the words w of the statement's own input and output. Nobody knows two w' for one c, and nobody two w
/// for one context, which holds their hashes; so both were chosen before r, a hash of context and c, could be known. If
/// they differ, r is a root of a polynomial of degree n that does not vanish: by chance n / 2^253 for each try. Words on
/// either side are below 2^248, so congruent ones are equal.
///
/// What it does not show: that the model is a good one, who ran it, or what a commitment hides beyond that somebody knew
/// an encoding and a salt for it. `paramsHash` and `enclavePolicy` are bound but have no meaning for a circuit.
contract ZkmlAdapter is IZkmlAdapter {
    ProofSelector private constant SELECTOR = ProofSelector.wrap(0x05000001);
    uint256 private constant PROOF_END = 260;

    /// @inheritdoc IZkmlAdapter
    IModelRegistry public immutable MODEL_REGISTRY;

    constructor(IModelRegistry modelRegistry) {
        require(address(modelRegistry) != address(0), ZeroAddress("modelRegistry"));
        MODEL_REGISTRY = modelRegistry;
    }

    /// @inheritdoc IProofAdapter
    function selector() external pure returns (ProofSelector) {
        return SELECTOR;
    }

    /// @inheritdoc IProofAdapter
    function verify(
        Statement calldata statement,
        bytes calldata output,
        bytes calldata evidence
    ) external view returns (bytes4) {
        (address verifier, uint32 inputBytes, uint32 outputBytes, uint8 binding) = MODEL_REGISTRY.circuitOf(
            statement.version
        );
        // The bit for a fingerprint is bit 0: one word more.
        uint256 start = PROOF_END + (binding & BINDING_FINGERPRINT) * 32;
        require(evidence.length >= start, EvidenceLengthInvalid(evidence.length, start));
        bytes calldata input = evidence[start:];
        require(input.length == inputBytes, InputLengthMismatch(input.length, inputBytes));
        require(output.length == outputBytes, OutputLengthMismatch(output.length, outputBytes));
        bytes32 inputHash = keccak256(input);
        require(inputHash == statement.inputHash, InputHashMismatch(inputHash, statement.inputHash));
        bytes32 outputHash = keccak256(output);
        require(outputHash == statement.outputHash, OutputHashMismatch(outputHash, statement.outputHash));

        uint256[8] calldata proof;
        assembly ("memory-safe") {
            // The eight words after the selector; the length was checked above.
            proof := add(evidence.offset, 4)
        }
        bytes32 context = TypedData.statementDigest(statement, SELECTOR);
        uint256[] memory words =
            binding == 0
                ? PublicWords.pack(context, input, output)
                : PublicWords.bind(binding, context, _requireInField(binding, evidence, input, output), input, output);
        IZkVerifier(verifier).verify(proof, words);
        return IProofAdapter.verify.selector;
    }

    /// @dev Checks what the prover chose freely, and gives the hash of the open words; 0 where there is none. The caller
    /// has checked all lengths.
    function _requireInField(
        uint8 binding,
        bytes calldata evidence,
        bytes calldata input,
        bytes calldata output
    ) private pure returns (uint256 c) {
        if (binding & BINDING_FINGERPRINT != 0) {
            c = uint256(bytes32(evidence[PROOF_END:]));
            require(c < PublicWords.MODULUS, FingerprintNotInField(c));
        }
        if (binding & BINDING_INPUT_COMMITTED != 0) _requireCommitment(input);
        if (binding & BINDING_OUTPUT_COMMITTED != 0) _requireCommitment(output);
    }

    function _requireCommitment(bytes calldata port) private pure {
        uint256 commitment = uint256(bytes32(port));
        require(commitment < PublicWords.MODULUS, CommitmentNotInField(commitment));
    }
}
