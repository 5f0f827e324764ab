// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

import {IEnclaveKeys} from "../interfaces/IEnclaveRegistry.sol";
import {KEY_P256, KEY_RSA_PSS, KEY_SECP256K1, KeyId} from "../interfaces/IReceiptKey.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {EvidenceSignature} from "./EvidenceSignature.sol";

/// @notice Ids, forms and signatures of `ReceiptKey`s.
library ReceiptKeys {
    /// @dev Precompile of P-256 (RIP-7212, EIP-7951).
    address private constant P256_PRECOMPILE = address(0x100);

    /// @dev Least and greatest modulus of an RSA key, bytes.
    uint256 internal constant MIN_MODULUS = 256;
    uint256 internal constant MAX_MODULUS = 512;

    /// @notice Id of a key; reverts when the data are not in the form of the kind. That it is a good key at all shows when
    /// it signs.
    function idOf(uint8 kind, bytes calldata data) internal pure returns (KeyId) {
        uint256 length = data.length;
        bool wellFormed =
            kind == KEY_SECP256K1
                ? length == 20
                : kind == KEY_P256
                    ? length == 64
                    : kind == KEY_RSA_PSS && length >= 4 + MIN_MODULUS && length <= 4 + MAX_MODULUS;
        require(wellFormed, IEnclaveKeys.KeyFormInvalid(kind, length));
        return KeyId.wrap(keccak256(abi.encodePacked(kind, data)));
    }

    /// @notice Id of the secp256k1 key of an account.
    function idOf(address account) internal pure returns (KeyId) {
        return KeyId.wrap(keccak256(abi.encodePacked(KEY_SECP256K1, account)));
    }

    /// @notice Whether `signature` is one of `digest` by the key, which is in the form of its kind.
    /// @param verifier ERC-7913 verifier of the kinds that this library cannot check alone.
    function isSigned(
        IERC7913SignatureVerifier verifier,
        uint8 kind,
        bytes calldata data,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        if (kind == KEY_SECP256K1) {
            address signer = _signer(digest, signature);
            // Zero stands for no signer, so it is nobody's key.
            return signer != address(0) && signer == address(bytes20(data));
        }
        if (kind == KEY_P256) {
            if (signature.length != 64) return false;
            // The precompile's yes is one word of 1. Anything else, nothing above all where there is none, is left to the
            // verifier, which knows how to do without.
            if (_p256(digest, data, signature)) return true;
        }
        (bool ok, uint256 size, bytes memory answer) = BoundedCall.ask(
            address(verifier),
            abi.encodeCall(IERC7913SignatureVerifier.verify, (data, digest, signature)),
            32
        );
        return ok && size == 32 && bytes32(answer) == bytes32(IERC7913SignatureVerifier.verify.selector);
    }

    /// @dev The account that made a signature of 65 bytes, zero for a malformed or malleable one.
    function _signer(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65) return address(0);
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(signature), bytes32(signature[32:]), uint8(signature[64]));
        if (uint256(s) > EvidenceSignature.MAX_S || (v != 27 && v != 28)) return address(0);
        return ecrecover(digest, v, r, s);
    }

    function _p256(bytes32 digest, bytes calldata data, bytes calldata signature) private view returns (bool yes) {
        address precompile = P256_PRECOMPILE;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, digest)
            calldatacopy(add(buffer, 0x20), signature.offset, 0x40)
            calldatacopy(add(buffer, 0x60), data.offset, 0x40)
            mstore(0x00, 0)
            yes := staticcall(gas(), precompile, buffer, 0xa0, 0x00, 0x20)
            yes := and(and(yes, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }
}
