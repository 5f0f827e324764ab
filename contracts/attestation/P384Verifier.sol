// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IP384Verifier} from "../interfaces/IP384Verifier.sol";
import {P384, P384_HINT_BYTES} from "../libraries/crypto/P384.sol";
import {Sha384} from "../libraries/crypto/Sha384.sol";
import {Word384} from "../libraries/crypto/P384Field.sol";

/// @title ES384 with hints: SHA-384 and ECDSA over P-384 in plain EVM code.
/// @dev No state, no owner, no dependence on precompiles or on the time.
contract P384Verifier is IP384Verifier {
    /// @inheritdoc IP384Verifier
    function verify(
        bytes calldata message,
        bytes calldata signature,
        bytes calldata publicKey,
        bytes calldata hints
    ) external pure returns (bool) {
        require(signature.length == 96, P384SignatureLength(signature.length));
        require(publicKey.length == 96, P384PublicKeyLength(publicKey.length));
        require(hints.length == P384_HINT_BYTES, P384HintsLength(hints.length, P384_HINT_BYTES));
        P384.reserve();
        (uint256 hi, uint256 lo) = Sha384.hash(message);
        return P384.verify(Word384(hi, lo), signature, publicKey, hints);
    }
}
