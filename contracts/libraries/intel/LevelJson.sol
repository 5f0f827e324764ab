// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// JSON is full of double quotes, so it stands in single ones.
// solhint-disable quotes

import {Json} from "./Json.sol";
import {TcbStatus} from "./TcbStatus.sol";

/// @notice Bytes being written, and how many there are already.
struct Writer {
    bytes data;
    uint256 length;
}

/// @notice What Intel's documents have in common: the levels of a TCB, and how they are kept.
/// @dev A level is kept as its SVNs, then status (1 byte), number of advisories (1), and the advisories (3 each): the
/// number in INTEL-SA-12345.
library LevelJson {
    /// @dev Most levels in one list.
    uint256 internal constant MAX_LEVELS = 64;

    /// @dev Most advisories in one level.
    uint256 internal constant MAX_ADVISORIES = 64;

    /// @notice Thrown when a list has more than `limit` parts.
    error DocumentListTooLong(uint256 offset, uint256 limit);

    /// @notice Thrown when the status at `offset` is none that Intel has defined.
    error StatusUnknown(uint256 offset);

    /// @notice Adds the first `size` bytes of `word`.
    /// @dev There must be room for 32 bytes.
    function push(Writer memory writer, bytes32 word, uint256 size) internal pure {
        bytes memory data = writer.data;
        uint256 length = writer.length;
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), length), word)
        }
        writer.length = length + size;
    }

    /// @notice Sets the byte at `at`, which was pushed before.
    function set(Writer memory writer, uint256 at, uint256 value) internal pure {
        bytes memory data = writer.data;
        assembly ("memory-safe") {
            mstore8(add(add(data, 0x20), at), value)
        }
    }

    /// @notice A list of levels each of which has one SVN: `[{"tcb":{"isvsvn":4},…},…]`. Kept as the number of levels (1
    /// byte), then the levels, each beginning with its SVN (2).
    function readSvnLevels(bytes calldata json, uint256 at, Writer memory writer) internal pure returns (uint256) {
        uint256 count;
        uint256 place = writer.length;
        push(writer, 0, 1);
        at = Json.skip(json, at, "[", 1);
        do {
            if (count != 0) at = Json.skip(json, at, ",", 1);
            require(++count <= MAX_LEVELS, DocumentListTooLong(at, MAX_LEVELS));
            uint256 svn;
            at = Json.skip(json, at, '{"tcb":{"isvsvn":', 17);
            (svn, at) = Json.readNumber(json, at, type(uint16).max);
            push(writer, bytes32(svn << 240), 2);
            at = readTail(json, at, writer);
        } while (!Json.has(json, at, "]", 1));
        set(writer, place, count);
        return at + 1;
    }

    /// @notice What ends every level: `},"tcbDate":"…","tcbStatus":"…"[,"advisoryIDs":[…]]}`. The date is passed over
    /// once it is known to be one.
    function readTail(bytes calldata json, uint256 at, Writer memory writer) internal pure returns (uint256) {
        at = Json.skip(json, at, '},"tcbDate":"', 13);
        (, at) = Json.readTime(json, at);
        at = Json.skip(json, at, '","tcbStatus":"', 15);
        uint256 status;
        (status, at) = _readStatus(json, at);
        // Status, and no advisories yet.
        push(writer, bytes32(status << 248), 2);
        if (Json.has(json, at, ',"advisoryIDs":[', 16)) at = _readAdvisories(json, at + 16, writer);
        return Json.skip(json, at, "}", 1);
    }

    function _readAdvisories(bytes calldata json, uint256 at, Writer memory writer) private pure returns (uint256) {
        uint256 count;
        uint256 place = writer.length - 1;
        do {
            if (count != 0) at = Json.skip(json, at, ",", 1);
            require(++count <= MAX_ADVISORIES, DocumentListTooLong(at, MAX_ADVISORIES));
            at = Json.skip(json, at, '"INTEL-SA-', 10);
            uint256 advisory;
            (advisory, at) = _readFiveDigits(json, at);
            push(writer, bytes32(advisory << 232), 3);
            at = Json.skip(json, at, '"', 1);
        } while (!Json.has(json, at, "]", 1));
        set(writer, place, count);
        return at + 1;
    }

    function _readFiveDigits(bytes calldata json, uint256 at) private pure returns (uint256 value, uint256 next) {
        bool bad;
        next = at + 5;
        assembly ("memory-safe") {
            for {
                let i := at
            } lt(i, next) {
                i := add(i, 1)
            } {
                let digit := sub(byte(0, calldataload(add(json.offset, i))), 0x30)
                bad := or(bad, gt(digit, 9))
                value := add(mul(value, 10), digit)
            }
        }
        require(!bad, Json.JsonUnexpected(at));
    }

    /// @dev A status and the quotation mark after it.
    function _readStatus(bytes calldata json, uint256 at) private pure returns (uint256 status, uint256 next) {
        if (Json.has(json, at, 'OutOfDate"', 10)) return (TcbStatus.OUT_OF_DATE, at + 10);
        if (Json.has(json, at, 'UpToDate"', 9)) return (TcbStatus.UP_TO_DATE, at + 9);
        if (Json.has(json, at, 'SWHardeningNeeded"', 18)) return (TcbStatus.SW_HARDENING_NEEDED, at + 18);
        if (Json.has(json, at, 'ConfigurationNeeded"', 20)) return (TcbStatus.CONFIGURATION_NEEDED, at + 20);
        if (Json.has(json, at, 'OutOfDateConfigurationNeeded"', 29)) {
            return (TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED, at + 29);
        }
        if (Json.has(json, at, 'Revoked"', 8)) return (TcbStatus.REVOKED, at + 8);
        // 33 letters: one more than fits a word.
        require(
            Json.has(json, at, "ConfigurationAndSWHardeningNeede", 32) && Json.has(json, at + 32, 'd"', 2),
            StatusUnknown(at)
        );
        return (TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED, at + 34);
    }
}
