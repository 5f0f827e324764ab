// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceHub} from "../interfaces/IInferenceHub.sol";
import {RequestId} from "../types/Ids.sol";
import {Order, Request} from "../types/Request.sol";
import {Statement} from "../types/Statement.sol";
import {Callback, Ticket} from "../types/Words.sol";

/// @notice Moves orders and requests between calldata, memory and the log, whole words at a time.
/// @dev The plain twin is in `contracts/mocks/RequestCodecTwin.sol`; a fuzz test holds the two together.
library RequestCodec {
    /// @notice The request that `order` makes with what the hub fills in.
    /// @dev Copies `proofs` as it stands: the caller has read it through Solidity, which refuses dirty low bits.
    function complete(
        Order calldata order,
        bytes32 inputHash,
        Callback callback,
        Ticket ticket
    ) internal pure returns (Request memory req) {
        assembly ("memory-safe") {
            // Order:   version | paramsHash | enclavePolicy | proofs | payment | callback deadline salt
            // Request: version | inputHash | paramsHash | proofs | enclavePolicy | payment | callback | ticket
            calldatacopy(req, order, 0x20)
            mstore(add(req, 0x20), inputHash)
            mstore(add(req, 0x40), calldataload(add(order, 0x20)))
            mstore(add(req, 0x60), calldataload(add(order, 0x60)))
            mstore(add(req, 0x80), calldataload(add(order, 0x40)))
            mstore(add(req, 0xa0), calldataload(add(order, 0x80)))
            mstore(add(req, 0xc0), callback)
            mstore(add(req, 0xe0), ticket)
        }
    }

    /// @notice What evidence for an answer to `req` must show, here and on this chain.
    function statementOf(
        Request calldata req,
        RequestId id,
        bytes32 outputHash,
        address beneficiary
    ) internal view returns (Statement memory statement) {
        assembly ("memory-safe") {
            // chainId hub requestId | version inputHash | outputHash | paramsHash | enclavePolicy | requester beneficiary
            statement := mload(0x40)
            mstore(0x40, add(statement, 0x140))
            mstore(statement, chainid())
            mstore(add(statement, 0x20), address())
            mstore(add(statement, 0x40), id)
            calldatacopy(add(statement, 0x60), req, 0x40)
            mstore(add(statement, 0xa0), outputHash)
            mstore(add(statement, 0xc0), calldataload(add(req, 0x40)))
            mstore(add(statement, 0xe0), calldataload(add(req, 0x80)))
            mstore(add(statement, 0x100), shr(96, calldataload(add(req, 0xe0))))
            mstore(add(statement, 0x120), shr(96, shl(96, beneficiary)))
        }
    }

    /// @notice Emits `Requested`.
    function emitRequested(RequestId id, Request memory req, bytes calldata input) internal {
        bytes32 topic = IInferenceHub.Requested.selector;
        address requester = req.ticket.requester();
        assembly ("memory-safe") {
            // Data: the six words from paramsHash to ticket, then the offset, length and bytes of the input.
            let buffer := mload(0x40)
            mcopy(buffer, add(req, 0x40), 0xc0)
            mstore(add(buffer, 0xc0), 0xe0)
            mstore(add(buffer, 0xe0), input.length)
            let data := add(buffer, 0x100)
            calldatacopy(data, input.offset, input.length)
            // Zeros after the bytes, as the encoding wants them.
            mstore(add(data, input.length), 0)
            let size := add(0x100, and(add(input.length, 0x1f), not(0x1f)))
            log4(buffer, size, topic, id, requester, mload(req))
        }
    }
}
