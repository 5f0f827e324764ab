// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cbor} from "../../libraries/Cbor.sol";
import {Der} from "../../libraries/Der.sol";

/// @notice Opens heads of DER and CBOR with the libraries, and with twins that take each byte by its index.
contract CodecTwins {
    /// @notice `Der.open`.
    function openDer(bytes calldata data, uint256 at, uint256 end, uint8 tag) external pure returns (uint256, uint256) {
        return Der.open(data, at, end, tag);
    }

    /// @notice Its twin, which says only whether it would refuse.
    function openDerPlainly(
        bytes calldata data,
        uint256 at,
        uint256 end,
        uint8 tag
    ) external pure returns (bool ok, uint256 start, uint256 next) {
        if (at + 2 > end || uint8(data[at]) != tag) return (false, 0, 0);
        uint256 length = uint8(data[at + 1]);
        start = at + 2;
        if (length >= 0x80) {
            uint256 width = length - 0x80;
            if (width == 0 || width > 2 || start + width > end) return (false, 0, 0);
            length = 0;
            for (uint256 i = 0; i < width; ++i) length = length * 256 + uint8(data[start + i]);
            if (length < 0x80 || (width == 2 && length < 0x100)) return (false, 0, 0);
            start += width;
        }
        next = start + length;
        ok = next <= end;
    }

    /// @notice `Cbor.readHead`.
    function readHead(bytes calldata data, uint256 at, uint8 major) external pure returns (uint64, uint256) {
        return Cbor.readHead(data, at, major);
    }

    /// @notice Its twin, which says only whether it would refuse.
    function readHeadPlainly(
        bytes calldata data,
        uint256 at,
        uint8 major
    ) external pure returns (bool ok, uint256 value, uint256 next) {
        if (at >= data.length || uint8(data[at]) >> 5 != major) return (false, 0, 0);
        value = uint8(data[at]) & 0x1f;
        next = at + 1;
        if (value < 24) return (true, value, next);
        if (value > 27) return (false, 0, 0);
        uint256 width = 2 ** (value - 24);
        if (next + width > data.length) return (false, 0, 0);
        value = 0;
        for (uint256 i = 0; i < width; ++i) value = value * 256 + uint8(data[next + i]);
        next += width;
        ok = value >= (width == 1 ? 24 : 256 ** (width / 2));
    }
}
