// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../Der.sol";

/// @notice Opens what X.509 signs with ECDSA on P-384 and SHA-384: certificates and revocation lists, which are both
/// SEQUENCE { signed part, algorithm, BIT STRING { SEQUENCE { r INTEGER, s INTEGER } } }.
/// @dev Not checked here: the signature, that `r` and `s` are below the order, and anything in the signed part.
library Signed384 {
    /// @dev AlgorithmIdentifier: ecdsa-with-SHA384, no parameters.
    bytes12 private constant ECDSA_SHA384 = hex"300a06082a8648ce3d040303";

    /// @notice Thrown when a signature algorithm, inside or outside, is not ECDSA-SHA384 exactly.
    error SignatureAlgorithmUnsupported(uint256 offset);

    /// @notice Splits `der`, from its first byte to its last.
    /// @return tbs The signed part, its head included.
    /// @return signature r || s, 48 bytes each.
    function split(bytes calldata der) internal pure returns (bytes calldata tbs, bytes memory signature) {
        (uint256 at, uint256 end) = Der.open(der, 0, der.length, Der.SEQUENCE);
        Der.close(end, der.length);
        (, uint256 next) = Der.open(der, at, end, Der.SEQUENCE);
        tbs = der[at:next];
        (at, next) = Der.openBits(der, skipAlgorithm(der, next, end), end);
        Der.close(next, end);
        (at, next) = Der.open(der, at, end, Der.SEQUENCE);
        Der.close(next, end);
        (uint256 high, uint256 low, uint256 past) = _readWide(der, at, end);
        (uint256 high2, uint256 low2, uint256 last) = _readWide(der, past, end);
        Der.close(last, end);
        signature = abi.encodePacked(uint128(high), low, uint128(high2), low2);
    }

    /// @notice Skips the algorithm of the signature, which stands inside the signed part and outside.
    function skipAlgorithm(bytes calldata der, uint256 at, uint256 end) internal pure returns (uint256 next) {
        next = at + 12;
        require(next <= end && bytes12(der[at:next]) == ECDSA_SHA384, SignatureAlgorithmUnsupported(at));
    }

    /// @dev An INTEGER from 0 to 2^384 - 1; `high` is below 2^128.
    function _readWide(
        bytes calldata der,
        uint256 at,
        uint256 end
    ) private pure returns (uint256 high, uint256 low, uint256 next) {
        uint256 start;
        (start, next) = Der.openUint(der, at, end);
        if (der[start] == 0 && next - start > 1) ++start;
        uint256 length = next - start;
        require(length <= 48, Der.DerValueInvalid(at));
        if (length <= 32) {
            low = uint256(bytes32(der[start:next])) >> (8 * (32 - length));
        } else {
            low = uint256(bytes32(der[next - 32:next]));
            // 1 to 16 bytes.
            high = uint256(bytes32(der[start:next - 32])) >> (8 * (64 - length));
        }
    }
}
