// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDcapCertificates} from "./IDcapCertificates.sol";

/// @notice A document of Intel's that is valid now.
/// @param data Its contents, in the form `TcbInfoJson` or `QeIdentityJson` describe.
/// @param notAfter Last second at which it and its signer are valid, Unix time.
/// @param evaluation TCB evaluation data number.
struct DcapDocument {
    bytes data;
    uint64 notAfter;
    uint32 evaluation;
}

/// @notice Where a document is kept.
/// @param issueDate First second of validity, Unix time.
/// @param nextUpdate Last second of validity.
/// @param evaluation TCB evaluation data number.
/// @param blob Key identifier of the signer, then the contents.
struct DcapRecord {
    uint40 issueDate;
    uint40 nextUpdate;
    uint16 evaluation;
    address blob;
}

/// @notice Keeps Intel's TCB Info and identities of quoting enclaves, whoever brings them: all are signed by Intel. There
/// is no owner.
/// @dev INV-D2: a document is only ever replaced by one that was issued later and has no lesser evaluation number. So
/// whoever brings one of the next evaluation, which Intel publishes early, makes it the one for everybody.
interface IDcapCollateral {
    /// @notice Emitted after a TCB Info was kept.
    event TcbInfoPut(bool indexed isTdx, bytes6 indexed fmspc, uint40 issueDate, uint40 nextUpdate, uint16 evaluation);

    /// @notice Emitted after an identity was kept.
    event QeIdentityPut(bool indexed isTdx, uint40 issueDate, uint40 nextUpdate, uint16 evaluation);

    /// @notice Thrown when a document is longer than `limit` bytes.
    error DocumentTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when the signature on a document is not the signer's.
    error DocumentSignatureMismatch(bytes20 signer);

    /// @notice Thrown when a document was not issued later than the one kept, or has a lesser evaluation number.
    error DocumentNotNewer(uint256 issueDate, uint256 keptIssueDate, uint256 evaluation, uint256 keptEvaluation);

    /// @notice Thrown when a document is not valid at this time. Both ends belong to its validity.
    error DocumentNotCurrent(uint256 issueDate, uint256 nextUpdate);

    /// @notice Thrown when no TCB Info is kept for these platforms.
    error TcbInfoUnknown(bool isTdx, bytes6 fmspc);

    /// @notice Thrown when no identity is kept.
    error QeIdentityUnknown(bool isTdx);

    /// @notice Keeps a TCB Info: the text that was signed, `{"id":"SGX",…}`, without what Intel's service wraps it in.
    /// @param json The text.
    /// @param r Signature, first half.
    /// @param s Second half.
    /// @param signer Key identifier of the TCB signer, whose certificate is kept and current.
    function putTcbInfo(bytes calldata json, bytes32 r, bytes32 s, bytes20 signer) external;

    /// @notice Keeps the identity of a quoting enclave, likewise.
    function putQeIdentity(bytes calldata json, bytes32 r, bytes32 s, bytes20 signer) external;

    /// @notice Where the certificates are.
    function certificates() external view returns (IDcapCertificates);

    /// @notice What is kept for these platforms, valid or not; all zero for none.
    function tcbInfoRecord(bool isTdx, bytes6 fmspc) external view returns (DcapRecord memory);

    /// @notice What is kept of the quoting enclave, valid or not; all zero for none.
    function qeIdentityRecord(bool isTdx) external view returns (DcapRecord memory);

    /// @notice The TCB Info for these platforms, which is valid now, as its signer is.
    function tcbInfo(bool isTdx, bytes6 fmspc) external view returns (DcapDocument memory);

    /// @notice The identity of the quoting enclave, which is valid now, as its signer is.
    function qeIdentity(bool isTdx) external view returns (DcapDocument memory);
}
