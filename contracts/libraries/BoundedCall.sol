// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Asks a contract that may answer with anything, without paying for more of the answer than is wanted.
library BoundedCall {
    /// @dev Longest reason that is passed on, in bytes.
    uint256 private constant MAX_REASON = 1024;

    /// @notice Calls `target` without letting it change anything.
    /// @return ok Whether the call did not revert. True for an account without code, whose answer is empty.
    /// @return size Length of the whole answer or reason, in bytes.
    /// @return answer Its first `most` bytes, or the first 1,024 of a reason.
    function ask(
        address target,
        bytes memory data,
        uint256 most
    ) internal view returns (bool ok, uint256 size, bytes memory answer) {
        uint256 longestReason = MAX_REASON;
        assembly ("memory-safe") {
            ok := staticcall(gas(), target, add(data, 0x20), mload(data), 0, 0)
            size := returndatasize()
            if iszero(ok) {
                most := longestReason
            }
            let taken := size
            if gt(taken, most) {
                taken := most
            }
            answer := mload(0x40)
            mstore(answer, taken)
            // Whole words are cleared first, so that what a short answer lacks reads as zero.
            mstore(add(answer, add(0x20, taken)), 0)
            returndatacopy(add(answer, 0x20), 0, taken)
            mstore(0x40, add(answer, and(add(taken, 0x5f), not(0x1f))))
        }
    }

    /// @notice Reverts with `reason` as it is.
    function fail(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
