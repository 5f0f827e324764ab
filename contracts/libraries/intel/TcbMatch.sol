// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A level that was found.
/// @param status One of `TcbStatus`.
/// @param advisories Offset of its advisories, three bytes each.
/// @param count How many there are.
struct TcbLevel {
    uint8 status;
    uint256 advisories;
    uint256 count;
}

/// @notice Finds levels in the documents that `TcbInfoJson` and `QeIdentityJson` have written.
/// @dev Levels stand in falling order, and the first one that a platform reaches in everything is its own. `data` must be
/// of those libraries: offsets in it are not bounded here.
library TcbMatch {
    /// @dev Offset of the module without a version in TCB Info for TDX.
    uint256 internal constant MODULE = 2;

    /// @dev MRSIGNER, attributes and their mask.
    uint256 internal constant MODULE_BYTES = 64;

    /// @dev Every other byte of sixteen.
    uint256 private constant LANES = 0x00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant CARRIES = 0x01000100010001000100010001000100;

    /// @notice 32 bytes at `at`.
    function wordAt(bytes memory data, uint256 at) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), at))
        }
    }

    /// @notice Whether each byte of `a` is at least the one of `b` in its place.
    function reaches(bytes16 a, bytes16 b) internal pure returns (bool) {
        (uint256 x, uint256 y) = (uint128(a), uint128(b));
        // Each byte has a lane of two: 0x100 + x - y keeps the 0x100 where x >= y, and never borrows from the next lane.
        uint256 even = ((x & LANES) | CARRIES) - (y & LANES);
        uint256 odd = (((x >> 8) & LANES) | CARRIES) - ((y >> 8) & LANES);
        return even & odd & CARRIES == CARRIES;
    }

    /// @notice Where the module of `version` is, and the levels after it; zero for none.
    function findModule(bytes memory data, uint256 version) internal pure returns (uint256 at) {
        at = MODULE + MODULE_BYTES;
        uint256 count = _byteAt(data, at++);
        for (uint256 i = 0; i < count; ++i) {
            if (_byteAt(data, at) == version) return at + 1;
            at = _skipSvnLevels(data, at + 1 + MODULE_BYTES);
        }
        return 0;
    }

    /// @notice The level in the list at `at` that `svn` reaches; found is false for none.
    function findSvnLevel(
        bytes memory data,
        uint256 at,
        uint256 svn
    ) internal pure returns (bool found, TcbLevel memory level) {
        uint256 count = _byteAt(data, at++);
        for (uint256 i = 0; i < count; ++i) {
            uint256 least = uint16(bytes2(wordAt(data, at)));
            level = _levelAt(data, at + 2);
            if (svn >= least) return (true, level);
            at = level.advisories + 3 * level.count;
        }
    }

    /// @notice The level of TCB Info for SGX that a platform reaches.
    function findSgxLevel(
        bytes memory data,
        bytes16 components,
        uint256 pceSvn
    ) internal pure returns (bool, TcbLevel memory) {
        return _findLevel(data, 2, components, pceSvn, false, 0);
    }

    /// @notice The level of TCB Info for TDX that a platform reaches.
    /// @dev Intel's rule: where TEE_TCB_SVN[1], the module's version, is not zero, bytes 0 and 1 are for the module's own
    /// levels, and only those from 2 on count here.
    function findTdxLevel(
        bytes memory data,
        bytes16 components,
        uint256 pceSvn,
        bytes16 teeSvn
    ) internal pure returns (bool, TcbLevel memory) {
        uint256 at = MODULE + MODULE_BYTES;
        uint256 count = _byteAt(data, at++);
        for (uint256 i = 0; i < count; ++i) at = _skipSvnLevels(data, at + 1 + MODULE_BYTES);
        // The greatest values reach any.
        if (teeSvn[1] != 0) teeSvn |= hex"ffff";
        return _findLevel(data, at, components, pceSvn, true, teeSvn);
    }

    /// @notice `sorted` with the advisories of `level`, each one once, in rising order.
    function merge(
        uint256[] memory sorted,
        bytes memory data,
        TcbLevel memory level
    ) internal pure returns (uint256[] memory merged) {
        if (level.count == 0) return sorted;
        uint256 length = sorted.length;
        merged = new uint256[](length + level.count);
        for (uint256 i = 0; i < length; ++i) merged[i] = sorted[i];
        for (uint256 i = 0; i < level.count; ++i) {
            uint256 advisory = uint24(bytes3(wordAt(data, level.advisories + 3 * i)));
            uint256 place = length;
            while (place != 0 && merged[place - 1] >= advisory) --place;
            if (place < length && merged[place] == advisory) continue;
            for (uint256 j = length; j != place; --j) merged[j] = merged[j - 1];
            merged[place] = advisory;
            ++length;
        }
        assembly ("memory-safe") {
            mstore(merged, length)
        }
    }

    function _findLevel(
        bytes memory data,
        uint256 at,
        bytes16 components,
        uint256 pceSvn,
        bool isTdx,
        bytes16 teeSvn
    ) private pure returns (bool, TcbLevel memory level) {
        uint256 count = _byteAt(data, at++);
        uint256 pceAt = isTdx ? 32 : 16;
        for (uint256 i = 0; i < count; ++i) {
            level = _levelAt(data, at + pceAt + 2);
            if (
                reaches(components, bytes16(wordAt(data, at))) &&
                (!isTdx || reaches(teeSvn, bytes16(wordAt(data, at + 16)))) &&
                pceSvn >= uint16(bytes2(wordAt(data, at + pceAt)))
            ) return (true, level);
            at = level.advisories + 3 * level.count;
        }
        return (false, level);
    }

    /// @dev Status, number of advisories, advisories.
    function _levelAt(bytes memory data, uint256 at) private pure returns (TcbLevel memory) {
        return TcbLevel({status: uint8(_byteAt(data, at)), advisories: at + 2, count: _byteAt(data, at + 1)});
    }

    function _skipSvnLevels(bytes memory data, uint256 at) private pure returns (uint256) {
        uint256 count = _byteAt(data, at++);
        for (uint256 i = 0; i < count; ++i) at += 4 + 3 * _byteAt(data, at + 3);
        return at;
    }

    function _byteAt(bytes memory data, uint256 at) private pure returns (uint256) {
        return uint8(bytes1(wordAt(data, at)));
    }
}
