// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {VersionId} from "../types/Ids.sol";

/// @notice Reads `IModelRegistry.requestTerms` as three words, without copying and checking what is compared anyway.
library VersionTerms {
    /// @notice Status (0 to 3), accepted kinds and whether there is a price. Zeros, which no request passes, when the
    /// registry reverts or answers short.
    function read(
        IModelRegistry registry,
        VersionId version
    ) internal view returns (uint256 status, uint256 kinds, bool priced) {
        uint256 selector = uint32(IModelRegistry.requestTerms.selector);
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, selector)
            mstore(add(buffer, 0x20), version)
            let ok := staticcall(gas(), registry, add(buffer, 0x1c), 0x24, buffer, 0x60)
            if and(ok, gt(returndatasize(), 0x5f)) {
                status := mload(buffer)
                kinds := mload(add(buffer, 0x20))
                priced := iszero(iszero(mload(add(buffer, 0x40))))
            }
        }
    }
}
