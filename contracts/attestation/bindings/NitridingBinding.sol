// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claims} from "../../interfaces/IAttestationVerifier.sol";
import {BOUND_TO_KEY, IBindingScheme} from "../../interfaces/IBindingScheme.sol";
import {KEY_SECP256K1, ReceiptKey} from "../../interfaces/IReceiptKey.sol";
import {Spki} from "./Spki.sol";

/// @notice User data are 0x1220 | SHA-256 of the TLS certificate | 0x1220 | SHA-256 of the signing key as
/// SubjectPublicKeyInfo in DER, 68 bytes, of which the claims tell the SHA-256 in bind0 (nitriding, as run by OpenGradient).
/// Aux is the certificate's SHA-256, and for a secp256k1 key x | y after it.
/// @dev The DER of a key is made here from its numbers, so there is nothing to parse. What it does not show: that the
/// hardware knew of chain, registry, policy, operator or endpoint, which are only in what the key signs; how old the
/// evidence is but by the time in it; and anything of the TLS certificate.
contract NitridingBinding is IBindingScheme {
    /// @dev Multihash: SHA-256, 32 bytes.
    bytes2 private constant MULTIHASH = 0x1220;

    /// @inheritdoc IBindingScheme
    function check(
        Claims calldata claims,
        ReceiptKey calldata key,
        bytes32,
        bytes32,
        bytes calldata aux
    ) external pure returns (bytes32) {
        bool isAddress = key.kind == KEY_SECP256K1;
        uint256 length = isAddress ? 96 : 32;
        require(aux.length == length, AuxLengthInvalid(aux.length, length));
        if (isAddress) {
            bytes32 received = bytes32(bytes20(uint160(uint256(keccak256(aux[32:])))));
            bytes32 account = bytes32(bytes20(key.data));
            require(received == account, BindingMismatch(received, account));
        }
        bytes memory der = Spki.encode(key.kind, isAddress ? aux[32:] : key.data);
        require(der.length != 0, KeyKindUnsupported(key.kind));
        bytes32 expected = sha256(abi.encodePacked(MULTIHASH, aux[:32], MULTIHASH, sha256(der)));
        require(claims.bind0 == expected, BindingMismatch(claims.bind0, expected));
        return BOUND_TO_KEY;
    }
}
