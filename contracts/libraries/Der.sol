// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Reads DER (X.690) out of calldata, strictly: one-byte tags, definite and shortest lengths below 65,536,
/// nothing read past the end of the element it stands in.
/// @dev Offsets count from the start of `data`. `end` must not exceed `data.length`; every `end` this library returns is
/// at most the one it was given, so starting from `data.length` keeps every read inside.
library Der {
    uint8 internal constant BOOLEAN = 0x01;
    uint8 internal constant INTEGER = 0x02;
    uint8 internal constant BIT_STRING = 0x03;
    uint8 internal constant OCTET_STRING = 0x04;
    uint8 internal constant OID = 0x06;
    uint8 internal constant UTF8_STRING = 0x0c;
    uint8 internal constant PRINTABLE_STRING = 0x13;
    uint8 internal constant UTC_TIME = 0x17;
    uint8 internal constant GENERALIZED_TIME = 0x18;
    uint8 internal constant SEQUENCE = 0x30;
    uint8 internal constant SET = 0x31;

    /// @notice Thrown when an element would reach past the end of the one that holds it.
    error DerTruncated(uint256 offset);

    /// @notice Thrown when the element at `offset` has another tag than its place demands.
    error DerTagUnexpected(uint256 offset, uint8 received, uint8 expected);

    /// @notice Thrown when a length is indefinite, not the shortest, or 65,536 and more.
    error DerLengthInvalid(uint256 offset);

    /// @notice Thrown when an element holds more than its kind has.
    error DerTrailing(uint256 offset, uint256 end);

    /// @notice Thrown when the contents of a BOOLEAN, INTEGER, OBJECT IDENTIFIER, BIT STRING or time are not the
    /// one valid form.
    error DerValueInvalid(uint256 offset);

    /// @notice Opens the element at `offset`, which must have `tag`.
    /// @return start Offset of its contents.
    /// @return next Offset past them.
    function open(
        bytes calldata data,
        uint256 offset,
        uint256 end,
        uint8 tag
    ) internal pure returns (uint256 start, uint256 next) {
        // Offsets are below the size of calldata, so nothing here can wrap.
        unchecked {
            start = offset + 2;
            require(start <= end, DerTruncated(offset));
            uint256 head;
            assembly ("memory-safe") {
                // The first four bytes; those past `start` are looked at after it was compared with `end`.
                head := shr(224, calldataload(add(data.offset, offset)))
            }
            uint8 received = uint8(head >> 24);
            require(received == tag, DerTagUnexpected(offset, received, tag));
            uint256 length = (head >> 16) & 0xff;
            if (length >= 0x80) {
                bool one = length == 0x81;
                require(one || length == 0x82, DerLengthInvalid(offset));
                start += one ? 1 : 2;
                require(start <= end, DerTruncated(offset));
                length = one ? (head >> 8) & 0xff : head & 0xffff;
                require(length >= (one ? 0x80 : 0x100), DerLengthInvalid(offset));
            }
            next = start + length;
            require(next <= end, DerTruncated(offset));
        }
    }

    /// @notice Whether the element at `offset` has `tag`; false at the end.
    function isAt(bytes calldata data, uint256 offset, uint256 end, uint8 tag) internal pure returns (bool) {
        return offset < end && _byteAt(data, offset) == tag;
    }

    /// @notice Reverts unless an element was read to its end.
    function close(uint256 offset, uint256 end) internal pure {
        require(offset == end, DerTrailing(offset, end));
    }

    /// @notice An INTEGER from 0 to 2^256 - 1 in its shortest form.
    function readUint(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (uint256 value, uint256 next) {
        uint256 start;
        (start, next) = openUint(data, offset, end);
        if (_byteAt(data, start) == 0 && next - start > 1) ++start;
        require(next - start <= 32, DerValueInvalid(offset));
        // At most 32 bytes, so the shift is from 0 to 248.
        value = uint256(bytes32(data[start:next])) >> (8 * (32 - (next - start)));
    }

    /// @notice Opens an INTEGER that is not negative and in its shortest form, of any size.
    function openUint(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (uint256 start, uint256 next) {
        (start, next) = open(data, offset, end, INTEGER);
        require(start != next, DerValueInvalid(offset));
        uint256 first = _byteAt(data, start);
        // A zero stands first where the next byte would make the number negative, and only there.
        bool shortest = first != 0 || start + 1 == next || _byteAt(data, start + 1) >= 0x80;
        require(first < 0x80 && shortest, DerValueInvalid(offset));
    }

    /// @notice A BOOLEAN, 0xff or 0x00.
    function readBool(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (bool value, uint256 next) {
        uint256 start;
        (start, next) = open(data, offset, end, BOOLEAN);
        require(next - start == 1, DerValueInvalid(offset));
        uint256 octet = _byteAt(data, start);
        require(octet == 0 || octet == 0xff, DerValueInvalid(offset));
        value = octet == 0xff;
    }

    /// @notice Opens an OBJECT IDENTIFIER whose arcs are in their shortest form.
    function openOid(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (uint256 start, uint256 next) {
        (start, next) = open(data, offset, end, OID);
        // An arc ends with a byte below 0x80, and does not begin with 0x80.
        bool begins = true;
        for (uint256 i = start; i < next;) {
            uint256 octet = _byteAt(data, i);
            require(!begins || octet != 0x80, DerValueInvalid(offset));
            begins = octet < 0x80;
            unchecked {
                // Below `next`.
                ++i;
            }
        }
        require(begins && start != next, DerValueInvalid(offset));
    }

    /// @notice Opens a BIT STRING of whole bytes; `start` is past its count of unused bits, which must be zero.
    function openBits(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (uint256 start, uint256 next) {
        (start, next) = open(data, offset, end, BIT_STRING);
        require(start != next && _byteAt(data, start) == 0, DerValueInvalid(offset));
        ++start;
    }

    /// @notice A UTCTime (years 1950 to 2049) or a GeneralizedTime (2050 and later) as RFC 5280 has them, to the
    /// second and in UTC, as Unix seconds. Times before 1970 are refused.
    function readTime(
        bytes calldata data,
        uint256 offset,
        uint256 end
    ) internal pure returns (uint64 time, uint256 next) {
        bool short = isAt(data, offset, end, UTC_TIME);
        uint256 start;
        (start, next) = open(data, offset, end, short ? UTC_TIME : GENERALIZED_TIME);
        require(next - start == (short ? 13 : 15) && _byteAt(data, next - 1) == 0x5a, DerValueInvalid(offset));
        uint256 year = _two(data, start, offset);
        if (short) {
            year += year < 50 ? 2000 : 1900;
        } else {
            year = year * 100 + _two(data, start + 2, offset);
            require(year >= 2050, DerValueInvalid(offset));
            start += 2;
        }
        require(year >= 1970, DerValueInvalid(offset));
        uint256 month = _two(data, start + 2, offset);
        uint256 day = _two(data, start + 4, offset);
        uint256 second = _clock(data, start + 6, offset);
        require(month >= 1 && month <= 12 && day >= 1 && day <= _daysIn(year, month), DerValueInvalid(offset));
        // Years of four digits: far below 2^64 seconds.
        time = uint64(_daysTo(year, month, day) * 1 days + second);
    }

    /// @dev Seconds of the day from HHMMSS.
    function _clock(bytes calldata data, uint256 at, uint256 offset) private pure returns (uint256) {
        uint256 hour = _two(data, at, offset);
        uint256 minute = _two(data, at + 2, offset);
        uint256 second = _two(data, at + 4, offset);
        require(hour < 24 && minute < 60 && second < 60, DerValueInvalid(offset));
        return hour * 1 hours + minute * 1 minutes + second;
    }

    /// @dev Two decimal digits; `at + 1` is below `data.length`.
    function _two(bytes calldata data, uint256 at, uint256 offset) private pure returns (uint256) {
        unchecked {
            // Below zero is far above nine.
            uint256 tens = _byteAt(data, at) - 0x30;
            uint256 ones = _byteAt(data, at + 1) - 0x30;
            require(tens < 10 && ones < 10, DerValueInvalid(offset));
            return tens * 10 + ones;
        }
    }

    function _isLeap(uint256 year) private pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    function _daysIn(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return _isLeap(year) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /// @dev Days from 1970-01-01 to a date not before it.
    function _daysTo(uint256 year, uint256 month, uint256 day) private pure returns (uint256 sum) {
        uint256 past = year - 1;
        // Days before `year` less those before 1970, of which 477 were leap days.
        sum = (year - 1970) * 365 + (past / 4 - past / 100 + past / 400) - 477;
        for (uint256 m = 1; m < month; ++m) sum += _daysIn(year, m);
        sum += day - 1;
    }

    /// @dev The byte at `at`, which must be below `data.length`.
    function _byteAt(bytes calldata data, uint256 at) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(add(data.offset, at)))
        }
    }
}
