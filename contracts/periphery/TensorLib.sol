// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Element types of the canonical tensor encoding; the number of each is its code. `None` is not one.
enum Dtype {
    None,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    Bool
}

/// @notice A decimal number as OpenGradient's contracts hold it: value * 10^-decimals. 1.5 is (15, 1).
struct Number {
    int128 value;
    int128 decimals;
}

/// @notice What the header of an encoding says, checked against the encoding's length.
/// @param dtype Element type.
/// @param rank Number of dims, 0 to 8; 0 is a scalar.
/// @param width Bytes of an element.
/// @param count Number of elements.
/// @param start Where the first element begins, in bytes.
struct TensorHeader {
    Dtype dtype;
    uint256 rank;
    uint256 width;
    uint256 count;
    uint256 start;
}

/// @notice Reads and writes the canonical tensor encoding: dtype code (1 byte) | rank (1 byte) | dims (4 bytes each, at
/// least 1) | elements, row-major. Everything is big-endian; integers are two's complement; `f32` is IEEE 754 single
/// precision without NaN and -0; `bool` is 0 or 1.
/// @dev Every function that reads checks the whole header against the length first, so a wrong encoding is refused
/// whatever is asked of it; elements are checked when they are read, and all of them by `requireCanonical`. To read many
/// elements, take `header` once and pass it on. Not checked here: that the shape is the one you expect.
library TensorLib {
    /// @dev Most dims.
    uint256 internal constant MAX_RANK = 8;

    /// @dev 10^38 is the greatest power of ten below 2^127: a wider gap changes every non-zero int128 past use.
    int256 private constant MAX_POWER = 38;

    /// @notice Thrown when an encoding ends before its header or data does. `needed` is the greatest uint256 when it
    /// would be 2^64 or more.
    error TensorTruncated(uint256 received, uint256 needed);
    /// @notice Thrown when bytes follow the last element.
    error TensorTrailingBytes(uint256 received, uint256 expected);
    error TensorDtypeUnknown(uint256 code);
    error TensorRankTooHigh(uint256 rank, uint256 limit);
    error TensorDimensionZero(uint256 axis);
    /// @notice Thrown when an element is not in its one form: a bool above 1, NaN or -0.
    error TensorElementInvalid(uint256 index);
    /// @notice Thrown when a function does not take the tensor's element type.
    error TensorDtypeMismatch(Dtype received);
    error TensorIndexOutOfRange(uint256 index, uint256 length);
    error TensorAxisOutOfRange(uint256 axis, uint256 rank);
    /// @notice Thrown when the number of elements is not the product of the dims.
    error TensorCountMismatch(uint256 received, uint256 expected);
    /// @notice Thrown when a number is not whole at the decimals asked for, or too many powers of ten away.
    error NumberNotWhole(uint256 index, int128 value, int128 decimals);
    /// @notice Thrown when a number does not fit the element type.
    error NumberOutOfRange(uint256 index, int256 value);

    // ---------------------------------------------------------------- reading

    /// @notice Header of an encoding that is exactly as long as it says. Elements are not looked at.
    function header(bytes calldata encoded) internal pure returns (TensorHeader memory) {
        (uint256 code, uint256 rank_, uint256 width, uint256 count, uint256 start) = _parse(encoded);
        _requireEnd(encoded, start + count * width);
        return TensorHeader(Dtype(code), rank_, width, count, start);
    }

    /// @notice Reverts unless `encoded` is exactly one canonical encoding, elements included.
    function requireCanonical(bytes calldata encoded) internal pure {
        TensorHeader memory h = header(encoded);
        if (h.dtype == Dtype.Bool || h.dtype == Dtype.F32) {
            for (uint256 i = 0; i < h.count; ++i) _checked(h, encoded, i);
        }
    }

    /// @notice Element type.
    function dtype(bytes calldata encoded) internal pure returns (Dtype) {
        return header(encoded).dtype;
    }

    /// @notice Number of dims, 0 to 8.
    function rank(bytes calldata encoded) internal pure returns (uint256) {
        return header(encoded).rank;
    }

    /// @notice Number of elements.
    function elementCount(bytes calldata encoded) internal pure returns (uint256) {
        return header(encoded).count;
    }

    /// @notice Dim number `axis`, the outermost first.
    function dim(bytes calldata encoded, uint256 axis) internal pure returns (uint32) {
        uint256 rank_ = header(encoded).rank;
        require(axis < rank_, TensorAxisOutOfRange(axis, rank_));
        return _dimAt(encoded, axis);
    }

    /// @notice All dims, the outermost first.
    function dims(bytes calldata encoded) internal pure returns (uint32[] memory shape) {
        shape = new uint32[](header(encoded).rank);
        for (uint256 axis = 0; axis < shape.length; ++axis) shape[axis] = _dimAt(encoded, axis);
    }

    /// @notice Element number `index`, row-major, of a tensor of any type but f32; a bool is 0 or 1.
    function intAt(bytes calldata encoded, uint256 index) internal pure returns (int256) {
        return intAt(header(encoded), encoded, index);
    }

    /// @notice `intAt` with the header of the same encoding, taken before.
    function intAt(TensorHeader memory h, bytes calldata encoded, uint256 index) internal pure returns (int256) {
        require(h.dtype != Dtype.F32, TensorDtypeMismatch(h.dtype));
        uint256 raw = _checked(h, encoded, index);
        if (!_isSigned(h.dtype)) return int256(raw);
        uint256 last = h.width - 1;
        int256 value;
        assembly ("memory-safe") {
            value := signextend(last, raw)
        }
        return value;
    }

    /// @notice Element number `index`, row-major, of a tensor of unsigned integers or bools.
    function uintAt(bytes calldata encoded, uint256 index) internal pure returns (uint256) {
        return uintAt(header(encoded), encoded, index);
    }

    /// @notice `uintAt` with the header of the same encoding, taken before.
    function uintAt(TensorHeader memory h, bytes calldata encoded, uint256 index) internal pure returns (uint256) {
        require(h.dtype != Dtype.F32 && !_isSigned(h.dtype), TensorDtypeMismatch(h.dtype));
        return _checked(h, encoded, index);
    }

    /// @notice IEEE 754 bits of element number `index` of an f32 tensor.
    function f32BitsAt(bytes calldata encoded, uint256 index) internal pure returns (bytes4) {
        TensorHeader memory h = header(encoded);
        require(h.dtype == Dtype.F32, TensorDtypeMismatch(h.dtype));
        return bytes4(uint32(_checked(h, encoded, index)));
    }

    /// @notice All elements of a tensor of any type but f32.
    function toInts(bytes calldata encoded) internal pure returns (int256[] memory values) {
        TensorHeader memory h = header(encoded);
        values = new int256[](h.count);
        for (uint256 i = 0; i < values.length; ++i) values[i] = intAt(h, encoded, i);
    }

    /// @notice Takes the first of several encodings that follow one another. The elements are not looked at.
    /// @return first The first encoding, alone.
    /// @return rest What follows it, maybe nothing.
    function split(bytes calldata encoded) internal pure returns (bytes calldata first, bytes calldata rest) {
        (, , uint256 width, uint256 count, uint256 start) = _parse(encoded);
        uint256 end = start + count * width;
        return (encoded[:end], encoded[end:]);
    }

    // ---------------------------------------------------------------- writing

    /// @notice Encodes unsigned bytes; the cheapest way to send pixels or text.
    function encodeU8(uint32[] memory shape, bytes memory data) internal pure returns (bytes memory encoded) {
        uint256 start;
        (encoded, start) = _begin(Dtype.U8, 1, shape, data.length);
        assembly ("memory-safe") {
            mcopy(add(add(encoded, 0x20), start), add(data, 0x20), mload(data))
        }
    }

    function encodeU8(uint32[] memory shape, uint8[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.U8, 1, shape, words);
    }

    function encodeI8(uint32[] memory shape, int8[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.I8, 1, shape, words);
    }

    function encodeU16(uint32[] memory shape, uint16[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.U16, 2, shape, words);
    }

    function encodeI16(uint32[] memory shape, int16[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.I16, 2, shape, words);
    }

    function encodeU32(uint32[] memory shape, uint32[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.U32, 4, shape, words);
    }

    function encodeI32(uint32[] memory shape, int32[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.I32, 4, shape, words);
    }

    function encodeU64(uint32[] memory shape, uint64[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.U64, 8, shape, words);
    }

    function encodeI64(uint32[] memory shape, int64[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words;
        assembly ("memory-safe") {
            words := data
        }
        return _encode(Dtype.I64, 8, shape, words);
    }

    function encodeBool(uint32[] memory shape, bool[] memory data) internal pure returns (bytes memory) {
        uint256[] memory words = new uint256[](data.length);
        for (uint256 i = 0; i < data.length; ++i) words[i] = data[i] ? 1 : 0;
        return _encode(Dtype.Bool, 1, shape, words);
    }

    /// @notice Encodes single-precision numbers given as IEEE 754 bits. NaN and -0 are refused.
    function encodeF32(uint32[] memory shape, bytes4[] memory bits) internal pure returns (bytes memory) {
        uint256[] memory words = new uint256[](bits.length);
        for (uint256 i = 0; i < bits.length; ++i) {
            words[i] = uint32(bits[i]);
            _requireF32(words[i], i);
        }
        return _encode(Dtype.F32, 4, shape, words);
    }

    // ------------------------------------------------- OpenGradient's numbers

    /// @notice The tensor as OpenGradient's `Number` tensor; an element stands for element * 10^-decimals. Not for f32.
    function toNumbers(
        bytes calldata encoded,
        int128 decimals
    ) internal pure returns (Number[] memory values, uint32[] memory shape) {
        TensorHeader memory h = header(encoded);
        values = new Number[](h.count);
        for (uint256 i = 0; i < values.length; ++i) {
            // Elements have at most 64 bits.
            values[i] = Number(int128(intAt(h, encoded, i)), decimals);
        }
        shape = dims(encoded);
    }

    /// @notice The tensor that OpenGradient's `Number` tensor stands for, each element being number * 10^decimals, which
    /// must be whole: nothing is rounded. Not for f32.
    function fromNumbers(
        Number[] memory values,
        uint32[] memory shape,
        Dtype dtype_,
        int128 decimals
    ) internal pure returns (bytes memory) {
        require(dtype_ != Dtype.F32 && dtype_ != Dtype.None, TensorDtypeMismatch(dtype_));
        uint256 width = _widthOf(uint256(dtype_));
        (int256 min, int256 max) = _bounds(dtype_, width);
        uint256[] memory words = new uint256[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            int256 value = _shift(values[i], decimals, i);
            require(value >= min && value <= max, NumberOutOfRange(i, value));
            words[i] = uint256(value);
        }
        return _encode(dtype_, width, shape, words);
    }

    // ---------------------------------------------------------------- private

    /// @dev Reads a header and makes sure that the data it announces is there; more may follow. `start + count * width`
    /// is at most `encoded.length`.
    function _parse(
        bytes calldata encoded
    ) private pure returns (uint256 code, uint256 rank_, uint256 width, uint256 count, uint256 start) {
        require(encoded.length >= 2, TensorTruncated(encoded.length, 2));
        code = uint8(encoded[0]);
        width = _widthOf(code);
        rank_ = uint8(encoded[1]);
        require(rank_ <= MAX_RANK, TensorRankTooHigh(rank_, MAX_RANK));
        start = 2 + 4 * rank_;
        require(encoded.length >= start, TensorTruncated(encoded.length, start));
        count = 1;
        unchecked {
            // Eight factors below 2^32: the product is below 2^256.
            for (uint256 axis = 0; axis < rank_; ++axis) {
                uint256 size = _dimAt(encoded, axis);
                require(size != 0, TensorDimensionZero(axis));
                count *= size;
            }
        }
        if (count > (encoded.length - start) / width) {
            revert TensorTruncated(encoded.length, count < (1 << 60) ? start + count * width : type(uint256).max);
        }
    }

    function _requireEnd(bytes calldata encoded, uint256 end) private pure {
        require(encoded.length == end, TensorTrailingBytes(encoded.length, end));
    }

    /// @dev `axis` is below the rank and the header is there.
    function _dimAt(bytes calldata encoded, uint256 axis) private pure returns (uint32 size) {
        assembly ("memory-safe") {
            size := shr(224, calldataload(add(add(encoded.offset, 2), shl(2, axis))))
        }
    }

    /// @dev Bits of an element, in its canonical form. The header may be another encoding's: the read is checked against
    /// this one's length.
    function _checked(TensorHeader memory h, bytes calldata encoded, uint256 index) private pure returns (uint256 raw) {
        require(index < h.count, TensorIndexOutOfRange(index, h.count));
        uint256 width = h.width;
        uint256 at = h.start + index * width;
        require(at + width <= encoded.length, TensorTruncated(encoded.length, at + width));
        assembly ("memory-safe") {
            raw := shr(sub(256, shl(3, width)), calldataload(add(encoded.offset, at)))
        }
        if (h.dtype == Dtype.Bool) require(raw <= 1, TensorElementInvalid(index));
        else if (h.dtype == Dtype.F32) _requireF32(raw, index);
    }

    function _requireF32(uint256 bits, uint256 index) private pure {
        bool isNaN = bits & 0x7fffffff > 0x7f800000;
        require(!isNaN && bits != 0x80000000, TensorElementInvalid(index));
    }

    function _widthOf(uint256 code) private pure returns (uint256) {
        require(code != 0 && code <= uint256(type(Dtype).max), TensorDtypeUnknown(code));
        // One byte per code, code 10 (bool) first: 01 04 08 08 04 04 02 02 01 01.
        return (0x01040808040402020101 >> (8 * (code - 1))) & 0xff;
    }

    function _isSigned(Dtype dtype_) private pure returns (bool) {
        return dtype_ == Dtype.I8 || dtype_ == Dtype.I16 || dtype_ == Dtype.I32 || dtype_ == Dtype.I64;
    }

    function _bounds(Dtype dtype_, uint256 width) private pure returns (int256 min, int256 max) {
        if (dtype_ == Dtype.Bool) return (0, 1);
        // `width` is at most 8, so all of this is below 2^65.
        if (_isSigned(dtype_)) return (-int256(1 << (8 * width - 1)), int256(1 << (8 * width - 1)) - 1);
        return (0, int256(1 << (8 * width)) - 1);
    }

    function _shift(Number memory number, int128 decimals, uint256 index) private pure returns (int256) {
        int256 value = number.value;
        if (value == 0) return 0;
        int256 power = int256(decimals) - int256(number.decimals);
        // |value| < 2^128 and 10^38 < 2^127, so the product is below 2^255.
        if (power >= 0 && power <= MAX_POWER) return value * int256(10 ** uint256(power));
        if (power < 0 && power >= -MAX_POWER) {
            int256 unit = int256(10 ** uint256(-power));
            if (value % unit == 0) return value / unit;
        }
        revert NumberNotWhole(index, number.value, number.decimals);
    }

    /// @dev Allocates an encoding and writes its header. At least 32 bytes after it are allocated too, so that the last
    /// element can be written as a word.
    function _begin(
        Dtype dtype_,
        uint256 width,
        uint32[] memory shape,
        uint256 received
    ) private pure returns (bytes memory encoded, uint256 start) {
        uint256 rank_ = shape.length;
        require(rank_ <= MAX_RANK, TensorRankTooHigh(rank_, MAX_RANK));
        uint256 count = 1;
        for (uint256 axis = 0; axis < rank_; ++axis) {
            require(shape[axis] != 0, TensorDimensionZero(axis));
            unchecked {
                // Eight factors below 2^32: the product is below 2^256.
                count *= shape[axis];
            }
        }
        require(received == count, TensorCountMismatch(received, count));
        start = 2 + 4 * rank_;
        uint256 size = start + count * width;
        assembly ("memory-safe") {
            encoded := mload(0x40)
            mstore(encoded, size)
            let data := add(encoded, 0x20)
            mstore(0x40, and(add(add(data, size), 0x3f), not(0x1f)))
            mstore8(data, dtype_)
            mstore8(add(data, 1), rank_)
            let to := add(data, 2)
            for {
                let from := add(shape, 0x20)
                let end := add(from, shl(5, rank_))
            } lt(from, end) {
                from := add(from, 0x20)
                to := add(to, 4)
            } {
                mstore(to, shl(224, mload(from)))
            }
        }
    }

    /// @dev Writes the low `width` bytes of each word.
    function _encode(
        Dtype dtype_,
        uint256 width,
        uint32[] memory shape,
        uint256[] memory words
    ) private pure returns (bytes memory encoded) {
        uint256 start;
        (encoded, start) = _begin(dtype_, width, shape, words.length);
        assembly ("memory-safe") {
            let shift := sub(256, shl(3, width))
            let to := add(add(encoded, 0x20), start)
            for {
                let from := add(words, 0x20)
                let end := add(from, shl(5, mload(words)))
            } lt(from, end) {
                from := add(from, 0x20)
                to := add(to, width)
            } {
                mstore(to, shl(shift, mload(from)))
            }
        }
    }
}
