// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Recovers the signer of evidence of the form selector (4 bytes) | r (32) | s (32) | v (1).
library EvidenceSignature {
    /// @dev Length of such evidence, in bytes.
    uint256 internal constant LENGTH = 69;

    /// @dev Half the order of secp256k1, rounded down. A larger `s` has a twin below it, so it is refused.
    uint256 internal constant MAX_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Thrown when `s` is in the upper half of the order.
    error SignatureMalleable();

    /// @notice Thrown when `v` is not 27 or 28, or no key could have made the signature.
    error SignatureInvalid();

    /// @notice The account that signed `digest`, never zero.
    /// @dev Not checked here: the length of `evidence`, which must be `LENGTH`, and its selector.
    function recover(bytes32 digest, bytes calldata evidence) internal pure returns (address signer) {
        bytes32 r;
        bytes32 s;
        uint256 v;
        assembly ("memory-safe") {
            // Behind the four bytes of the selector; what lies past the calldata reads as zero and is refused below.
            r := calldataload(add(evidence.offset, 4))
            s := calldataload(add(evidence.offset, 36))
            v := byte(0, calldataload(add(evidence.offset, 68)))
        }
        require(uint256(s) <= MAX_S, SignatureMalleable());
        require(v == 27 || v == 28, SignatureInvalid());
        // v is 27 or 28, so it fits 8 bits.
        signer = ecrecover(digest, uint8(v), r, s);
        require(signer != address(0), SignatureInvalid());
    }
}
