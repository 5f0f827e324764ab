// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Sha512Core} from "./Sha512Core.sol";

/// @notice SHA-512 (FIPS 180-4).
library Sha512 {
    /// @notice The digest of `data`, in two halves.
    /// @dev Uses memory past the free pointer as scratch and leaves the pointer where it is.
    function hash(bytes memory data) internal pure returns (bytes32, bytes32) {
        return
            Sha512Core.digest(
                data,
                0x6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1,
                0x510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179
            );
    }
}
