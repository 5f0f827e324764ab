// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Sha384} from "../../libraries/crypto/Sha384.sol";
import {Sha512} from "../../libraries/crypto/Sha512.sol";

/// @notice The hash functions, for tests.
contract Sha2Harness {
    /// @notice SHA-384 of the first `from` to `to` bytes of `data`, one after another.
    function sha384Prefixes(bytes memory data, uint256 from, uint256 to) external pure returns (bytes memory digests) {
        for (uint256 length = from; length <= to; ++length) {
            (uint256 hi, uint256 lo) = Sha384.hash(_prefix(data, length));
            digests = bytes.concat(digests, bytes16(uint128(hi)), bytes32(lo));
        }
    }

    /// @notice The same with SHA-512.
    function sha512Prefixes(bytes memory data, uint256 from, uint256 to) external pure returns (bytes memory digests) {
        for (uint256 length = from; length <= to; ++length) {
            (bytes32 left, bytes32 right) = Sha512.hash(_prefix(data, length));
            digests = bytes.concat(digests, left, right);
        }
    }

    /// @notice Gas of one SHA-384.
    function gasOfSha384(bytes memory data) external view returns (uint256 gas) {
        gas = gasleft();
        Sha384.hash(data);
        gas -= gasleft();
    }

    /// @dev A copy in dirty memory, so that what follows the message is not zero.
    function _prefix(bytes memory data, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = data[i];
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let end := add(free, 0x1000)
            } lt(free, end) {
                free := add(free, 0x20)
            } {
                mstore(free, not(0))
            }
        }
    }
}
