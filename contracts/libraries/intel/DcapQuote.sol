// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Where the parts of a quote lie; offsets from its start.
/// @param body The report that is attested.
/// @param bodyType One of the BODY_ types.
/// @param signedEnd End of what the attestation key signs, which begins at 0.
/// @param signature The attestation key's signature (64 bytes), then the key (64).
/// @param report Report of the quoting enclave (384 bytes), then the PCK's signature on it (64).
/// @param auth Authentication data, which the report's data go over with the key.
/// @param authEnd End of that.
/// @param chain PEM text of the PCK certificate's chain; nothing where the quote was shortened.
/// @param chainEnd End of that, without the zero byte that most quotes have there.
struct Quote {
    uint256 body;
    uint256 bodyType;
    uint256 signedEnd;
    uint256 signature;
    uint256 report;
    uint256 auth;
    uint256 authEnd;
    uint256 chain;
    uint256 chainEnd;
}

/// @notice Decodes quotes of Intel's quoting enclaves: versions 3 (SGX), 4 and 5 (SGX, TDX), with ECDSA-P256 attestation
/// keys and PCK certificate chains. Every byte is accounted for; zero bytes may follow.
/// @dev Not checked here: signatures, and what the reports say.
library DcapQuote {
    /// @dev Longest quote, in bytes.
    uint256 internal constant MAX_BYTES = 16_384;

    uint256 internal constant BODY_SGX = 1;
    uint256 internal constant BODY_TD_1_0 = 2;
    uint256 internal constant BODY_TD_1_5 = 3;

    uint256 internal constant REPORT_BYTES = 384;
    uint256 private constant TD_1_0_BYTES = 584;
    uint256 private constant TD_1_5_BYTES = 648;
    uint256 private constant HEADER_BYTES = 48;

    uint256 private constant TEE_SGX = 0;
    uint256 private constant TEE_TDX = 0x81;
    uint256 private constant KEY_ECDSA_P256 = 2;
    uint256 private constant DATA_PCK_CHAIN = 5;
    uint256 private constant DATA_QE_REPORT = 6;

    /// @dev Intel's quoting enclaves.
    bytes16 private constant VENDOR = hex"939a7233f79c4ca9940a0db3957f0607";

    /// @notice Thrown when a quote is longer than `limit` bytes.
    error QuoteTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when a quote ends before the part at `offset` does.
    error QuoteTruncated(uint256 offset);

    /// @notice Thrown when bytes that are not zero follow the quote.
    error QuoteTrailing(uint256 offset);

    /// @notice Thrown when the version is none of those above for this kind of enclave.
    error QuoteVersionUnsupported(uint256 version);

    /// @notice Thrown when the attestation key is not on P-256.
    error QuoteKeyTypeUnsupported(uint256 keyType);

    /// @notice Thrown when a quote is of another kind of enclave.
    error QuoteTeeTypeUnexpected(uint256 teeType);

    /// @notice Thrown when the quoting enclave is not Intel's.
    error QuoteVendorUnknown(bytes16 vendor);

    /// @notice Thrown when the body has another type, or another size than its type has.
    error QuoteBodyUnsupported(uint256 bodyType, uint256 size);

    /// @notice Thrown when the certification data at `offset` are not of the type that belongs there.
    error QuoteCertificationUnsupported(uint256 offset, uint256 dataType);

    /// @notice Thrown when the size at `offset` is not that of what it is the size of.
    error QuoteSizeMismatch(uint256 offset, uint256 received, uint256 expected);

    /// @notice Decodes a quote of TDX, or of SGX.
    function decode(bytes calldata data, bool isTdx) internal pure returns (Quote memory quote) {
        require(data.length <= MAX_BYTES, QuoteTooLong(data.length, MAX_BYTES));
        require(data.length >= HEADER_BYTES, QuoteTruncated(0));
        uint256 version = _little(data, 0, 2);
        require(version >= (isTdx ? 4 : 3) && version <= 5, QuoteVersionUnsupported(version));
        uint256 word = _little(data, 2, 2);
        require(word == KEY_ECDSA_P256, QuoteKeyTypeUnsupported(word));
        word = _little(data, 4, 4);
        require(word == (isTdx ? TEE_TDX : TEE_SGX), QuoteTeeTypeUnexpected(word));
        bytes16 vendor = bytes16(data[12:28]);
        require(vendor == VENDOR, QuoteVendorUnknown(vendor));

        uint256 at = _decodeBody(data, version, isTdx, quote);
        quote.signedEnd = at;
        uint256 size = _little(data, at, 4);
        at += 4;
        uint256 end = at + size;
        require(end <= data.length, QuoteTruncated(at));
        _decodeSignature(data, at, end, version, quote);
        _requireZeros(data, end);
    }

    /// @dev Finds the body, and returns its end.
    function _decodeBody(
        bytes calldata data,
        uint256 version,
        bool isTdx,
        Quote memory quote
    ) private pure returns (uint256 end) {
        quote.body = HEADER_BYTES;
        quote.bodyType = isTdx ? BODY_TD_1_0 : BODY_SGX;
        uint256 size = isTdx ? TD_1_0_BYTES : REPORT_BYTES;
        if (version == 5) {
            quote.bodyType = _little(data, HEADER_BYTES, 2);
            if (isTdx && quote.bodyType == BODY_TD_1_5) size = TD_1_5_BYTES;
            uint256 received = _little(data, HEADER_BYTES + 2, 4);
            bool known =
                isTdx ? quote.bodyType == BODY_TD_1_0 || quote.bodyType == BODY_TD_1_5 : quote.bodyType == BODY_SGX;
            require(known && received == size, QuoteBodyUnsupported(quote.bodyType, received));
            quote.body = HEADER_BYTES + 6;
        }
        return quote.body + size;
    }

    /// @dev The signature data, which are data[at:end].
    function _decodeSignature(
        bytes calldata data,
        uint256 at,
        uint256 end,
        uint256 version,
        Quote memory quote
    ) private pure {
        quote.signature = at;
        at += 128;
        if (version != 3) at = _openData(data, at, end, DATA_QE_REPORT);
        quote.report = at;
        at += REPORT_BYTES + 64;
        uint256 size = _little(data, at, 2);
        quote.auth = at + 2;
        at += 2 + size;
        quote.authEnd = at;
        at = _openData(data, at, end, DATA_PCK_CHAIN);
        quote.chain = at;
        quote.chainEnd = end;
        // A text that ends with a zero byte, as in C.
        if (end - at > 1 && data[end - 1] == 0) quote.chainEnd = end - 1;
    }

    /// @dev Opens certification data, which must reach to `end` and have `dataType`.
    function _openData(bytes calldata data, uint256 at, uint256 end, uint256 dataType) private pure returns (uint256) {
        require(at + 6 <= end, QuoteTruncated(at));
        uint256 received = _little(data, at, 2);
        require(received == dataType, QuoteCertificationUnsupported(at, received));
        received = _little(data, at + 2, 4);
        require(at + 6 + received == end, QuoteSizeMismatch(at + 2, received, end - at - 6));
        return at + 6;
    }

    function _requireZeros(bytes calldata data, uint256 at) private pure {
        uint256 first = at;
        uint256 end = data.length;
        uint256 bits;
        assembly ("memory-safe") {
            for {} lt(add(at, 32), end) {
                at := add(at, 32)
            } {
                bits := or(bits, calldataload(add(data.offset, at)))
            }
            // Of the last word, what lies inside: 1 to 32 bytes.
            if lt(at, end) {
                bits := or(bits, shr(shl(3, sub(32, sub(end, at))), calldataload(add(data.offset, at))))
            }
        }
        require(bits == 0, QuoteTrailing(first));
    }

    /// @dev The number of `size` bytes at `at`, the least significant first.
    function _little(bytes calldata data, uint256 at, uint256 size) private pure returns (uint256 value) {
        require(at + size <= data.length, QuoteTruncated(at));
        for (uint256 i = size; i != 0; --i) value = (value << 8) | uint8(data[at + i - 1]);
    }
}
