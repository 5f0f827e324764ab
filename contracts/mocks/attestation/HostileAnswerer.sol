// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Stands where a verifier or a binding scheme is asked, and answers as badly as the last byte of what it is asked
/// says. Names a format like a verifier.
contract HostileAnswerer {
    /// @notice How to answer everything but `format`.
    enum Mood {
        Huge,
        HugeReason,
        EmptyReason,
        BurnGas,
        Nothing,
        Ones,
        Stop
    }

    Mood private immutable _MOOD;

    constructor(Mood mood) {
        _MOOD = mood;
    }

    /// @notice A format like any other.
    function format() external pure returns (bytes32) {
        return keccak256("hostile");
    }

    fallback() external {
        Mood mood = _MOOD;
        if (mood == Mood.BurnGas) while (true) {}
        assembly ("memory-safe") {
            switch mood
            case 0 {
                return(0, 1000000)
            }
            case 1 {
                revert(0, 1000000)
            }
            case 2 {
                revert(0, 0)
            }
            case 5 {
                // Thirteen words with every bit set: no narrow field is narrow.
                let free := mload(0x40)
                for {
                    let i := 0
                } lt(i, 0x1a0) {
                    i := add(i, 0x20)
                } {
                    mstore(add(free, i), not(0))
                }
                return(free, 0x1a0)
            }
            default {
                return(0, 0)
            }
        }
    }
}
