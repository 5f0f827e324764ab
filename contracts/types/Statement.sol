// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PolicyId, RequestId, VersionId} from "./Ids.sol";

/// @notice What evidence must show: this output came from this version on this input, for this request, and this
/// account is to be paid. An adapter binds every field.
/// @param chainId Chain of the hub.
/// @param hub Contract that will act on the statement.
/// @param requestId Request that is answered.
/// @param version Model version.
/// @param inputHash Keccak-256 of the canonical input bytes.
/// @param outputHash Keccak-256 of the canonical output bytes.
/// @param paramsHash Keccak-256 of the run parameters, zero for none.
/// @param enclavePolicy Measurement policy the requester accepts, zero for none.
/// @param requester Account that asked.
/// @param beneficiary Account that is paid.
struct Statement {
    uint256 chainId;
    address hub;
    RequestId requestId;
    VersionId version;
    bytes32 inputHash;
    bytes32 outputHash;
    bytes32 paramsHash;
    PolicyId enclavePolicy;
    address requester;
    address beneficiary;
}
