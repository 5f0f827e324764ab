// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claims} from "../../interfaces/IAttestationVerifier.sol";
import {BOUND_TO_CHALLENGE, IBindingScheme} from "../../interfaces/IBindingScheme.sol";
import {ReceiptKey} from "../../interfaces/IReceiptKey.sol";

/// @notice The evidence holds the context itself: in the first half of the report data, or as the user data of a format
/// that tells only their SHA-256 (AWS Nitro). The strongest scheme: the hardware signed chain, registry, policy, operator,
/// key, endpoint and a block's hash.
contract CanonicalBinding is IBindingScheme {
    /// @inheritdoc IBindingScheme
    function check(
        Claims calldata claims,
        ReceiptKey calldata,
        bytes32 context,
        bytes32,
        bytes calldata aux
    ) external pure returns (bytes32) {
        require(aux.length == 0, AuxLengthInvalid(aux.length, 0));
        // User data of 32 bytes that hash to bind0 are the context, or somebody has broken SHA-256.
        require(
            claims.bind0 == context || claims.bind0 == sha256(abi.encodePacked(context)),
            BindingMismatch(claims.bind0, context)
        );
        return BOUND_TO_CHALLENGE;
    }
}
