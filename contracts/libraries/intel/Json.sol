// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Reads JSON of which every byte is known beforehand but for some values: Intel's, which it signs without white
/// space and with its fields in one order.
/// @dev Offsets count from the start of `json`. Functions may look past the end of it and then find other bytes of the
/// call, or zeros; they only ever go forward, so whoever ends at `json.length` exactly (`close`) has read nothing else.
library Json {
    /// @notice Thrown when what stands at `offset` is not what belongs there.
    error JsonUnexpected(uint256 offset);

    /// @notice Thrown when text ends at `offset` and should end at `end`.
    error JsonTrailing(uint256 offset, uint256 end);

    /// @notice Reverts unless the text was read to its end.
    function close(bytes calldata json, uint256 at) internal pure {
        require(at == json.length, JsonTrailing(at, json.length));
    }

    /// @notice Whether the first `length` bytes of `literal`, at most 32, stand at `at`.
    function has(bytes calldata json, uint256 at, bytes32 literal, uint256 length) internal pure returns (bool yes) {
        assembly ("memory-safe") {
            yes := iszero(shr(sub(256, shl(3, length)), xor(calldataload(add(json.offset, at)), literal)))
        }
    }

    /// @notice Passes over the first `length` bytes of `literal`, at most 32, which must stand at `at`.
    function skip(bytes calldata json, uint256 at, bytes32 literal, uint256 length) internal pure returns (uint256) {
        require(has(json, at, literal, length), JsonUnexpected(at));
        return at + length;
    }

    /// @notice A whole number up to `limit`, below 10^7, with no zero before it.
    function readNumber(bytes calldata json, uint256 at, uint256 limit) internal pure returns (uint256, uint256) {
        uint256 value;
        uint256 next = at;
        assembly ("memory-safe") {
            for {} lt(sub(next, at), 8) {
                next := add(next, 1)
            } {
                let digit := sub(byte(0, calldataload(add(json.offset, next))), 0x30)
                if gt(digit, 9) {
                    break
                }
                value := add(mul(value, 10), digit)
            }
        }
        bool plain = next == at + 1 || (next > at && next - at < 8 && !has(json, at, "0", 1));
        require(plain && value <= limit, JsonUnexpected(at));
        return (value, next);
    }

    /// @notice `size` bytes, at most 32, in hexadecimal of either case; to the left of the word.
    function readHex(
        bytes calldata json,
        uint256 at,
        uint256 size
    ) internal pure returns (bytes32 value, uint256 next) {
        next = at + 2 * size;
        bool bad;
        assembly ("memory-safe") {
            let digits := 0
            for {
                let i := at
            } lt(i, next) {
                i := add(i, 1)
            } {
                let letter := byte(0, calldataload(add(json.offset, i)))
                let digit := sub(letter, 0x30)
                if gt(digit, 9) {
                    // Letters of either case, from a to f.
                    digit := sub(or(letter, 0x20), 0x57)
                    bad := or(bad, or(lt(digit, 10), gt(digit, 15)))
                }
                digits := or(shl(4, digits), digit)
            }
            value := shl(sub(256, shl(3, size)), digits)
        }
        require(!bad, JsonUnexpected(at));
    }

    /// @notice A time of the form 2025-01-31T23:59:59Z, from 1970 to 9999, as Unix seconds.
    function readTime(bytes calldata json, uint256 at) internal pure returns (uint256 time, uint256 next) {
        bytes32 word;
        assembly ("memory-safe") {
            word := calldataload(add(json.offset, at))
        }
        // Digits where there must be digits, and marks between them.
        uint256 bad = uint256(word ^ "0000-00-00T00:00:00Z") >> 96;
        uint256 digits = bad & 0x000f0f0f0f000f0f000f0f000f0f000f0f000f0f00;
        // No digit above 9: adding 6 carries none past its four bits.
        require(bad == digits && (digits + DIGIT_SIXES) & DIGIT_CARRIES == 0, JsonUnexpected(at));
        uint256 year = _two(digits, 18) * 100 + _two(digits, 16);
        uint256 month = _two(digits, 13);
        uint256 day = _two(digits, 10);
        uint256 hour = _two(digits, 7);
        uint256 minute = _two(digits, 4);
        uint256 second = _two(digits, 1);
        require(
            year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= _daysIn(year, month),
            JsonUnexpected(at)
        );
        require(hour < 24 && minute < 60 && second < 60, JsonUnexpected(at));
        // Years that begin in March: 153 days in five months from then on.
        uint256 months = (month + 9) % 12;
        if (month < 3) --year;
        uint256 past = 365 * year + year / 4 - year / 100 + year / 400 + (153 * months + 2) / 5 + day - 1;
        // 719,468 days from the first of March of the year 0 to 1970.
        time = (past - 719_468) * 1 days + hour * 1 hours + minute * 1 minutes + second;
        next = at + 20;
    }

    uint256 private constant DIGIT_SIXES = 0x000606060600060600060600060600060600060600;
    uint256 private constant DIGIT_CARRIES = 0x001010101000101000101000101000101000101000;

    /// @dev The number of two digits whose lower one is `place` bytes from the right.
    function _two(uint256 digits, uint256 place) private pure returns (uint256) {
        return ((digits >> (8 * place + 8)) & 15) * 10 + ((digits >> (8 * place)) & 15);
    }

    function _daysIn(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }
}
