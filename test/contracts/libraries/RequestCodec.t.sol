// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceHub} from "../../../contracts/interfaces/IInferenceHub.sol";
import {RequestCodec} from "../../../contracts/libraries/RequestCodec.sol";
import {TypedData} from "../../../contracts/libraries/TypedData.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {Callback, Ticket} from "../../../contracts/types/Words.sol";
import {vm} from "../../support/Vm.sol";

/// @notice The assembly of `RequestCodec` and `TypedData` against its plain twin.
contract RequestCodecTest {
    function testFuzz_complete_equalsItsTwin(
        Order calldata order,
        bytes32 inputHash,
        Callback callback,
        Ticket ticket,
        bytes calldata noise
    ) public pure {
        dirty(noise);
        Request memory made = RequestCodec.complete(order, inputHash, callback, ticket);
        Request memory expected = RequestCodecTwin.complete(order, inputHash, callback, ticket);
        vm.assertEq(keccak256(abi.encode(made)), keccak256(abi.encode(expected)), "request");
    }

    function testFuzz_statementOf_equalsItsTwin(
        Request calldata req,
        RequestId id,
        bytes32 outputHash,
        address beneficiary,
        uint64 chain,
        bytes calldata noise
    ) public {
        vm.assume(chain != 0);
        vm.chainId(chain);
        dirty(noise);
        Statement memory made = RequestCodec.statementOf(req, id, outputHash, beneficiary);
        bytes memory guard = abi.encode("what is allocated next lies behind it");
        Statement memory expected = RequestCodecTwin.statementOf(address(this), req, id, outputHash, beneficiary);
        vm.assertEq(keccak256(abi.encode(made)), keccak256(abi.encode(expected)), "statement");
        vm.assertEq(
            keccak256(guard),
            keccak256(abi.encode("what is allocated next lies behind it")),
            "memory behind it"
        );
    }

    function testFuzz_emitRequested_equalsItsTwin(
        RequestId id,
        Request calldata req,
        bytes calldata input,
        bytes calldata noise
    ) public {
        dirty(noise);
        vm.expectEmit();
        emit IInferenceHub.Requested(
            id,
            req.ticket.requester(),
            req.version,
            req.paramsHash,
            req.proofs,
            req.enclavePolicy,
            req.payment,
            req.callback,
            req.ticket,
            input
        );
        RequestCodec.emitRequested(id, req, input);
    }

    function testFuzz_requestHash_equalsItsTwin(Request calldata req, bytes32 typehash) public pure {
        bytes32 expected = RequestCodecTwin.requestHash(req, typehash);
        vm.assertEq(TypedData.requestHash(req, typehash), expected, "in memory");
        vm.assertEq(TypedData.requestHashCalldata(req, typehash), expected, "in calldata");
    }

    function testFuzz_statementDigest_equalsItsTwin(
        Statement calldata statement,
        ProofSelector selector,
        bytes calldata noise
    ) public pure {
        dirty(noise);
        vm.assertEq(
            TypedData.statementDigest(statement, selector),
            RequestCodecTwin.statementDigest(statement, selector),
            "digest"
        );
    }

    function testFuzz_domainSeparator_equalsItsTwin(uint256 chain, address hub, bytes32 structHash) public pure {
        bytes32 domain = RequestCodecTwin.domainSeparator(chain, hub);
        vm.assertEq(TypedData.domainSeparator(chain, hub), domain, "domain");
        vm.assertEq(TypedData.digest(domain, structHash), RequestCodecTwin.digest(domain, structHash), "digest");
    }

    function test_typehashes_areThoseOfTheTypes() public pure {
        vm.assertEq(TypedData.DOMAIN_TYPEHASH, RequestCodecTwin.DOMAIN_TYPEHASH, "domain");
        vm.assertEq(TypedData.REQUEST_TYPEHASH, RequestCodecTwin.REQUEST_TYPEHASH, "request");
        vm.assertEq(TypedData.SIGNED_REQUEST_TYPEHASH, RequestCodecTwin.SIGNED_REQUEST_TYPEHASH, "signed request");
        vm.assertEq(TypedData.STATEMENT_TYPEHASH, RequestCodecTwin.STATEMENT_TYPEHASH, "statement");
    }

    /// @dev INV-11: every word of a request counts in its hash, and every word of a statement in its digest.
    function testFuzz_hashes_bindEveryBit(Request calldata req, Statement calldata statement, uint256 bit) public view {
        bytes32 hashed = TypedData.requestHashCalldata(req, TypedData.REQUEST_TYPEHASH);
        bytes memory words = abi.encode(req);
        flip(words, bit);
        (bool ok, bytes memory other) = address(this).staticcall(bytes.concat(this.hashOf.selector, words));
        vm.assertTrue(ok && abi.decode(other, (bytes32)) != hashed, "a bit of the request");

        bytes32 digest = TypedData.statementDigest(statement, ProofSelector.wrap(0x01000001));
        words = abi.encode(statement);
        flip(words, bit);
        (ok, other) = address(this).staticcall(bytes.concat(this.digestOf.selector, words));
        vm.assertTrue(ok && abi.decode(other, (bytes32)) != digest, "a bit of the statement");
    }

    function hashOf(Request calldata req) external pure returns (bytes32) {
        return TypedData.requestHashCalldata(req, TypedData.REQUEST_TYPEHASH);
    }

    function digestOf(Statement calldata statement) external pure returns (bytes32) {
        return TypedData.statementDigest(statement, ProofSelector.wrap(0x01000001));
    }

    function flip(bytes memory words, uint256 bit) private pure {
        bit %= words.length * 8;
        words[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
    }

    /// @dev Leaves rubbish behind the end of the memory in use, where the assembly builds its words.
    function dirty(bytes calldata noise) private pure {
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, noise.offset, noise.length)
            for {
                let i := noise.length
            } lt(i, 0x800) {
                i := add(i, 0x20)
            } {
                mstore(add(at, i), not(i))
            }
        }
    }
}
