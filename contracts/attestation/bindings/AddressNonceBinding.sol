// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claims} from "../../interfaces/IAttestationVerifier.sol";
import {BOUND_TO_CHALLENGE, IBindingScheme} from "../../interfaces/IBindingScheme.sol";
import {KEY_SECP256K1, ReceiptKey} from "../../interfaces/IReceiptKey.sol";

/// @notice Report data are the key's address, 20 bytes and 12 zeros, then a nonce of 32 bytes chosen by whoever asks
/// (vLLM proxies as run by NEAR AI, dstack). The nonce must be the challenge.
/// @dev What it does not show: that the hardware knew of the policy, registry, endpoint or GPUs; the operator is part of
/// the challenge. These are only in what the key signs. A GPU that is tied to the machine by the nonce alone may be any.
contract AddressNonceBinding is IBindingScheme {
    /// @inheritdoc IBindingScheme
    function check(
        Claims calldata claims,
        ReceiptKey calldata key,
        bytes32,
        bytes32 challenge,
        bytes calldata aux
    ) external pure returns (bytes32) {
        require(key.kind == KEY_SECP256K1, KeyKindUnsupported(key.kind));
        require(aux.length == 0, AuxLengthInvalid(aux.length, 0));
        // Twenty bytes, and zeros to the right.
        bytes32 expected = bytes32(bytes20(key.data));
        require(claims.bind0 == expected, BindingMismatch(claims.bind0, expected));
        require(claims.bind1 == challenge, BindingMismatch(claims.bind1, challenge));
        return BOUND_TO_CHALLENGE;
    }
}
