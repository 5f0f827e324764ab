// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A certificate authority or signer that Intel's root has certified.
/// @param x Public key on P-256, first coordinate.
/// @param y Second coordinate.
/// @param serial Serial number of the certificate.
/// @param notBefore First second of validity, Unix time.
/// @param notAfter Last second of validity.
/// @param kind One of the DCAP_ kinds, zero for none.
/// @param tail Blob of the PEM text of this certificate and the root's, zero where the kind signs no certificates.
struct DcapAuthority {
    bytes32 x;
    bytes32 y;
    uint160 serial;
    uint40 notBefore;
    uint40 notAfter;
    uint8 kind;
    address tail;
}

/// @notice A certificate revocation list (CRL), decoded.
/// @param thisUpdate First second of validity, Unix time; tells a list from all others of its issuer.
/// @param nextUpdate Last second of validity.
/// @param serials Blob of the serial numbers revoked, 20 bytes each; zero for none.
struct DcapCrl {
    uint40 thisUpdate;
    uint40 nextUpdate;
    address serials;
}

/// @notice A platform's provisioning certification key (PCK), from its certificate.
/// @param x Public key on P-256, first coordinate.
/// @param y Second coordinate.
/// @param platform keccak256 of what tells the platform: its PPID, or the key where that is zero.
/// @param serial Serial number of the certificate.
/// @param notBefore First second of validity, Unix time.
/// @param notAfter Last second of validity.
/// @param authority Key identifier of the authority that issued the certificate.
/// @param checked `thisUpdate` of the CRL the serial number was last looked for in.
/// @param components The 16 security version numbers of the platform's components.
/// @param fmspc Family, model, stepping, platform and custom SKU.
/// @param pceId Identity of the provisioning certification enclave.
/// @param pceSvn Its security version number.
struct DcapPck {
    bytes32 x;
    bytes32 y;
    bytes32 platform;
    uint160 serial;
    uint40 notBefore;
    uint40 notAfter;
    bytes20 authority;
    uint40 checked;
    bytes16 components;
    bytes6 fmspc;
    bytes2 pceId;
    uint16 pceSvn;
}

/// @dev Kinds of `DcapAuthority`.
uint8 constant DCAP_PROCESSOR_CA = 1;
uint8 constant DCAP_PLATFORM_CA = 2;
uint8 constant DCAP_TCB_SIGNER = 3;

/// @notice Keeps Intel's certificates and revocation lists, whoever brings them: everything is checked against the root,
/// whose key is a constant. There is no owner.
/// @dev INV-D1: what is kept of a certificate authority or a CRL is never replaced by something issued earlier.
interface IDcapCertificates {
    /// @notice Emitted after the certificate of an authority or signer was kept.
    event AuthorityPut(bytes20 indexed keyId, uint8 indexed kind, uint160 serial, uint40 notAfter);

    /// @notice Emitted after a CRL was kept.
    event CrlPut(bytes20 indexed issuer, uint40 thisUpdate, uint40 nextUpdate, uint256 revoked);

    /// @notice Emitted after a PCK certificate was kept.
    event PckCached(bytes32 indexed pckId, bytes6 indexed fmspc, bytes32 indexed platform);

    /// @notice Emitted after a PCK certificate was looked for in a newer CRL.
    event PckChecked(bytes32 indexed pckId, uint40 thisUpdate);

    /// @notice Thrown when the issuer of a certificate or CRL, by name and key identifier, is not the one it should be.
    error IssuerMismatch(bytes32 name, bytes20 keyId);

    /// @notice Thrown when a certificate that the root signed is neither of a PCK authority nor of the TCB signer, or has
    /// not the flags that belong to its kind.
    error AuthorityUnfit(bytes32 subject, bool isAuthority, uint8 pathLength, uint8 keyUsage);

    /// @notice Thrown when a certificate brings another key or kind for a key identifier that is known.
    error AuthorityChanged(bytes20 keyId);

    /// @notice Thrown when what is brought was not issued later than what is kept.
    error CollateralNotNewer(uint256 received, uint256 kept);

    /// @notice Thrown when no authority of the right kind is kept under `keyId`.
    error AuthorityUnknown(bytes20 keyId);

    /// @notice Thrown when a certificate is not valid at this time. Both ends belong to its validity.
    error CertificateNotCurrent(uint160 serial, uint256 notBefore, uint256 notAfter);

    /// @notice Thrown when no CRL of `issuer` is kept.
    error CrlUnknown(bytes20 issuer);

    /// @notice Thrown when the CRL of `issuer` is not valid at this time. Both ends belong to its validity.
    error CrlNotCurrent(bytes20 issuer, uint256 thisUpdate, uint256 nextUpdate);

    /// @notice Thrown when the root's own certificate is no longer valid.
    error RootExpired(uint256 notAfter);

    /// @notice Thrown when a certificate stands in its issuer's CRL.
    error CertificateRevoked(bytes20 issuer, uint160 serial);

    /// @notice Thrown when the signature on a certificate or CRL is not the issuer's.
    error IssuerSignatureMismatch(bytes20 issuer);

    /// @notice Thrown when a PCK certificate has not the subject or the flags of one.
    error PckUnfit(bytes32 subject, bool isAuthority, uint8 keyUsage);

    /// @notice Thrown when a PCK certificate is kept already, with every chain it makes with what is kept of its authority.
    error PckKnown(bytes32 pckId);

    /// @notice Thrown when no PCK certificate is kept under `pckId`.
    error PckUnknown(bytes32 pckId);

    /// @notice Keeps the certificate `der` of a PCK authority or of the TCB signer, which the root has signed. Of an
    /// authority's that is kept, the twin too (the one with n - s for s in its signature), as quotes may carry either.
    function putAuthority(bytes calldata der) external returns (bytes20 keyId);

    /// @notice Keeps the CRL `der` of `issuer`: the root's key identifier, or that of a PCK authority.
    function putCrl(bytes20 issuer, bytes calldata der) external;

    /// @notice Keeps the PCK certificate `der`, whose authority and CRLs are kept and current, and the chains that it makes
    /// with what is kept of its authority. Where that has a new certificate, or a twin, the same call adds the new chain.
    /// @return pckId keccak256 of `der`.
    function cachePck(bytes calldata der) external returns (bytes32 pckId);

    /// @notice Looks for a PCK certificate in the newest CRL, which makes `pck` cheaper until the next one.
    function checkPck(bytes32 pckId) external;

    /// @notice The root's key identifier.
    function rootKeyId() external view returns (bytes20);

    /// @notice What is kept under `keyId`, valid or not; all zero for none.
    function authorities(bytes20 keyId) external view returns (DcapAuthority memory);

    /// @notice The CRL kept of `issuer`, valid or not; all zero for none.
    function crls(bytes20 issuer) external view returns (DcapCrl memory);

    /// @notice The certificate that stands first in a chain, whose PEM text has the hash `chainHash`: it, its authority's,
    /// and the root's, each as Intel writes them. Zero for none.
    function pckOfChain(bytes32 chainHash) external view returns (bytes32 pckId);

    /// @notice The platform of a PCK certificate that is, with its whole chain, valid and not revoked at this time.
    /// @return platform What the certificate says.
    /// @return notAfter Last second at which all that was looked at is valid.
    function pck(bytes32 pckId) external view returns (DcapPck memory platform, uint64 notAfter);

    /// @notice The key of the TCB signer `keyId`, whose chain is valid and not revoked at this time.
    function signer(bytes20 keyId) external view returns (bytes32 x, bytes32 y, uint64 notAfter);
}
