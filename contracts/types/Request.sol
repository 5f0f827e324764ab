// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId, VersionId} from "./Ids.sol";
import {ProofPolicy} from "./ProofPolicy.sol";
import {Callback, Payment, Ticket} from "./Words.sol";

/// @notice Everything a request asks for. Its EIP-712 digest is the `RequestId`; no field is stored.
/// @param version Model version that must answer.
/// @param inputHash Keccak-256 of the canonical input bytes.
/// @param paramsHash Keccak-256 of run parameters (seed, temperature and so on), zero for none.
/// @param proofs Evidence that must hold, all of it.
/// @param enclavePolicy Measurement policy that TEE evidence must satisfy; zero when `proofs` has no TEE.
/// @param payment Token and amount in escrow, the version's price included.
/// @param callback Contract to call with the answer, its gas, and flags.
/// @param ticket Requester, deadline and stamp.
struct Request {
    VersionId version;
    bytes32 inputHash;
    bytes32 paramsHash;
    ProofPolicy proofs;
    PolicyId enclavePolicy;
    Payment payment;
    Callback callback;
    Ticket ticket;
}

/// @notice What a requester sends to `request`: a `Request` without what the hub fills in (input hash, requester, time).
/// @param deadline Last second, Unix time, at which an answer is accepted.
/// @param salt Tells equal requests of one second apart.
struct Order {
    VersionId version;
    bytes32 paramsHash;
    PolicyId enclavePolicy;
    ProofPolicy proofs;
    Payment payment;
    Callback callback;
    uint40 deadline;
    uint16 salt;
}
