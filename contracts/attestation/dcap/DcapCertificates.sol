// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    DCAP_PLATFORM_CA,
    DCAP_PROCESSOR_CA,
    DCAP_TCB_SIGNER,
    DcapAuthority,
    DcapCrl,
    DcapPck,
    IDcapCertificates
} from "../../interfaces/IDcapCertificates.sol";
import {Certificate, X509} from "../../libraries/X509.sol";
import {P256Verify} from "../../libraries/crypto/P256Verify.sol";
import {Blob} from "../../libraries/intel/Blob.sol";
import {IntelFields} from "../../libraries/intel/IntelCertificate.sol";
import {RevocationList} from "../../libraries/intel/IntelCrl.sol";
import {IntelNames} from "../../libraries/intel/IntelNames.sol";
import {Pem} from "../../libraries/intel/Pem.sol";
import {SgxPlatform} from "../../libraries/intel/SgxExtension.sol";
import {DcapDecoder} from "./DcapDecoder.sol";

/// @notice The certificate that everything of Intel's goes back to.
struct DcapRoot {
    bytes32 x;
    bytes32 y;
    bytes20 keyId;
    uint40 notAfter;
    bytes der;
}

/// @notice `IDcapCertificates` for the root that the deployed contract names.
/// @dev Not checked here: anything of the root's own certificate but its end, since its key is what is trusted.
abstract contract DcapCertificates is IDcapCertificates {
    bytes32 private immutable ROOT_X;
    bytes32 private immutable ROOT_Y;
    bytes20 private immutable ROOT_KEY_ID;
    uint40 private immutable ROOT_NOT_AFTER;

    /// @dev Made by the constructor, so that nobody has a say in it.
    DcapDecoder private immutable DECODER = new DcapDecoder();

    /// @dev Blob of the PEM text of the root's certificate.
    address private immutable ROOT_TEXT;

    /// @dev keyUsage bits besides those X509 names: cRLSign.
    uint8 private constant CRL_SIGN = 0x02;

    /// @dev INV-D1: written by `putAuthority` alone, which takes what was issued later only.
    mapping(bytes20 keyId => DcapAuthority authority) private _authorities;

    /// @dev INV-D1: written by `putCrl` alone, likewise.
    mapping(bytes20 issuer => DcapCrl crl) private _crls;

    /// @dev Never removed or replaced, but for `checked`.
    mapping(bytes32 pckId => DcapPck pck) private _pcks;

    mapping(bytes32 chainHash => bytes32 pckId) private _chains;

    /// @dev Blob of the tail that the twin of an authority's certificate makes: the same with the other one of its two
    /// signatures, (r, s) and (r, n - s), which anybody can make of either.
    mapping(bytes20 keyId => address tail) private _twins;

    constructor(DcapRoot memory root) {
        P256Verify.requireSound();
        ROOT_X = root.x;
        ROOT_Y = root.y;
        ROOT_KEY_ID = root.keyId;
        ROOT_NOT_AFTER = root.notAfter;
        ROOT_TEXT = Blob.write(Pem.encode(root.der));
    }

    /// @inheritdoc IDcapCertificates
    function putAuthority(bytes calldata der) external returns (bytes20 keyId) {
        (Certificate memory cert, IntelFields memory fields, bytes memory pem) = DECODER.decodeAuthority(der);
        keyId = fields.subjectKey;
        require(
            cert.issuer == IntelNames.ROOT && fields.authorityKey == ROOT_KEY_ID,
            IssuerMismatch(cert.issuer, fields.authorityKey)
        );
        uint8 kind = _kindOf(cert);
        _requireInTime(fields.serial, cert.notBefore, cert.notAfter);
        _verify(cert.tbsHash, cert.r, cert.s, ROOT_X, ROOT_Y, ROOT_KEY_ID);

        // Not in the place of a good one: the good one could not come back.
        DcapCrl storage crl = _crls[ROOT_KEY_ID];
        if (crl.thisUpdate != 0) _requireNotRevoked(crl, ROOT_KEY_ID, fields.serial);

        bytes memory tail;
        if (kind != DCAP_TCB_SIGNER) tail = bytes.concat(pem, Blob.read(ROOT_TEXT));
        DcapAuthority storage kept = _authorities[keyId];
        emit AuthorityPut(keyId, kind, fields.serial, uint40(cert.notAfter));
        if (kept.kind != 0) {
            require(kept.kind == kind && kept.x == cert.x && kept.y == cert.y, AuthorityChanged(keyId));
            if (cert.notBefore == kept.notBefore && fields.serial == kept.serial && _isOther(keyId, tail)) {
                _twins[keyId] = Blob.write(tail);
                return keyId;
            }
            require(cert.notBefore > kept.notBefore, CollateralNotNewer(cert.notBefore, kept.notBefore));
            delete _twins[keyId];
        }
        kept.x = cert.x;
        kept.y = cert.y;
        kept.serial = fields.serial;
        // Years of four digits: below 2^40 seconds.
        kept.notBefore = uint40(cert.notBefore);
        kept.notAfter = uint40(cert.notAfter);
        kept.kind = kind;
        kept.tail = Blob.write(tail);
    }

    /// @inheritdoc IDcapCertificates
    function putCrl(bytes20 issuer, bytes calldata der) external {
        RevocationList memory list = DECODER.decodeCrl(der);
        bytes32 name = IntelNames.ROOT;
        (bytes32 x, bytes32 y) = (ROOT_X, ROOT_Y);
        if (issuer != ROOT_KEY_ID) {
            (DcapAuthority storage authority, ) = _current(issuer, false);
            (x, y) = (authority.x, authority.y);
            name = authority.kind == DCAP_PROCESSOR_CA ? IntelNames.PROCESSOR_CA : IntelNames.PLATFORM_CA;
        }
        require(list.issuer == name && list.authorityKey == issuer, IssuerMismatch(list.issuer, list.authorityKey));
        DcapCrl storage kept = _crls[issuer];
        require(list.thisUpdate > kept.thisUpdate, CollateralNotNewer(list.thisUpdate, kept.thisUpdate));
        require(
            list.thisUpdate <= block.timestamp && block.timestamp <= list.nextUpdate,
            CrlNotCurrent(issuer, list.thisUpdate, list.nextUpdate)
        );
        _verify(list.tbsHash, list.r, list.s, x, y, issuer);

        // Years of four digits: below 2^40 seconds.
        kept.thisUpdate = uint40(list.thisUpdate);
        kept.nextUpdate = uint40(list.nextUpdate);
        kept.serials = Blob.write(list.serials);
        emit CrlPut(issuer, uint40(list.thisUpdate), uint40(list.nextUpdate), list.serials.length / 20);
    }

    /// @inheritdoc IDcapCertificates
    function cachePck(bytes calldata der) external returns (bytes32 pckId) {
        pckId = keccak256(der);
        (Certificate memory cert, IntelFields memory fields, SgxPlatform memory sgx, bytes memory pem) = DECODER
            .decodePck(der);
        (DcapAuthority storage authority, ) = _current(fields.authorityKey, false);
        require(
            cert.issuer == (authority.kind == DCAP_PROCESSOR_CA ? IntelNames.PROCESSOR_CA : IntelNames.PLATFORM_CA),
            IssuerMismatch(cert.issuer, fields.authorityKey)
        );
        require(
            cert.subject == IntelNames.PCK &&
                !cert.isAuthority &&
                cert.keyUsage & X509.DIGITAL_SIGNATURE != 0 &&
                cert.keyUsage & (X509.KEY_CERT_SIGN | CRL_SIGN) == 0,
            PckUnfit(cert.subject, cert.isAuthority, cert.keyUsage)
        );
        _requireInTime(fields.serial, cert.notBefore, cert.notAfter);
        DcapCrl storage crl = _currentCrl(fields.authorityKey);
        _requireNotRevoked(crl, fields.authorityKey, fields.serial);
        _verify(cert.tbsHash, cert.r, cert.s, authority.x, authority.y, fields.authorityKey);
        if (_pcks[pckId].checked == 0) _keepPck(pckId, cert, fields, sgx, crl.thisUpdate);
        bool known = _keepChain(pckId, pem, authority.tail);
        address twin = _twins[fields.authorityKey];
        if (twin != address(0)) known = _keepChain(pckId, pem, twin) && known;
        require(!known, PckKnown(pckId));
    }

    /// @inheritdoc IDcapCertificates
    function checkPck(bytes32 pckId) external {
        DcapPck storage kept = _pcks[pckId];
        require(kept.checked != 0, PckUnknown(pckId));
        DcapCrl storage crl = _currentCrl(kept.authority);
        _requireNotRevoked(crl, kept.authority, kept.serial);
        kept.checked = crl.thisUpdate;
        emit PckChecked(pckId, crl.thisUpdate);
    }

    /// @inheritdoc IDcapCertificates
    function pck(bytes32 pckId) external view returns (DcapPck memory platform, uint64 notAfter) {
        platform = _pcks[pckId];
        require(platform.checked != 0, PckUnknown(pckId));
        _requireInTime(platform.serial, platform.notBefore, platform.notAfter);
        (, notAfter) = _current(platform.authority, false);
        DcapCrl storage crl = _currentCrl(platform.authority);
        // What was looked for in this very list is not looked for again; in any other list it is.
        if (crl.thisUpdate != platform.checked) _requireNotRevoked(crl, platform.authority, platform.serial);
        notAfter = _least(notAfter, platform.notAfter, crl.nextUpdate);
    }

    /// @inheritdoc IDcapCertificates
    function signer(bytes20 keyId) external view returns (bytes32 x, bytes32 y, uint64 notAfter) {
        DcapAuthority storage authority;
        (authority, notAfter) = _current(keyId, true);
        (x, y) = (authority.x, authority.y);
    }

    /// @inheritdoc IDcapCertificates
    function rootKeyId() external view returns (bytes20) {
        return ROOT_KEY_ID;
    }

    /// @inheritdoc IDcapCertificates
    function authorities(bytes20 keyId) external view returns (DcapAuthority memory) {
        return _authorities[keyId];
    }

    /// @inheritdoc IDcapCertificates
    function crls(bytes20 issuer) external view returns (DcapCrl memory) {
        return _crls[issuer];
    }

    /// @inheritdoc IDcapCertificates
    function pckOfChain(bytes32 chainHash) external view returns (bytes32) {
        return _chains[chainHash];
    }

    function _keepPck(
        bytes32 pckId,
        Certificate memory cert,
        IntelFields memory fields,
        SgxPlatform memory sgx,
        uint40 checked
    ) private {
        bytes32 platform = sgx.ppid == 0 ? keccak256(abi.encode(cert.x, cert.y)) : keccak256(abi.encode(sgx.ppid));
        _pcks[pckId] = DcapPck({
            x: cert.x,
            y: cert.y,
            platform: platform,
            serial: fields.serial,
            // Years of four digits: below 2^40 seconds.
            notBefore: uint40(cert.notBefore),
            notAfter: uint40(cert.notAfter),
            authority: fields.authorityKey,
            checked: checked,
            components: sgx.components,
            fmspc: sgx.fmspc,
            pceId: sgx.pceId,
            pceSvn: sgx.pceSvn
        });
        emit PckCached(pckId, sgx.fmspc, platform);
    }

    /// @dev Keeps the chain that a PCK certificate makes with a tail, and says whether it was kept before.
    function _keepChain(bytes32 pckId, bytes memory pem, address tail) private returns (bool known) {
        bytes32 chain = keccak256(bytes.concat(pem, Blob.read(tail)));
        known = _chains[chain] != 0;
        _chains[chain] = pckId;
    }

    /// @dev Whether a tail is not the one kept, and the first such.
    function _isOther(bytes20 keyId, bytes memory tail) private view returns (bool) {
        return _twins[keyId] == address(0) && keccak256(tail) != keccak256(Blob.read(_authorities[keyId].tail));
    }

    /// @dev What a certificate of the root's is for, by its subject; its flags must be those of the kind.
    function _kindOf(Certificate memory cert) private pure returns (uint8 kind) {
        if (cert.subject == IntelNames.PROCESSOR_CA) kind = DCAP_PROCESSOR_CA;
        if (cert.subject == IntelNames.PLATFORM_CA) kind = DCAP_PLATFORM_CA;
        if (cert.subject == IntelNames.TCB_SIGNER) kind = DCAP_TCB_SIGNER;
        uint8 signs = cert.keyUsage & (X509.KEY_CERT_SIGN | CRL_SIGN);
        bool fit =
            kind == DCAP_TCB_SIGNER
                ? !cert.isAuthority && signs == 0 && cert.keyUsage & X509.DIGITAL_SIGNATURE != 0
                : kind != 0 && cert.isAuthority && cert.pathLength == 0 && signs == X509.KEY_CERT_SIGN | CRL_SIGN;
        require(fit, AuthorityUnfit(cert.subject, cert.isAuthority, cert.pathLength, cert.keyUsage));
    }

    /// @dev An authority, or the signer, that is valid now and not in the root's CRL, and the end of that.
    function _current(
        bytes20 keyId,
        bool isSigner
    ) private view returns (DcapAuthority storage authority, uint64 notAfter) {
        authority = _authorities[keyId];
        uint8 kind = authority.kind;
        require(kind != 0 && (kind == DCAP_TCB_SIGNER) == isSigner, AuthorityUnknown(keyId));
        _requireInTime(authority.serial, authority.notBefore, authority.notAfter);
        require(block.timestamp <= ROOT_NOT_AFTER, RootExpired(ROOT_NOT_AFTER));
        DcapCrl storage crl = _currentCrl(ROOT_KEY_ID);
        _requireNotRevoked(crl, ROOT_KEY_ID, authority.serial);
        notAfter = _least(ROOT_NOT_AFTER, authority.notAfter, crl.nextUpdate);
    }

    function _currentCrl(bytes20 issuer) private view returns (DcapCrl storage crl) {
        crl = _crls[issuer];
        require(crl.thisUpdate != 0, CrlUnknown(issuer));
        require(
            crl.thisUpdate <= block.timestamp && block.timestamp <= crl.nextUpdate,
            CrlNotCurrent(issuer, crl.thisUpdate, crl.nextUpdate)
        );
    }

    /// @dev About 50 gas for each serial number in the list, of which there are at most `IntelCrl.MAX_SERIALS`.
    function _requireNotRevoked(DcapCrl storage crl, bytes20 issuer, uint160 serial) private view {
        bytes memory serials = Blob.read(crl.serials);
        // Assembly sees a word, which this makes sure of.
        uint256 wanted = serial;
        bool found;
        assembly ("memory-safe") {
            let at := add(serials, 0x20)
            let end := add(at, mload(serials))
            for {} lt(at, end) {
                at := add(at, 20)
            } {
                found := or(found, eq(shr(96, mload(at)), wanted))
            }
        }
        require(!found, CertificateRevoked(issuer, serial));
    }

    function _requireInTime(uint160 serial, uint256 notBefore, uint256 notAfter) private view {
        require(
            notBefore <= block.timestamp && block.timestamp <= notAfter,
            CertificateNotCurrent(serial, notBefore, notAfter)
        );
    }

    function _verify(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y, bytes20 issuer) private view {
        require(P256Verify.verify(hash, r, s, x, y), IssuerSignatureMismatch(issuer));
    }

    function _least(uint64 a, uint64 b, uint64 c) private pure returns (uint64 least) {
        least = a < b ? a : b;
        if (c < least) least = c;
    }
}
