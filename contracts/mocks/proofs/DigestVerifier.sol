// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkVerifier, SetupKind} from "../../interfaces/IZkVerifier.sol";

/// @notice A zk verifier whose "proof" is the keccak-256 of the public words in its first element.
/// @dev It proves nothing of a model. It binds the words exactly as a real proof does, so what an adapter rebuilds from
/// a statement can be tested without a circuit; real proofs are tested in TypeScript.
contract DigestVerifier is IZkVerifier {
    uint32 private immutable _INPUT_BYTES;
    uint32 private immutable _OUTPUT_BYTES;
    /// @inheritdoc IZkVerifier
    uint8 public immutable binding;

    constructor(uint32 inputBytes, uint32 outputBytes, uint8 binding_) {
        _INPUT_BYTES = inputBytes;
        _OUTPUT_BYTES = outputBytes;
        binding = binding_;
    }

    /// @inheritdoc IZkVerifier
    function verify(uint256[8] calldata proof, uint256[] calldata words) external pure {
        require(proof[0] == uint256(keccak256(abi.encodePacked(words))), ProofInvalid());
        for (uint256 i = 1; i < 8; ++i) require(proof[i] == i, ProofElementNotInField(i, proof[i]));
    }

    /// @inheritdoc IZkVerifier
    function graphDigest() external pure returns (bytes32) {
        return keccak256("graph");
    }

    /// @inheritdoc IZkVerifier
    function layout() external view returns (uint32, uint32) {
        return (_INPUT_BYTES, _OUTPUT_BYTES);
    }

    /// @inheritdoc IZkVerifier
    function verifyingKeyHash() external pure returns (bytes32) {
        return keccak256("key");
    }

    /// @inheritdoc IZkVerifier
    function setup() external pure returns (SetupKind) {
        return SetupKind.Ceremony;
    }
}
