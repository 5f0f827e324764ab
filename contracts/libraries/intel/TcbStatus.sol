// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How a platform, a TDX module or a quoting enclave stands against what Intel has published, worst last but for
/// the last two. This is `Claims.tcbStatus` of Intel's formats; claims never say `REVOKED`.
/// @dev Relaunch: the platform is up to date, but was not yet when the trust domain was launched.
library TcbStatus {
    uint8 internal constant UP_TO_DATE = 0;
    uint8 internal constant SW_HARDENING_NEEDED = 1;
    uint8 internal constant CONFIGURATION_NEEDED = 2;
    uint8 internal constant CONFIGURATION_AND_SW_HARDENING_NEEDED = 3;
    uint8 internal constant OUT_OF_DATE = 4;
    uint8 internal constant OUT_OF_DATE_CONFIGURATION_NEEDED = 5;
    uint8 internal constant REVOKED = 6;
    uint8 internal constant RELAUNCH_ADVISED = 7;
    uint8 internal constant RELAUNCH_ADVISED_CONFIGURATION_NEEDED = 8;

    /// @notice The status of a platform, given that of a part of it: the TDX module, the quoting enclave. Never better than
    /// either.
    /// @dev Intel says of parts that they are up to date, out of date or revoked, so far; its rules for these come out of this.
    function converge(uint8 platform, uint8 part) internal pure returns (uint8) {
        if (platform == REVOKED || part == REVOKED) return REVOKED;
        if (part == UP_TO_DATE) return platform;
        bool configure = needsConfiguration(platform) || needsConfiguration(part);
        if (isOutOfDate(platform) || isOutOfDate(part)) {
            return configure ? OUT_OF_DATE_CONFIGURATION_NEEDED : OUT_OF_DATE;
        }
        if (_needsHardening(platform) || _needsHardening(part)) {
            return configure ? CONFIGURATION_AND_SW_HARDENING_NEEDED : SW_HARDENING_NEEDED;
        }
        return configure ? CONFIGURATION_NEEDED : UP_TO_DATE;
    }

    /// @notice Whether the platform's settings are at fault, too.
    function needsConfiguration(uint8 status) internal pure returns (bool) {
        return
            status == CONFIGURATION_NEEDED ||
            status == CONFIGURATION_AND_SW_HARDENING_NEEDED ||
            status == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    /// @notice Whether the status says out of date.
    function isOutOfDate(uint8 status) internal pure returns (bool) {
        return status == OUT_OF_DATE || status == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    function _needsHardening(uint8 status) private pure returns (bool) {
        return status == SW_HARDENING_NEEDED || status == CONFIGURATION_AND_SW_HARDENING_NEEDED;
    }
}
