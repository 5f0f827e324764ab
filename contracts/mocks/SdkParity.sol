// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PublicWords} from "../libraries/PublicWords.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Dtype, Number, TensorLib} from "../periphery/TensorLib.sol";
import {ProofPolicy, ProofSelector} from "../types/ProofPolicy.sol";
import {Request} from "../types/Request.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Opens the libraries whose TypeScript twins are in the SDK, so that tests can compare the two.
contract SdkParity {
    using TensorLib for bytes;

    /// @notice Id of a request, hashed from memory and from calldata.
    function requestId(
        uint256 chainId,
        address hub,
        Request calldata req,
        bool signed
    ) external pure returns (bytes32 fromMemory, bytes32 fromCalldata) {
        bytes32 typehash = signed ? TypedData.SIGNED_REQUEST_TYPEHASH : TypedData.REQUEST_TYPEHASH;
        bytes32 domain = TypedData.domainSeparator(chainId, hub);
        fromMemory = TypedData.digest(domain, TypedData.requestHash(req, typehash));
        fromCalldata = TypedData.digest(domain, TypedData.requestHashCalldata(req, typehash));
    }

    /// @notice A ticket, payment and callback, taken apart by the contracts' own functions.
    function unpack(
        Request memory req
    )
        external
        pure
        returns (
            address requester,
            uint40 deadline,
            uint56 stamp,
            uint40 createdAt,
            address token,
            uint96 amount,
            address target,
            uint32 gasLimit,
            uint8 flags
        )
    {
        return (
            req.ticket.requester(),
            req.ticket.deadline(),
            req.ticket.stamp(),
            req.ticket.createdAt(),
            req.payment.token(),
            req.payment.amount(),
            req.callback.target(),
            req.callback.gasLimit(),
            req.callback.flags()
        );
    }

    /// @notice What evidence under `selector` signs or binds.
    function statementDigest(Statement calldata statement, ProofSelector selector) external pure returns (bytes32) {
        return TypedData.statementDigest(statement, selector);
    }

    /// @notice Public words of a circuit; the last byte of `context` is ignored.
    function publicWords(
        bytes32 context,
        bytes calldata input,
        bytes calldata output
    ) external pure returns (uint256[] memory) {
        return PublicWords.pack(context, input, output);
    }

    /// @notice Public words of a circuit under any binding.
    function boundWords(
        uint8 binding,
        bytes32 context,
        uint256 c,
        bytes calldata input,
        bytes calldata output
    ) external pure returns (uint256[] memory) {
        return PublicWords.bind(binding, context, c, input, output);
    }

    /// @notice `kinds` is zero for a policy that is not well formed.
    function policy(ProofPolicy proofs) external pure returns (uint256 count, uint16 kinds) {
        return (proofs.count(), proofs.kinds());
    }

    /// @notice Everything but the elements of f32; reverts unless canonical.
    function decodeInts(
        bytes calldata encoded
    ) external pure returns (Dtype dtype, uint32[] memory dims, int256[] memory values) {
        encoded.requireCanonical();
        return (encoded.dtype(), encoded.dims(), encoded.toInts());
    }

    /// @notice Dims and bits of an f32 tensor; reverts unless canonical.
    function decodeF32(bytes calldata encoded) external pure returns (uint32[] memory dims, bytes4[] memory bits) {
        encoded.requireCanonical();
        bits = new bytes4[](encoded.elementCount());
        for (uint256 i = 0; i < bits.length; ++i) bits[i] = encoded.f32BitsAt(i);
        return (encoded.dims(), bits);
    }

    /// @notice Reverts unless `encoded` is exactly one canonical tensor.
    function requireCanonical(bytes calldata encoded) external pure {
        encoded.requireCanonical();
    }

    /// @notice A tensor as OpenGradient's numbers.
    function toNumbers(
        bytes calldata encoded,
        int128 decimals
    ) external pure returns (Number[] memory values, uint32[] memory shape) {
        return encoded.toNumbers(decimals);
    }

    /// @notice OpenGradient's numbers as a tensor.
    function fromNumbers(
        Number[] memory values,
        uint32[] memory shape,
        Dtype dtype,
        int128 decimals
    ) external pure returns (bytes memory) {
        return TensorLib.fromNumbers(values, shape, dtype, decimals);
    }
}
