// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

import {P256Verify} from "../libraries/crypto/P256Verify.sol";
import {RsaPss} from "../libraries/crypto/RsaPss.sol";

/// @notice ERC-7913 verifier of the receipt keys that need more than a precompile: P-256, with or without the precompile
/// and with any `s`, and RSA-PSS. The length of the key tells them apart: 64 bytes, or 4 and a modulus.
/// @dev Stateless. Answers 0xffffffff to whatever is not a valid signature in the form of `IReceiptKey.sol`; it never
/// reverts for the sake of its arguments.
contract ReceiptKeyVerifier is IERC7913SignatureVerifier {
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool valid = key.length == 64 ? _p256(key, hash, signature) : _rsa(key, hash, signature);
        return valid ? IERC7913SignatureVerifier.verify.selector : bytes4(0xffffffff);
    }

    function _p256(bytes calldata key, bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (signature.length != 64) return false;
        (bytes32 r, bytes32 s) = (bytes32(signature), bytes32(signature[32:]));
        return P256Verify.verify(hash, r, s, bytes32(key), bytes32(key[32:]));
    }

    function _rsa(bytes calldata key, bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (key.length < 4) return false;
        // What is signed is a message of the digest's 32 bytes.
        bytes32 messageHash = sha256(abi.encodePacked(hash));
        return RsaPss.verifySha256(messageHash, uint32(bytes4(key)), key[4:], signature);
    }
}
