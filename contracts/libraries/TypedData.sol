// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofSelector} from "../types/ProofPolicy.sol";
import {Request} from "../types/Request.sol";
import {Statement} from "../types/Statement.sol";

/// @notice EIP-712 hashes of what Assay signs. The domain is name "Assay", version "1", a chain id and a hub.
library TypedData {
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant NAME_HASH = keccak256("Assay");
    bytes32 internal constant VERSION_HASH = keccak256("1");
    bytes32 internal constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 version,bytes32 inputHash,bytes32 paramsHash,bytes16 proofs,bytes32 enclavePolicy,"
        "address requester,address token,uint96 amount,address callback,uint32 callbackGas,uint8 flags,"
        "uint40 deadline,uint56 stamp)"
    );
    bytes32 internal constant SIGNED_REQUEST_TYPEHASH = keccak256(
        "SignedRequest(bytes32 version,bytes32 inputHash,bytes32 paramsHash,bytes16 proofs,bytes32 enclavePolicy,"
        "address requester,address token,uint96 amount,address callback,uint32 callbackGas,uint8 flags,"
        "uint40 deadline,uint56 nonce)"
    );
    bytes32 internal constant STATEMENT_TYPEHASH = keccak256(
        "Statement(bytes4 proof,bytes32 requestId,bytes32 version,bytes32 inputHash,bytes32 outputHash,"
        "bytes32 paramsHash,bytes32 enclavePolicy,address requester,address beneficiary)"
    );

    /// @notice Domain separator of `hub` on `chainId`.
    function domainSeparator(uint256 chainId, address hub) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chainId, hub));
    }

    /// @notice What a node, an enclave or a circuit signs or binds for `statement`, under the adapter `selector`.
    function statementDigest(Statement calldata statement, ProofSelector selector) internal pure returns (bytes32) {
        bytes32 domain;
        bytes32 structHash;
        bytes32[3] memory head = [DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH];
        bytes32 typehash = STATEMENT_TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            // chainId and hub are the first two words of a statement and the last two of the domain.
            mcopy(buffer, head, 0x60)
            calldatacopy(add(buffer, 0x60), statement, 0x40)
            domain := keccak256(buffer, 0xa0)
            // The other eight words, in the order of the type, follow the selector.
            mstore(buffer, typehash)
            mstore(add(buffer, 0x20), selector)
            calldatacopy(add(buffer, 0x40), add(statement, 0x40), 0x100)
            structHash := keccak256(buffer, 0x140)
        }
        return digest(domain, structHash);
    }

    /// @notice Struct hash of `request` under `typehash`, one of the two request types, with its words unpacked.
    function requestHash(Request memory request, bytes32 typehash) internal pure returns (bytes32) {
        bytes32 head;
        uint256 payment;
        uint256 callback;
        uint256 ticket;
        assembly ("memory-safe") {
            head := mload(0x40)
            // version, inputHash, paramsHash, proofs, enclavePolicy stand in the order of the type.
            mcopy(add(head, 0x20), request, 0xa0)
            payment := mload(add(request, 0xa0))
            callback := mload(add(request, 0xc0))
            ticket := mload(add(request, 0xe0))
        }
        return _hashUnpacked(head, typehash, payment, callback, ticket);
    }

    /// @notice `requestHash` of a request in calldata. Dirty low bits of `proofs`, and dirty unused bits of `callback`,
    /// give another hash, not an error.
    function requestHashCalldata(Request calldata request, bytes32 typehash) internal pure returns (bytes32) {
        bytes32 head;
        uint256 payment;
        uint256 callback;
        uint256 ticket;
        assembly ("memory-safe") {
            head := mload(0x40)
            calldatacopy(add(head, 0x20), request, 0xa0)
            payment := calldataload(add(request, 0xa0))
            callback := calldataload(add(request, 0xc0))
            ticket := calldataload(add(request, 0xe0))
        }
        return _hashUnpacked(head, typehash, payment, callback, ticket);
    }

    /// @dev Hash of fourteen words at `head`, free memory whose words 1 to 5 are there already.
    function _hashUnpacked(
        bytes32 head,
        bytes32 typehash,
        uint256 payment,
        uint256 callback,
        uint256 ticket
    ) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(head, typehash)
            mstore(add(head, 0xc0), shr(96, ticket))
            mstore(add(head, 0xe0), shr(96, payment))
            mstore(add(head, 0x100), and(payment, 0xffffffffffffffffffffffff))
            mstore(add(head, 0x120), shr(96, callback))
            mstore(add(head, 0x140), and(shr(64, callback), 0xffffffff))
            // The unused bits above the flags too: where they are not zero it is another request.
            mstore(add(head, 0x160), and(callback, 0xffffffffffffffff))
            mstore(add(head, 0x180), and(shr(56, ticket), 0xffffffffff))
            mstore(add(head, 0x1a0), and(ticket, 0xffffffffffffff))
            result := keccak256(head, 0x1c0)
        }
    }

    /// @notice keccak256(0x1901 || domain || structHash).
    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            result := keccak256(free, 0x42)
        }
    }
}
