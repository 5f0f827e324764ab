// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Verifies ECDSA signatures over P-384 with SHA-384 (ES384), with the help of values that anybody can compute
/// from the signature and that are checked, never trusted.
/// @dev Only `true` means anything: `false` and a revert both say that nothing was shown. Not checked here, left to the
/// caller: who holds the key, and that the signature is the only one (r, n - s is accepted as well as r, s, because
/// genuine signers give either).
interface IP384Verifier {
    /// @notice Thrown when the signature is not 96 bytes.
    error P384SignatureLength(uint256 received);

    /// @notice Thrown when the key is not 96 bytes.
    error P384PublicKeyLength(uint256 received);

    /// @notice Thrown when the hints have another length than they always have.
    error P384HintsLength(uint256 received, uint256 expected);

    /// @notice Thrown when a hint is not what it must be. There are right hints for every signature
    /// that holds and was made by who knows its key.
    /// @param index 0 the scalars; 1 the point with the signature's x; 2 to 16 the slopes of the table; from 17 on, two
    /// to a step, the slopes of the sum.
    error HintInvalid(uint256 index);

    /// @notice Whether `signature` is one of the SHA-384 digest of `message` under `publicKey`.
    /// @param message Any bytes.
    /// @param signature r and s, 48 bytes each, big-endian.
    /// @param publicKey X and Y, 48 bytes each, big-endian.
    /// @param hints What `p384Hints` of the SDK makes.
    /// @return Whether it holds; false when r or s is not in 1..n-1, the key is not a point of the curve, or the sum is
    /// another point than the hints say.
    function verify(
        bytes calldata message,
        bytes calldata signature,
        bytes calldata publicKey,
        bytes calldata hints
    ) external view returns (bool);
}
