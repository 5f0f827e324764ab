// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INitroCertificates, NitroLeaf} from "../../interfaces/INitroCertificates.sol";
import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {X509} from "../../libraries/X509.sol";
import {Signed384} from "../../libraries/x509/Signed384.sol";
import {CertificateP384, X509P384} from "../../libraries/x509/X509P384.sol";

/// @notice Checks certificates from the root down, and remembers those it has checked.
/// @dev Not checked here: key identifiers, name constraints and policies that are not critical, and distribution points.
abstract contract NitroChain is INitroCertificates {
    /// @dev Most certificates below the root. AWS has three authorities and a leaf there.
    uint256 internal constant MAX_CHAIN = 6;

    /// @dev Longest certificate, in bytes, as the module has it.
    uint256 internal constant MAX_CERTIFICATE_BYTES = 1024;

    uint8 internal constant LEAF = 1;
    uint8 internal constant AUTHORITY = 2;

    /// @dev An authority that may sign revocation lists.
    uint8 internal constant CRL_AUTHORITY = 3;

    /// @dev A remembered certificate. The first slot: 40-bit notBefore | 40-bit notAfter | 160-bit serial |
    /// 8-bit pathLength | 8-bit kind, least significant first; `kind` is zero for none.
    struct Entry {
        uint40 notBefore;
        uint40 notAfter;
        uint160 serial;
        uint8 pathLength;
        uint8 kind;
        bytes32 identity;
        bytes32[3] key;
    }

    /// @dev A checked certificate, from which the next is checked.
    /// @param identity `identityOf` its name and key.
    /// @param id Where its key is remembered; not used where `key` is not empty.
    /// @param key Its key, or nothing where it has not been needed yet.
    /// @param room How many authorities may follow.
    /// @param leastNotAfter Least end of validity from the root to it.
    struct Link {
        bytes32 identity;
        bytes32 id;
        bytes key;
        uint64 notBefore;
        uint64 notAfter;
        uint160 serial;
        uint8 pathLength;
        uint8 kind;
        uint256 room;
        uint64 leastNotAfter;
    }

    IP384Verifier private immutable _P384;

    /// @dev INV-A1: an entry says what a certificate says that the issuer in its id signed. `_remember` is the only
    /// writer, after `_check` found the signature good, and no entry is ever changed: its id commits to all of it.
    mapping(bytes32 id => Entry entry) private _entries;

    /// @dev INV-A2: never cleared. `_revoke` is the only writer.
    mapping(bytes32 issuer => mapping(uint160 serial => bool revoked)) private _revoked;

    constructor(IP384Verifier p384_) {
        require(address(p384_).code.length != 0, SignatureVerifierMissing(address(p384_)));
        _P384 = p384_;
    }

    /// @inheritdoc INitroCertificates
    function cacheCertificates(bytes[] calldata chain, bytes[] calldata hints) external {
        require(chain.length != 0 && chain.length <= MAX_CHAIN, ChainLengthInvalid(chain.length, MAX_CHAIN));
        require(hints.length == chain.length, HintsCountInvalid(hints.length, chain.length));
        _cacheChain(chain, hints);
    }

    /// @inheritdoc INitroCertificates
    function checkChain(
        bytes[] calldata chain,
        bytes calldata hints
    ) external view returns (NitroLeaf memory leaf, uint256 used) {
        require(chain.length >= 2 && chain.length <= MAX_CHAIN + 1, ChainLengthInvalid(chain.length, MAX_CHAIN));
        bytes32 root = keccak256(chain[0]);
        require(root == _rootCertificate(), RootMismatch(root, _rootCertificate()));
        Link memory link = _start();
        for (uint256 i = 1; i < chain.length; ++i) {
            bytes calldata hint;
            (hint, used) = _nextHint(hints, used);
            (link, ) = _check(link, i, chain[i], hint, i + 1 == chain.length ? LEAF : AUTHORITY);
        }
        leaf = NitroLeaf(_keyOf(link), link.notBefore, link.notAfter, link.leastNotAfter);
    }

    /// @inheritdoc INitroCertificates
    function p384() public view returns (IP384Verifier) {
        return _P384;
    }

    /// @inheritdoc INitroCertificates
    function rootIdentity() external view returns (bytes32) {
        return _root().identity;
    }

    /// @inheritdoc INitroCertificates
    function identityOf(bytes32 name, bytes memory key) public pure returns (bytes32) {
        return keccak256(abi.encode(name, keccak256(key)));
    }

    /// @inheritdoc INitroCertificates
    function certificateIdOf(bytes32 issuer, bytes calldata tbs) public pure returns (bytes32) {
        return keccak256(abi.encode(issuer, keccak256(tbs)));
    }

    /// @inheritdoc INitroCertificates
    function cachedUntil(bytes32 id) external view returns (uint64) {
        return _entries[id].notAfter;
    }

    /// @inheritdoc INitroCertificates
    function isRevoked(bytes32 issuer, uint160 serial) public view returns (bool) {
        return _revoked[issuer][serial];
    }

    /// @dev What the root certificate must be, byte for byte, as keccak256.
    function _rootCertificate() internal view virtual returns (bytes32);

    /// @dev The root, as a link.
    function _root() internal view virtual returns (Link memory);

    /// @dev The root, which must be valid at this time.
    function _start() internal view returns (Link memory root) {
        root = _root();
        require(
            root.notBefore <= block.timestamp && block.timestamp <= root.notAfter,
            CertificateNotCurrent(0, root.notBefore, root.notAfter)
        );
    }

    /// @dev Checks `chain` below the root and remembers what was not; returns its last.
    function _cacheChain(bytes[] calldata chain, bytes[] calldata hints) internal returns (Link memory link) {
        link = _start();
        for (uint256 i = 0; i < chain.length; ++i) {
            bytes32 issuer = link.identity;
            bool known;
            // A leaf is one only at the end.
            (link, known) = _check(link, i + 1, chain[i], hints[i], i + 1 == chain.length ? 0 : AUTHORITY);
            if (!known) _remember(link, issuer);
        }
    }

    /// @dev Checks the certificate `der` below `parent`; `index` counts from the root, which is 0.
    /// @param kind LEAF or AUTHORITY for what it must be, zero for either.
    /// @return link The certificate.
    /// @return known Whether it was remembered, its hints not being used then.
    function _check(
        Link memory parent,
        uint256 index,
        bytes calldata der,
        bytes calldata hints,
        uint8 kind
    ) internal view returns (Link memory link, bool known) {
        require(der.length <= MAX_CERTIFICATE_BYTES, CertificateTooLong(index, der.length, MAX_CERTIFICATE_BYTES));
        // Of a remembered certificate the outside is read all the same, so that its form does not depend on the cache.
        (bytes calldata tbs, bytes memory signature) = Signed384.split(der);
        link.id = certificateIdOf(parent.identity, tbs);
        Entry storage entry = _entries[link.id];
        known = entry.kind != 0;
        if (known) {
            (link.notBefore, link.notAfter, link.serial) = (entry.notBefore, entry.notAfter, entry.serial);
            (link.pathLength, link.kind, link.identity) = (entry.pathLength, entry.kind, entry.identity);
        } else {
            _decode(parent, index, tbs, link);
        }
        require(
            link.notBefore <= block.timestamp && block.timestamp <= link.notAfter,
            CertificateNotCurrent(index, link.notBefore, link.notAfter)
        );
        require(!isRevoked(parent.identity, link.serial), CertificateIsRevoked(index, parent.identity, link.serial));
        require(kind == 0 || (kind == LEAF) == (link.kind == LEAF), AuthorityUnexpected(index, link.kind != LEAF));
        if (link.kind != LEAF) {
            require(parent.room != 0, PathTooLong(index));
            link.room = parent.room - 1;
            if (link.pathLength != X509.NO_LIMIT && link.pathLength < link.room) link.room = link.pathLength;
        }
        link.leastNotAfter = link.notAfter < parent.leastNotAfter ? link.notAfter : parent.leastNotAfter;
        if (!known) {
            require(hints.length != 0, CertificateUnknown(index));
            require(_isSigned(tbs, signature, _keyOf(parent), hints), SignatureMismatch(index));
        }
    }

    /// @dev Whether the signature holds and the hints show it. A refusal of hints is a refusal of the signature: for one
    /// that does not hold there are none.
    function _isSigned(
        bytes calldata message,
        bytes memory signature,
        bytes memory key,
        bytes calldata hints
    ) internal view returns (bool isGood) {
        try _P384.verify(message, signature, key, hints) returns (bool answer) {
            isGood = answer;
        } catch {}
    }

    /// @dev The key of a checked certificate, X || Y.
    function _keyOf(Link memory link) internal view returns (bytes memory key) {
        key = link.key;
        if (key.length == 0) {
            bytes32[3] storage parts = _entries[link.id].key;
            key = abi.encodePacked(parts[0], parts[1], parts[2]);
            link.key = key;
        }
    }

    /// @dev Revokes for ever.
    function _revoke(bytes32 issuer, uint160 serial) internal {
        if (_revoked[issuer][serial]) return;
        _revoked[issuer][serial] = true;
        emit CertificateRevoked(issuer, serial);
    }

    /// @dev Reads a certificate that is not remembered into `link`.
    function _decode(Link memory parent, uint256 index, bytes calldata tbs, Link memory link) private view {
        CertificateP384 memory cert = X509P384.decode(tbs);
        require(identityOf(cert.issuer, _keyOf(parent)) == parent.identity, IssuerMismatch(index));
        uint8 usage = cert.constraints.keyUsage;
        if (cert.constraints.isAuthority) {
            require(usage & X509.KEY_CERT_SIGN != 0, KeyUsageInvalid(index, usage));
            link.kind = usage & X509.CRL_SIGN != 0 ? CRL_AUTHORITY : AUTHORITY;
        } else {
            // A leaf signs data, and never certificates or lists.
            uint8 wanted = usage & (X509.DIGITAL_SIGNATURE | X509.KEY_CERT_SIGN | X509.CRL_SIGN);
            require(wanted == X509.DIGITAL_SIGNATURE, KeyUsageInvalid(index, usage));
            link.kind = LEAF;
        }
        link.identity = identityOf(cert.subject, cert.key);
        link.key = cert.key;
        (link.notBefore, link.notAfter) = (cert.notBefore, cert.notAfter);
        (link.serial, link.pathLength) = (cert.serial, cert.constraints.pathLength);
    }

    /// @dev Remembers a certificate that was decoded and whose signature was checked.
    function _remember(Link memory link, bytes32 issuer) private {
        Entry storage entry = _entries[link.id];
        // Years of four digits: below 2^40 seconds.
        entry.notBefore = uint40(link.notBefore);
        entry.notAfter = uint40(link.notAfter);
        entry.serial = link.serial;
        entry.pathLength = link.pathLength;
        entry.kind = link.kind;
        entry.identity = link.identity;
        bytes memory key = link.key;
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 part;
            assembly ("memory-safe") {
                // The key has 96 bytes.
                part := mload(add(add(key, 0x20), shl(5, i)))
            }
            entry.key[i] = part;
        }
        emit CertificateCached(link.id, issuer, link.identity, link.notAfter);
    }

    /// @dev The hints at `at`: four bytes of length, and that many bytes.
    function _nextHint(bytes calldata hints, uint256 at) private pure returns (bytes calldata hint, uint256 next) {
        require(at + 4 <= hints.length, HintsTruncated(at));
        // Below 2^32 + 2^32.
        next = at + 4 + uint32(bytes4(hints[at:at + 4]));
        require(next <= hints.length, HintsTruncated(at));
        hint = hints[at + 4:next];
    }
}
