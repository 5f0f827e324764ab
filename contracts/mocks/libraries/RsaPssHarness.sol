// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RsaPss} from "../../libraries/crypto/RsaPss.sol";
import {RsaPss384} from "../../libraries/crypto/RsaPss384.sol";
import {Spki} from "../../attestation/bindings/Spki.sol";

/// @notice Lets tests call the RSA libraries.
contract RsaPssHarness {
    /// @notice `RsaPss.verifySha256` of a message.
    function verifySha256(
        bytes calldata message,
        uint32 exponent,
        bytes calldata modulus,
        bytes calldata signature
    ) external view returns (bool) {
        return RsaPss.verifySha256(sha256(message), exponent, modulus, signature);
    }

    /// @notice `RsaPss384.verify`.
    function verifySha384(
        bytes calldata message,
        uint32 exponent,
        bytes calldata modulus,
        bytes calldata signature
    ) external view returns (bool) {
        return RsaPss384.verify(message, exponent, modulus, signature);
    }

    /// @notice `Spki.encode`.
    function spki(uint8 kind, bytes calldata data) external pure returns (bytes memory) {
        return Spki.encode(kind, data);
    }
}
