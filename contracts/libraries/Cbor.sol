// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Reads deterministic CBOR (RFC 8949, 4.2.1) out of calldata: definite lengths, shortest heads, no tags. The
/// one exception is for the caller to choose: `openMap` also takes a map of indefinite length.
/// @dev Offsets count from the start of `data`; nothing is read past its end. The order and the uniqueness of map keys
/// are the caller's: one that demands each key in its place has both.
library Cbor {
    uint8 internal constant UINT = 0;
    uint8 internal constant BYTES = 2;
    uint8 internal constant TEXT = 3;
    uint8 internal constant ARRAY = 4;
    uint8 internal constant MAP = 5;

    /// @dev Count of a map of indefinite length.
    uint256 internal constant INDEFINITE = type(uint256).max;

    /// @notice Thrown when an item would reach past the end of the data.
    error CborTruncated(uint256 offset);

    /// @notice Thrown when the item at `offset` is of another major type than its place demands.
    error CborTypeUnexpected(uint256 offset, uint8 received, uint8 expected);

    /// @notice Thrown when a head is indefinite, reserved, or not the shortest for its value.
    error CborHeadInvalid(uint256 offset);

    /// @notice Thrown when a text is not the one its place demands.
    error CborTextUnexpected(uint256 offset);

    /// @notice Thrown when a length or a count is not the one its place demands.
    error CborSizeUnexpected(uint256 offset, uint256 received, uint256 expected);

    /// @notice Thrown when a simple value is not false or true.
    error CborBoolInvalid(uint256 offset);

    /// @notice The value or length in the head at `offset`, which must be of `major` type.
    function readHead(
        bytes calldata data,
        uint256 offset,
        uint8 major
    ) internal pure returns (uint64 value, uint256 next) {
        require(offset < data.length, CborTruncated(offset));
        uint256 word;
        assembly ("memory-safe") {
            // The head and up to eight bytes behind it; those past the end are not used.
            word := calldataload(add(data.offset, offset))
        }
        // Offsets are below the size of calldata, and widths at most 8, so nothing here can wrap.
        unchecked {
            uint8 head = uint8(word >> 248);
            require(head >> 5 == major, CborTypeUnexpected(offset, head >> 5, major));
            uint256 info = head & 0x1f;
            next = offset + 1;
            if (info < 24) return (uint64(info), next);
            require(info < 28, CborHeadInvalid(offset));
            // 1, 2, 4 or 8 bytes.
            uint256 width = 1 << (info - 24);
            next += width;
            require(next <= data.length, CborTruncated(offset));
            value = uint64((word << 8) >> (256 - 8 * width));
            // The least value that needs this width: 24, 2^8, 2^16, 2^32.
            require(value >= (width == 1 ? 24 : 1 << (4 * width)), CborHeadInvalid(offset));
        }
    }

    /// @notice A byte string of any length.
    function readBytes(bytes calldata data, uint256 offset) internal pure returns (bytes calldata value, uint256 next) {
        (uint64 length, uint256 start) = readHead(data, offset, BYTES);
        next = start + length;
        require(next <= data.length, CborTruncated(offset));
        value = data[start:next];
    }

    /// @notice A byte string of `length` bytes.
    function readBytes(
        bytes calldata data,
        uint256 offset,
        uint256 length
    ) internal pure returns (bytes calldata value, uint256 next) {
        (value, next) = readBytes(data, offset);
        require(value.length == length, CborSizeUnexpected(offset, value.length, length));
    }

    /// @notice A text of any length. That it is UTF-8 is not checked.
    function readText(bytes calldata data, uint256 offset) internal pure returns (bytes calldata value, uint256 next) {
        (uint64 length, uint256 start) = readHead(data, offset, TEXT);
        next = start + length;
        require(next <= data.length, CborTruncated(offset));
        value = data[start:next];
    }

    /// @notice Opens a map of definite or indefinite length, to be walked with `more`.
    /// @return left How many pairs it has, or `INDEFINITE`.
    function openMap(bytes calldata data, uint256 offset) internal pure returns (uint256 left, uint256 next) {
        require(offset < data.length, CborTruncated(offset));
        if (data[offset] == 0xbf) return (INDEFINITE, offset + 1);
        return readHead(data, offset, MAP);
    }

    /// @notice Whether another pair of the map follows at `offset`, what is left after it, and where it begins; where
    /// none does, `next` is past the map.
    function more(
        bytes calldata data,
        uint256 offset,
        uint256 left
    ) internal pure returns (bool follows, uint256 leftAfter, uint256 next) {
        if (left != INDEFINITE) return left == 0 ? (false, 0, offset) : (true, left - 1, offset);
        require(offset < data.length, CborTruncated(offset));
        return data[offset] == 0xff ? (false, 0, offset + 1) : (true, INDEFINITE, offset);
    }

    /// @notice Whether null stands at `offset`.
    function isNull(bytes calldata data, uint256 offset) internal pure returns (bool) {
        require(offset < data.length, CborTruncated(offset));
        return data[offset] == 0xf6;
    }

    /// @notice Skips the text `expected`, which must stand at `offset`.
    function expectText(
        bytes calldata data,
        uint256 offset,
        string memory expected
    ) internal pure returns (uint256 next) {
        (uint64 length, uint256 start) = readHead(data, offset, TEXT);
        next = start + length;
        require(next <= data.length, CborTruncated(offset));
        require(keccak256(data[start:next]) == keccak256(bytes(expected)), CborTextUnexpected(offset));
    }

    /// @notice Opens an array or map of exactly `expected` items or pairs.
    function expectCount(
        bytes calldata data,
        uint256 offset,
        uint8 major,
        uint256 expected
    ) internal pure returns (uint256 next) {
        uint64 received;
        (received, next) = readHead(data, offset, major);
        require(received == expected, CborSizeUnexpected(offset, received, expected));
    }

    /// @notice false or true.
    function readBool(bytes calldata data, uint256 offset) internal pure returns (bool value, uint256 next) {
        require(offset < data.length, CborTruncated(offset));
        uint8 head = uint8(data[offset]);
        require(head == 0xf4 || head == 0xf5, CborBoolInvalid(offset));
        return (head == 0xf5, offset + 1);
    }
}
