// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestId} from "../types/Ids.sol";
import {ProofSelector} from "../types/ProofPolicy.sol";
import {Order, Request} from "../types/Request.sol";
import {Statement} from "../types/Statement.sol";
import {Callback, Ticket} from "../types/Words.sol";

/// @notice The plain-Solidity twin of `RequestCodec`, `TypedData` and `PublicWords`, which are written in assembly.
/// @dev Fuzz tests hold each pair together. Nothing here shares code with what it checks: types are spelt out again.
library RequestCodecTwin {
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 version,bytes32 inputHash,bytes32 paramsHash,bytes16 proofs,bytes32 enclavePolicy,address requester,address token,uint96 amount,address callback,uint32 callbackGas,uint8 flags,uint40 deadline,uint56 stamp)"
    );
    bytes32 internal constant SIGNED_REQUEST_TYPEHASH = keccak256(
        "SignedRequest(bytes32 version,bytes32 inputHash,bytes32 paramsHash,bytes16 proofs,bytes32 enclavePolicy,address requester,address token,uint96 amount,address callback,uint32 callbackGas,uint8 flags,uint40 deadline,uint56 nonce)"
    );
    bytes32 internal constant STATEMENT_TYPEHASH = keccak256(
        "Statement(bytes4 proof,bytes32 requestId,bytes32 version,bytes32 inputHash,bytes32 outputHash,bytes32 paramsHash,bytes32 enclavePolicy,address requester,address beneficiary)"
    );

    /// @notice Twin of `RequestCodec.complete`.
    function complete(
        Order memory order,
        bytes32 inputHash,
        Callback callback,
        Ticket ticket
    ) internal pure returns (Request memory) {
        return
            Request({
                version: order.version,
                inputHash: inputHash,
                paramsHash: order.paramsHash,
                proofs: order.proofs,
                enclavePolicy: order.enclavePolicy,
                payment: order.payment,
                callback: callback,
                ticket: ticket
            });
    }

    /// @notice Twin of `RequestCodec.statementOf`, for any hub.
    function statementOf(
        address hub,
        Request memory req,
        RequestId id,
        bytes32 outputHash,
        address beneficiary
    ) internal view returns (Statement memory) {
        return
            Statement({
                chainId: block.chainid,
                hub: hub,
                requestId: id,
                version: req.version,
                inputHash: req.inputHash,
                outputHash: outputHash,
                paramsHash: req.paramsHash,
                enclavePolicy: req.enclavePolicy,
                requester: req.ticket.requester(),
                beneficiary: beneficiary
            });
    }

    /// @notice Twin of `TypedData.domainSeparator`.
    function domainSeparator(uint256 chainId, address hub) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Assay"), keccak256("1"), chainId, hub));
    }

    /// @notice Twin of `TypedData.requestHash`. The flags with the unused bits above them, which must be zero.
    function requestHash(Request memory req, bytes32 typehash) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            typehash,
            req.version,
            req.inputHash,
            req.paramsHash,
            req.proofs,
            req.enclavePolicy,
            req.ticket.requester()
        );
        bytes memory tail = abi.encode(
            req.payment.token(),
            req.payment.amount(),
            req.callback.target(),
            req.callback.gasLimit(),
            uint64(Callback.unwrap(req.callback)),
            req.ticket.deadline(),
            req.ticket.stamp()
        );
        return keccak256(bytes.concat(head, tail));
    }

    /// @notice Id of `req` at `hub`, on this chain.
    function requestId(address hub, Request memory req, bool signed) internal view returns (RequestId) {
        bytes32 structHash = requestHash(req, signed ? SIGNED_REQUEST_TYPEHASH : REQUEST_TYPEHASH);
        return RequestId.wrap(digest(domainSeparator(block.chainid, hub), structHash));
    }

    /// @notice Twin of `TypedData.statementDigest`.
    function statementDigest(Statement memory s, ProofSelector selector) internal pure returns (bytes32) {
        bytes memory head = abi.encode(STATEMENT_TYPEHASH, selector, s.requestId, s.version, s.inputHash);
        bytes memory tail = abi.encode(s.outputHash, s.paramsHash, s.enclavePolicy, s.requester, s.beneficiary);
        return digest(domainSeparator(s.chainId, s.hub), keccak256(bytes.concat(head, tail)));
    }

    /// @notice Twin of `TypedData.digest`.
    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @notice Twin of `PublicWords.bind`.
    function boundWords(
        uint8 binding,
        bytes32 context,
        uint256 c,
        bytes memory input,
        bytes memory output
    ) internal pure returns (uint256[] memory words) {
        uint256 p = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        bytes memory hidden = bytes.concat(binding & 2 == 0 ? bytes("") : input, binding & 4 == 0 ? bytes("") : output);
        uint256[] memory open = publicWords(
            context,
            binding & 2 == 0 ? input : bytes(""),
            binding & 4 == 0 ? output : bytes("")
        );
        uint256 count = binding & 1 == 0 ? open.length : 3;
        words = new uint256[](count + hidden.length / 32);
        if (binding & 1 == 0) {
            for (uint256 i = 0; i < count; ++i) words[i] = open[i];
        } else {
            uint256 r = uint256(keccak256(abi.encodePacked(open[0], c))) % p;
            uint256 power = 1;
            (words[0], words[1]) = (c, r);
            for (uint256 i = 1; i < open.length; ++i) {
                power = mulmod(power, r, p);
                words[2] = addmod(words[2], mulmod(open[i], power, p), p);
            }
        }
        for (uint256 i = 0; i < hidden.length; ++i) {
            words[count + i / 32] = (words[count + i / 32] << 8) | uint8(hidden[i]);
        }
    }

    /// @notice Twin of `PublicWords.pack`.
    function publicWords(
        bytes32 context,
        bytes memory input,
        bytes memory output
    ) internal pure returns (uint256[] memory words) {
        bytes memory stream = bytes.concat(bytes31(context), input, output);
        words = new uint256[]((stream.length + 30) / 31);
        for (uint256 i = 0; i < words.length * 31; ++i) {
            uint256 next = i < stream.length ? uint8(stream[i]) : 0;
            words[i / 31] = (words[i / 31] << 8) | next;
        }
    }
}
