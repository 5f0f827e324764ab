// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {IZkVerifier} from "../interfaces/IZkVerifier.sol";
import {PublicWords} from "../libraries/PublicWords.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Accepts a Groth16 proof that the version's circuit maps the input to the output, made for this statement.
/// @dev Evidence: selector (4) | proof, eight words (256) | canonical input bytes. The words are rebuilt here, from the
/// input that hashes to `inputHash` and the output, behind a first word that binds the whole statement; a proof copied
/// to another beneficiary or request does not verify. What it does not show: that the model is a good one, and who ran
/// it. `paramsHash` and `enclavePolicy` are bound but have no meaning for a circuit.
contract ZkmlAdapter is IProofAdapter {
    ProofSelector private constant SELECTOR = ProofSelector.wrap(0x05000001);
    uint256 private constant PROOF_END = 260;

    /// @notice Registry that binds versions to their circuits.
    IModelRegistry public immutable MODEL_REGISTRY;

    /// @notice Thrown when the input in the evidence is not the one that was asked about.
    error InputHashMismatch(bytes32 received, bytes32 expected);
    /// @notice Thrown when the output is not the one that the statement names.
    error OutputHashMismatch(bytes32 received, bytes32 expected);
    /// @notice Thrown when an encoding's length is not that of the circuit.
    error InputLengthMismatch(uint256 received, uint256 expected);
    error OutputLengthMismatch(uint256 received, uint256 expected);
    error ZeroAddress(string field);

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
        require(evidence.length >= PROOF_END, EvidenceLengthInvalid(evidence.length, PROOF_END));
        bytes calldata input = evidence[PROOF_END:];
        (address verifier, uint32 inputBytes, uint32 outputBytes) = MODEL_REGISTRY.circuitOf(statement.version);
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
        IZkVerifier(verifier).verify(proof, PublicWords.pack(context, input, output));
        return IProofAdapter.verify.selector;
    }
}
