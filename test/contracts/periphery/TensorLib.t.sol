// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Dtype, Number, TensorHeader, TensorLib} from "../../../contracts/periphery/TensorLib.sol";
import {vm} from "../../support/Vm.sol";

/// @notice The codec from calldata, as contracts use it.
contract TensorReader {
    using TensorLib for bytes;

    function requireCanonical(bytes calldata encoded) external pure {
        encoded.requireCanonical();
    }

    function header(bytes calldata encoded) external pure returns (TensorHeader memory) {
        return encoded.header();
    }

    function dim(bytes calldata encoded, uint256 axis) external pure returns (uint32) {
        return encoded.dim(axis);
    }

    function dims(bytes calldata encoded) external pure returns (uint32[] memory) {
        return encoded.dims();
    }

    function intAt(bytes calldata encoded, uint256 index) external pure returns (int256) {
        return encoded.intAt(index);
    }

    function uintAt(bytes calldata encoded, uint256 index) external pure returns (uint256) {
        return encoded.uintAt(index);
    }

    function f32BitsAt(bytes calldata encoded, uint256 index) external pure returns (bytes4) {
        return encoded.f32BitsAt(index);
    }

    function toInts(bytes calldata encoded) external pure returns (int256[] memory) {
        return encoded.toInts();
    }

    function split(bytes calldata encoded) external pure returns (bytes memory first, bytes memory rest) {
        return encoded.split();
    }

    function toNumbers(
        bytes calldata encoded,
        int128 decimals
    ) external pure returns (Number[] memory values, uint32[] memory shape) {
        return encoded.toNumbers(decimals);
    }

    function fromNumbers(
        Number[] memory values,
        uint32[] memory shape,
        Dtype dtype,
        int128 decimals
    ) external pure returns (bytes memory) {
        return TensorLib.fromNumbers(values, shape, dtype, decimals);
    }

    function encodeU8(uint32[] memory shape, bytes memory data) external pure returns (bytes memory) {
        return TensorLib.encodeU8(shape, data);
    }

    function encodeF32(uint32[] memory shape, bytes4[] memory bits) external pure returns (bytes memory) {
        return TensorLib.encodeF32(shape, bits);
    }
}

contract TensorLibTest {
    TensorReader private reader;

    function setUp() public {
        reader = new TensorReader();
    }

    // ------------------------------------------------------------ round trips

    function testFuzz_encodeU8_readsBack(bytes memory data) public view {
        if (data.length == 0) data = hex"2a";
        bytes memory encoded = TensorLib.encodeU8(_vector(data.length), data);
        _requireHeader(encoded, Dtype.U8, 1, data.length);
        int256[] memory values = reader.toInts(encoded);
        uint8[] memory words = new uint8[](data.length);
        for (uint256 i = 0; i < data.length; ++i) {
            require(values[i] == int256(uint256(uint8(data[i]))), "u8 reads back");
            words[i] = uint8(data[i]);
        }
        require(_same(encoded, TensorLib.encodeU8(_vector(data.length), words)), "both u8 builders agree");
        require(_same(encoded, abi.encodePacked(uint8(1), uint8(1), uint32(data.length), data)), "plain twin");
    }

    function testFuzz_encodeI8_readsBack(int8[] memory data) public view {
        if (data.length == 0) data = new int8[](1);
        bytes memory encoded = TensorLib.encodeI8(_vector(data.length), data);
        _requireHeader(encoded, Dtype.I8, 1, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.intAt(encoded, i) == data[i], "i8 reads back");
    }

    function testFuzz_encodeU16_readsBack(uint16[] memory data) public view {
        if (data.length == 0) data = new uint16[](1);
        bytes memory encoded = TensorLib.encodeU16(_vector(data.length), data);
        _requireHeader(encoded, Dtype.U16, 2, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.uintAt(encoded, i) == data[i], "u16 reads back");
    }

    function testFuzz_encodeI16_readsBack(int16[] memory data) public view {
        if (data.length == 0) data = new int16[](1);
        bytes memory encoded = TensorLib.encodeI16(_vector(data.length), data);
        _requireHeader(encoded, Dtype.I16, 2, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.intAt(encoded, i) == data[i], "i16 reads back");
    }

    function testFuzz_encodeU32_readsBack(uint32[] memory data) public view {
        if (data.length == 0) data = new uint32[](1);
        bytes memory encoded = TensorLib.encodeU32(_vector(data.length), data);
        _requireHeader(encoded, Dtype.U32, 4, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.uintAt(encoded, i) == data[i], "u32 reads back");
    }

    function testFuzz_encodeI32_readsBackAndIsPacked(int32[] memory data) public view {
        if (data.length == 0) data = new int32[](1);
        bytes memory encoded = TensorLib.encodeI32(_vector(data.length), data);
        _requireHeader(encoded, Dtype.I32, 4, data.length);
        bytes memory twin = abi.encodePacked(uint8(6), uint8(1), uint32(data.length));
        for (uint256 i = 0; i < data.length; ++i) {
            require(reader.intAt(encoded, i) == data[i], "i32 reads back");
            twin = abi.encodePacked(twin, data[i]);
        }
        require(_same(encoded, twin), "plain twin");
    }

    function testFuzz_encodeU64_readsBack(uint64[] memory data) public view {
        if (data.length == 0) data = new uint64[](1);
        bytes memory encoded = TensorLib.encodeU64(_vector(data.length), data);
        _requireHeader(encoded, Dtype.U64, 8, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.uintAt(encoded, i) == data[i], "u64 reads back");
    }

    function testFuzz_encodeI64_readsBack(int64[] memory data) public view {
        if (data.length == 0) data = new int64[](1);
        bytes memory encoded = TensorLib.encodeI64(_vector(data.length), data);
        _requireHeader(encoded, Dtype.I64, 8, data.length);
        for (uint256 i = 0; i < data.length; ++i) require(reader.intAt(encoded, i) == data[i], "i64 reads back");
    }

    function testFuzz_encodeBool_readsBack(bool[] memory data) public view {
        if (data.length == 0) data = new bool[](1);
        bytes memory encoded = TensorLib.encodeBool(_vector(data.length), data);
        _requireHeader(encoded, Dtype.Bool, 1, data.length);
        reader.requireCanonical(encoded);
        for (uint256 i = 0; i < data.length; ++i) {
            require(reader.uintAt(encoded, i) == (data[i] ? 1 : 0), "bool reads back");
        }
    }

    function testFuzz_encodeF32_readsBackOrRefuses(bytes4 bits) public view {
        bytes4[] memory data = new bytes4[](1);
        data[0] = bits;
        uint32 word = uint32(bits);
        bool isNaN = (word >> 23) & 0xff == 0xff && word & 0x7fffff != 0;
        try reader.encodeF32(new uint32[](0), data) returns (bytes memory encoded) {
            require(!isNaN && word != 0x80000000, "NaN and -0 are refused");
            require(reader.f32BitsAt(encoded, 0) == bits, "f32 reads back");
        } catch {
            require(isNaN || word == 0x80000000, "every other f32 is taken");
        }
    }

    function testFuzz_encode_leavesFreeMemoryAlone(int16[] memory data, uint256 canary) public pure {
        if (data.length == 0) data = new int16[](1);
        TensorLib.encodeI16(_vector(data.length), data);
        uint256[] memory after_ = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) require(after_[i] == 0, "new memory is zero");
        after_[0] = canary;
        bytes memory second = TensorLib.encodeI16(_vector(data.length), data);
        require(after_[0] == canary && after_[1] == 0 && after_[2] == 0, "what was allocated before stays");
        require(second.length == 6 + 2 * data.length, "size");
    }

    function test_encode_takesManyDimsAndAScalar() public view {
        uint32[] memory shape = new uint32[](8);
        for (uint256 i = 0; i < 8; ++i) shape[i] = i < 2 ? 3 : 1;
        bytes memory encoded = TensorLib.encodeU8(shape, bytes("123456789"));
        require(encoded.length == 34 + 9, "rank 8");
        require(reader.dim(encoded, 1) == 3 && reader.dim(encoded, 7) == 1, "dims read back");
        require(reader.dims(encoded).length == 8, "all dims");
        encoded = TensorLib.encodeU8(new uint32[](0), hex"07");
        require(_same(encoded, hex"010007"), "a scalar has no dims");
    }

    // ---------------------------------------------------------------- refusing

    /// @dev A reading that is plain, slow and written apart decides what is canonical.
    function testFuzz_requireCanonical_agreesWithPlainTwin(
        bytes memory noise,
        uint8 code,
        uint8[] memory sizes
    ) public view {
        // Headers out of pure noise are hardly ever right, so most are made almost right.
        bytes memory encoded = noise;
        if (noise.length % 4 != 0) {
            uint256 rank = sizes.length % 10;
            encoded = abi.encodePacked(code % 13, uint8(rank));
            for (uint256 i = 0; i < rank; ++i) encoded = abi.encodePacked(encoded, uint32(sizes[i] % 4));
            encoded = abi.encodePacked(encoded, noise);
        }
        bool expected = _isCanonical(encoded);
        try reader.requireCanonical(encoded) {
            require(expected, "accepted what the twin refuses");
        } catch (bytes memory reason) {
            require(!expected, "refused what the twin accepts");
            require(reason.length >= 4 && bytes4(reason) != 0x4e487b71, "refused by name, not by panic");
        }
    }

    /// @dev The twin must say yes at times, or the test above shows nothing.
    function testFuzz_requireCanonical_acceptsExactlyTheRightLength(
        uint8 code,
        uint8 a,
        uint8 b,
        uint8 extra
    ) public view {
        code = 1 + (code % 8);
        uint32 x = 1 + (a % 5);
        uint32 y = 1 + (b % 5);
        uint256 size = uint256(x) * y * _width(code);
        bytes memory head = abi.encodePacked(code, uint8(2), x, y);
        reader.requireCanonical(abi.encodePacked(head, new bytes(size)));
        try reader.requireCanonical(abi.encodePacked(head, new bytes(size + 1 + extra))) {
            revert("trailing bytes were accepted");
        } catch {}
        try reader.requireCanonical(abi.encodePacked(head, new bytes(size - 1 - (extra % size)))) {
            revert("missing bytes were accepted");
        } catch {}
    }

    function test_header_reverts_whenTruncated() public {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorTruncated.selector, 0, 2));
        reader.header("");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorTruncated.selector, 5, 6));
        reader.header(hex"0101000000");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorTruncated.selector, 7, 8));
        reader.header(hex"01010000000200");
    }

    function test_header_reverts_whenDimsMultiplyPastEverything() public {
        bytes memory huge = abi.encodePacked(uint8(8), uint8(8), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorTruncated.selector, 34, type(uint256).max));
        reader.header(huge);
    }

    function test_header_reverts_whenSomethingTrails() public {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorTrailingBytes.selector, 4, 3));
        reader.header(hex"01000000");
    }

    function test_header_reverts_whenDtypeOrRankIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeUnknown.selector, 0));
        reader.header(hex"000000");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeUnknown.selector, 11));
        reader.header(hex"0b0000");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorRankTooHigh.selector, 9, 8));
        reader.header(hex"010900");
    }

    function test_header_reverts_whenADimIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDimensionZero.selector, 1));
        reader.header(hex"01020000000100000000");
    }

    function test_elements_revert_whenNotInTheirOneForm() public {
        bytes memory booleans = hex"0a0100000003010002";
        require(reader.uintAt(booleans, 0) == 1, "a right element reads");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorElementInvalid.selector, 2));
        reader.uintAt(booleans, 2);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorElementInvalid.selector, 2));
        reader.requireCanonical(booleans);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorElementInvalid.selector, 0));
        reader.f32BitsAt(hex"090080000000", 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorElementInvalid.selector, 0));
        reader.f32BitsAt(hex"0900ffc00000", 0);
        require(reader.f32BitsAt(hex"0900ff800000", 0) == 0xff800000, "infinity is allowed");
    }

    function test_accessors_revert_onWrongTypeIndexAndAxis() public {
        bytes memory signed_ = hex"0200ff";
        require(reader.intAt(signed_, 0) == -1, "i8 -1");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeMismatch.selector, Dtype.I8));
        reader.uintAt(signed_, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeMismatch.selector, Dtype.I8));
        reader.f32BitsAt(signed_, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeMismatch.selector, Dtype.F32));
        reader.intAt(hex"090000000000", 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorIndexOutOfRange.selector, 1, 1));
        reader.intAt(signed_, 1);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorIndexOutOfRange.selector, type(uint256).max, 1));
        reader.intAt(signed_, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorAxisOutOfRange.selector, 0, 0));
        reader.dim(signed_, 0);
    }

    function test_encode_reverts_onWrongShape() public {
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorCountMismatch.selector, 2, 3));
        reader.encodeU8(_vector(3), hex"0102");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDimensionZero.selector, 0));
        reader.encodeU8(_vector(0), "");
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorRankTooHigh.selector, 9, 8));
        reader.encodeU8(new uint32[](9), hex"01");
    }

    function testFuzz_split_takesTheFirst(uint8[] memory a, bytes memory rest) public view {
        if (a.length == 0) a = new uint8[](1);
        bytes memory head = TensorLib.encodeU8(_vector(a.length), a);
        (bytes memory first, bytes memory left) = reader.split(abi.encodePacked(head, rest));
        require(_same(first, head) && _same(left, rest), "cut between the two");
    }

    // ----------------------------------------------------------------- numbers

    function testFuzz_numbers_roundTrip(int32[] memory data, int8 decimals) public view {
        if (data.length == 0) data = new int32[](1);
        bytes memory encoded = TensorLib.encodeI32(_vector(data.length), data);
        (Number[] memory values, uint32[] memory shape) = reader.toNumbers(encoded, decimals);
        require(values.length == data.length && shape[0] == data.length, "shape");
        for (uint256 i = 0; i < data.length; ++i) {
            require(values[i].value == data[i] && values[i].decimals == decimals, "value");
        }
        require(_same(reader.fromNumbers(values, shape, Dtype.I32, decimals), encoded), "round trip");
    }

    function testFuzz_fromNumbers_scales(int16 value, uint8 shift) public view {
        int128 power = int128(uint128(shift % 5));
        Number[] memory numbers = new Number[](1);
        numbers[0] = Number(value, 0);
        bytes memory encoded = reader.fromNumbers(numbers, new uint32[](0), Dtype.I64, power);
        require(reader.intAt(encoded, 0) == int256(value) * int256(10 ** uint256(uint128(power))), "scaled up");
        numbers[0] = Number(int128(reader.intAt(encoded, 0)), power);
        encoded = reader.fromNumbers(numbers, new uint32[](0), Dtype.I16, 0);
        require(reader.intAt(encoded, 0) == value, "scaled down again");
    }

    function test_fromNumbers_reverts_whenNotWholeOrOutOfRange() public {
        Number[] memory numbers = new Number[](1);
        numbers[0] = Number(15, 1);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.NumberNotWhole.selector, 0, int128(15), int128(1)));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.I32, 0);
        numbers[0] = Number(1, -39);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.NumberNotWhole.selector, 0, int128(1), int128(-39)));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.I32, 0);
        numbers[0] = Number(1, type(int128).min);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.NumberNotWhole.selector, 0, int128(1), type(int128).min));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.I32, type(int128).max);
        numbers[0] = Number(type(int128).min, -38);
        vm.expectRevert(
            abi.encodeWithSelector(TensorLib.NumberOutOfRange.selector, 0, int256(type(int128).min) * 1e38)
        );
        reader.fromNumbers(numbers, new uint32[](0), Dtype.I64, 0);
        numbers[0] = Number(256, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.NumberOutOfRange.selector, 0, int256(256)));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.U8, 0);
        numbers[0] = Number(2, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.NumberOutOfRange.selector, 0, int256(2)));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.Bool, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeMismatch.selector, Dtype.F32));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.F32, 0);
        vm.expectRevert(abi.encodeWithSelector(TensorLib.TensorDtypeMismatch.selector, Dtype.None));
        reader.fromNumbers(numbers, new uint32[](0), Dtype.None, 0);
    }

    function test_fromNumbers_takesTheEdgesOfEveryType() public view {
        int256[2][8] memory edges = [
            [int256(0), 255],
            [int256(-128), 127],
            [int256(0), 65535],
            [int256(-32768), 32767],
            [int256(0), 4294967295],
            [int256(-2147483648), 2147483647],
            [int256(0), 18446744073709551615],
            [int256(-9223372036854775808), 9223372036854775807]
        ];
        Number[] memory numbers = new Number[](2);
        for (uint8 code = 1; code <= 8; ++code) {
            for (uint256 i = 0; i < 2; ++i) numbers[i] = Number(int128(edges[code - 1][i]), 0);
            bytes memory encoded = reader.fromNumbers(numbers, _vector(2), Dtype(code), 0);
            for (uint256 i = 0; i < 2; ++i) require(reader.intAt(encoded, i) == edges[code - 1][i], "edge");
            for (uint256 i = 0; i < 2; ++i) {
                Number[] memory past = new Number[](1);
                past[0] = Number(int128(edges[code - 1][i] + (i == 0 ? -1 : int256(1))), 0);
                try reader.fromNumbers(past, new uint32[](0), Dtype(code), 0) {
                    revert("one past the edge was taken");
                } catch {}
            }
        }
    }

    // ----------------------------------------------------------------- support

    function _requireHeader(bytes memory encoded, Dtype dtype, uint256 width, uint256 count) private view {
        TensorHeader memory h = reader.header(encoded);
        require(h.dtype == dtype && h.rank == 1 && h.width == width && h.count == count && h.start == 6, "header");
        require(encoded.length == 6 + width * count, "size");
    }

    function _vector(uint256 length) private pure returns (uint32[] memory shape) {
        shape = new uint32[](1);
        shape[0] = uint32(length);
    }

    function _same(bytes memory a, bytes memory b) private pure returns (bool) {
        return keccak256(a) == keccak256(b);
    }

    function _width(uint256 code) private pure returns (uint256) {
        return [uint8(0), 1, 1, 2, 2, 4, 4, 8, 8, 4, 1][code];
    }

    function _isCanonical(bytes memory encoded) private pure returns (bool) {
        if (encoded.length < 2) return false;
        uint256 code = uint8(encoded[0]);
        uint256 rank = uint8(encoded[1]);
        if (code == 0 || code > 10 || rank > 8 || encoded.length < 2 + 4 * rank) return false;
        uint256 size = _width(code);
        for (uint256 i = 0; i < rank; ++i) {
            uint256 dim = 0;
            for (uint256 j = 0; j < 4; ++j) dim = dim * 256 + uint8(encoded[2 + 4 * i + j]);
            if (dim == 0) return false;
            size *= dim;
            if (size > encoded.length) return false;
        }
        if (encoded.length != 2 + 4 * rank + size) return false;
        if (code == 10) {
            for (uint256 i = 2 + 4 * rank; i < encoded.length; ++i) if (uint8(encoded[i]) > 1) return false;
        }
        if (code == 9) {
            for (uint256 i = 2 + 4 * rank; i < encoded.length; i += 4) {
                uint256 bits = 0;
                for (uint256 j = 0; j < 4; ++j) bits = bits * 256 + uint8(encoded[i + j]);
                if (bits == 0x80000000 || ((bits >> 23) & 0xff == 0xff && bits & 0x7fffff != 0)) return false;
            }
        }
        return true;
    }
}
