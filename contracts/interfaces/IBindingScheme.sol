// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims} from "./IAttestationVerifier.sol";
import {ReceiptKey} from "./IReceiptKey.sol";

/// @dev Answer of a scheme: the evidence itself holds the challenge, so it is younger than the challenge's block.
bytes32 constant BOUND_TO_CHALLENGE = keccak256("assay.binding.challenge/1");

/// @dev Answer of a scheme: the evidence shows the key and no challenge; only a time inside it can tell its age.
bytes32 constant BOUND_TO_KEY = keccak256("assay.binding.key/1");

/// @notice Says whether evidence speaks for a key. Stateless and immutable; a policy lists the schemes it takes.
/// @dev Not checked here, left to the registry: that the evidence is genuine and its program wanted, that whoever holds
/// the key signed the context (always asked for, so a copied document is of no use whatever the scheme), and the age of
/// evidence that a scheme does not tie to the challenge.
interface IBindingScheme {
    /// @notice Thrown when the evidence names another key or context.
    error BindingMismatch(bytes32 received, bytes32 expected);

    /// @notice Thrown when the scheme does not take keys of this kind.
    error KeyKindUnsupported(uint8 kind);

    /// @notice Thrown when `aux` does not have the length that the scheme wants.
    error AuxLengthInvalid(uint256 received, uint256 expected);

    /// @notice Reverts with a typed error unless `claims` speak for `key`.
    /// @param claims What the verifier read in the evidence.
    /// @param key Key to be registered, of a valid form.
    /// @param context `IEnclaveRegistry.bindingOf` of the registration.
    /// @param challenge The challenge in `context`.
    /// @param aux Preimages that the scheme needs; hostile.
    /// @return strength `BOUND_TO_CHALLENGE` or `BOUND_TO_KEY`. Anything else means no.
    function check(
        Claims calldata claims,
        ReceiptKey calldata key,
        bytes32 context,
        bytes32 challenge,
        bytes calldata aux
    ) external view returns (bytes32 strength);
}
