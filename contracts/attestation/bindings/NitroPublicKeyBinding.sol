// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claims} from "../../interfaces/IAttestationVerifier.sol";
import {BOUND_TO_KEY, IBindingScheme} from "../../interfaces/IBindingScheme.sol";
import {KEY_P256, KEY_SECP256K1, ReceiptKey} from "../../interfaces/IReceiptKey.sol";

/// @notice The evidence's own field for a public key holds x | y, 64 bytes (Marlin Oyster: secp256k1).
/// @dev What it does not show: that the hardware knew of chain, registry, policy, operator or endpoint, which are only in
/// what the key signs; and how old the evidence is but by the time in it. A field that holds the key in another form, such
/// as 65 bytes or DER, is refused.
contract NitroPublicKeyBinding is IBindingScheme {
    /// @inheritdoc IBindingScheme
    function check(
        Claims calldata claims,
        ReceiptKey calldata key,
        bytes32,
        bytes32,
        bytes calldata aux
    ) external pure returns (bytes32) {
        require(aux.length == 0, AuxLengthInvalid(aux.length, 0));
        bytes32 received = claims.keyHash;
        bytes32 expected;
        if (key.kind == KEY_SECP256K1) {
            // An address is the low 160 bits of the hash of x | y.
            expected = bytes32(uint256(uint160(bytes20(key.data))));
            received = bytes32(uint256(uint160(uint256(received))));
        } else {
            require(key.kind == KEY_P256, KeyKindUnsupported(key.kind));
            expected = keccak256(key.data);
        }
        require(claims.keyHash != 0 && received == expected, BindingMismatch(received, expected));
        return BOUND_TO_KEY;
    }
}
