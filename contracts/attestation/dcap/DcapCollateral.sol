// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDcapCertificates} from "../../interfaces/IDcapCertificates.sol";
import {DcapDocument, DcapRecord, IDcapCollateral} from "../../interfaces/IDcapCollateral.sol";
import {P256Verify} from "../../libraries/crypto/P256Verify.sol";
import {Blob} from "../../libraries/intel/Blob.sol";
import {DocumentHead, QeIdentityJson} from "../../libraries/intel/QeIdentityJson.sol";
import {TcbInfoJson} from "../../libraries/intel/TcbInfoJson.sol";

/// @notice `IDcapCollateral` under the certificates that the deployment names.
contract DcapCollateral is IDcapCollateral {
    /// @dev Longest document, in bytes. Intel's have about 7,000 at most.
    uint256 private constant MAX_BYTES = 24_000;

    /// @inheritdoc IDcapCollateral
    IDcapCertificates public immutable certificates;

    /// @dev INV-D2: `_put` is the only writer.
    mapping(bool isTdx => mapping(bytes6 fmspc => DcapRecord record)) private _tcbInfos;

    /// @dev INV-D2: `_put` is the only writer.
    mapping(bool isTdx => DcapRecord record) private _qeIdentities;

    constructor(IDcapCertificates certificates_) {
        P256Verify.requireSound();
        certificates = certificates_;
    }

    /// @inheritdoc IDcapCollateral
    function putTcbInfo(bytes calldata json, bytes32 r, bytes32 s, bytes20 signer) external {
        _verify(json, r, s, signer);
        (DocumentHead memory head, bytes memory data) = TcbInfoJson.decode(json);
        _put(_tcbInfos[head.isTdx][head.fmspc], head, signer, data);
        // Years of four digits: below 2^40 seconds. The number has 16 bits.
        emit TcbInfoPut(
            head.isTdx,
            head.fmspc,
            uint40(head.issueDate),
            uint40(head.nextUpdate),
            uint16(head.evaluation)
        );
    }

    /// @inheritdoc IDcapCollateral
    function putQeIdentity(bytes calldata json, bytes32 r, bytes32 s, bytes20 signer) external {
        _verify(json, r, s, signer);
        (DocumentHead memory head, bytes memory data) = QeIdentityJson.decode(json);
        _put(_qeIdentities[head.isTdx], head, signer, data);
        // As above.
        emit QeIdentityPut(head.isTdx, uint40(head.issueDate), uint40(head.nextUpdate), uint16(head.evaluation));
    }

    /// @inheritdoc IDcapCollateral
    function tcbInfoRecord(bool isTdx, bytes6 fmspc) external view returns (DcapRecord memory) {
        return _tcbInfos[isTdx][fmspc];
    }

    /// @inheritdoc IDcapCollateral
    function qeIdentityRecord(bool isTdx) external view returns (DcapRecord memory) {
        return _qeIdentities[isTdx];
    }

    /// @inheritdoc IDcapCollateral
    function tcbInfo(bool isTdx, bytes6 fmspc) external view returns (DcapDocument memory) {
        DcapRecord memory record = _tcbInfos[isTdx][fmspc];
        require(record.blob != address(0), TcbInfoUnknown(isTdx, fmspc));
        return _read(record);
    }

    /// @inheritdoc IDcapCollateral
    function qeIdentity(bool isTdx) external view returns (DcapDocument memory) {
        DcapRecord memory record = _qeIdentities[isTdx];
        require(record.blob != address(0), QeIdentityUnknown(isTdx));
        return _read(record);
    }

    function _verify(bytes calldata json, bytes32 r, bytes32 s, bytes20 signer) private view {
        require(json.length <= MAX_BYTES, DocumentTooLong(json.length, MAX_BYTES));
        (bytes32 x, bytes32 y, ) = certificates.signer(signer);
        require(P256Verify.verify(sha256(json), r, s, x, y), DocumentSignatureMismatch(signer));
    }

    function _put(DcapRecord storage kept, DocumentHead memory head, bytes20 signer, bytes memory data) private {
        require(
            head.issueDate > kept.issueDate && head.evaluation >= kept.evaluation,
            DocumentNotNewer(head.issueDate, kept.issueDate, head.evaluation, kept.evaluation)
        );
        _requireCurrent(head.issueDate, head.nextUpdate);
        // Years of four digits: below 2^40 seconds. The number has 16 bits.
        kept.issueDate = uint40(head.issueDate);
        kept.nextUpdate = uint40(head.nextUpdate);
        kept.evaluation = uint16(head.evaluation);
        kept.blob = Blob.write(bytes.concat(signer, data));
    }

    /// @dev The document of a record, with its signer looked at again.
    function _read(DcapRecord memory record) private view returns (DcapDocument memory document) {
        _requireCurrent(record.issueDate, record.nextUpdate);
        bytes memory data = Blob.read(record.blob);
        bytes20 signer = bytes20(data);
        // The signer's 20 bytes are dropped: a new length stands 20 bytes further on.
        assembly ("memory-safe") {
            let length := sub(mload(data), 20)
            data := add(data, 20)
            mstore(data, length)
        }
        document.data = data;
        (, , document.notAfter) = certificates.signer(signer);
        if (record.nextUpdate < document.notAfter) document.notAfter = record.nextUpdate;
        document.evaluation = record.evaluation;
    }

    function _requireCurrent(uint256 issueDate, uint256 nextUpdate) private view {
        require(
            issueDate <= block.timestamp && block.timestamp <= nextUpdate,
            DocumentNotCurrent(issueDate, nextUpdate)
        );
    }
}
