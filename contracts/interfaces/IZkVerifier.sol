// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How the keys of a circuit were made.
/// @dev `Development`: one machine knew the secret, so it can forge; local chains only. `Ceremony`: many parties, one
/// honest one suffices.
enum SetupKind {
    Development,
    Ceremony
}

/// @dev Bits of `IZkVerifier.binding`: how the public words say what input and output are.
uint8 constant BINDING_FINGERPRINT = 1;
uint8 constant BINDING_INPUT_COMMITTED = 2;
uint8 constant BINDING_OUTPUT_COMMITTED = 4;
/// @dev The greatest binding there is. With all three bits nothing would be left to take a fingerprint of.
uint8 constant BINDING_MAX = 6;

/// @notice A Groth16 verifier over BN254, generated for one compiled model, with its verifying key in the code.
/// @dev An open port is a canonical tensor encoding, header included; a committed one is 32 bytes, a Poseidon commitment
/// to such an encoding, below the scalar field modulus. The open bytes are the encodings of the open ports, input before
/// output, cut into 31-byte big-endian words w_1 to w_n, the last one padded with zero bytes on the right. Public words:
///
/// packed       context (31 bytes) | w_1 to w_n | commitments, input before output
/// fingerprint  c | r | e | commitments, where c is a Poseidon hash of w_1 to w_n, r is
///              keccak256(abi.encode(context, c)) modulo the field's, and e = w_1 r + w_2 r^2 + ... + w_n r^n
///
/// Not checked here, left to the adapter: that the words were rebuilt from the statement (r and e above all: without them
/// a fingerprint says nothing), and that the model is the one the requester named.
interface IZkVerifier {
    /// @notice Thrown when a coordinate of the proof is not below the base field modulus.
    /// @param index Position of the coordinate, 0 to 7, in the order a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y.
    /// @param value The coordinate.
    error ProofElementNotInField(uint256 index, uint256 value);

    /// @notice Thrown when a public word is not below the scalar field modulus.
    /// @param index Position of the word.
    /// @param value The word.
    error PublicWordNotInField(uint256 index, uint256 value);

    /// @notice Thrown when the number of public words is not that of the circuit.
    error PublicWordCountMismatch(uint256 received, uint256 expected);

    /// @notice Thrown when the pairing equation does not hold, or a point is not on its curve.
    error ProofInvalid();

    /// @notice Thrown by the constructor when keys of a development setup are deployed to a chain that is not local.
    error DevelopmentSetupOnLiveNetwork(uint256 chainId);

    /// @notice Reverts with a typed error unless `proof` holds for `words`.
    /// @param proof a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y, the order of the BN254 precompiles.
    /// @param words Public words, each below the scalar field modulus.
    function verify(uint256[8] calldata proof, uint256[] calldata words) external view;

    /// @notice Digest of the integer graph that the circuit computes: SHA-256 of its canonical JSON.
    function graphDigest() external view returns (bytes32);

    /// @notice How the public words bind input and output: a sum of the `BINDING_*` bits, at most `BINDING_MAX`.
    function binding() external view returns (uint8);

    /// @notice Length in bytes of input and output as a statement has them: of the canonical encoding, or 32 for a port
    /// that is committed.
    function layout() external view returns (uint32 inputBytes, uint32 outputBytes);

    /// @notice Keccak-256 of the verifying key: alpha, beta, gamma, delta, IC, as 32-byte words in precompile order.
    function verifyingKeyHash() external view returns (bytes32);

    /// @notice How the keys were made.
    function setup() external view returns (SetupKind);
}
