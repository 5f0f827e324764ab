// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Sha512Core} from "./Sha512Core.sol";

/// @notice SHA-384 (FIPS 180-4).
library Sha384 {
    /// @notice The digest of `data`, as the number hi * 2^256 + lo.
    /// @dev Uses memory past the free pointer as scratch and leaves the pointer where it is.
    /// @return hi The first 16 bytes.
    /// @return lo The other 32.
    function hash(bytes memory data) internal pure returns (uint256 hi, uint256 lo) {
        (bytes32 left, bytes32 right) = Sha512Core.digest(
            data,
            0xcbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e5939,
            0x67332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4
        );
        hi = uint256(left) >> 128;
        lo = (uint256(left) << 128) | (uint256(right) >> 128);
    }
}
