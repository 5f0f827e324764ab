// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IP384Verifier} from "../../interfaces/IP384Verifier.sol";
import {P384Field, Word384} from "../../libraries/crypto/P384Field.sol";
import {P384Scalars} from "../../libraries/crypto/P384Scalars.sol";

/// @notice The parts of `P384Verifier`, and a caller that spoils hints, for tests.
contract P384Harness {
    function mul(Word384[] memory a, Word384[] memory b) external pure returns (Word384[] memory r) {
        r = new Word384[](a.length);
        for (uint256 i = 0; i < a.length; ++i) r[i] = P384Field.mul(a[i], b[i]);
    }

    function sub(Word384[] memory a, Word384[] memory b) external pure returns (Word384[] memory r) {
        r = new Word384[](a.length);
        for (uint256 i = 0; i < a.length; ++i) r[i] = P384Field.sub(a[i], b[i]);
    }

    function negate(Word384 memory a) external pure returns (Word384 memory) {
        return P384Scalars.negate(a);
    }

    function isMultiple(
        Word384 memory a,
        Word384 memory b,
        Word384 memory c,
        Word384 memory d,
        Word384 memory k
    ) external pure returns (bool) {
        return P384Scalars.isMultiple(a, b, c, d, k);
    }

    /// @notice Calls with the 32 bytes of the hints from `32 * i` on changed to `(word & keep) ^ flip`, for `i` from
    /// `from` to below `to`, one at a time. Bytes past the end of the hints stay.
    /// @return accepted How many were true.
    /// @return refused How many reverted with `HintInvalid`.
    function spoil(
        IP384Verifier verifier,
        bytes calldata message,
        bytes calldata signature,
        bytes calldata publicKey,
        bytes memory hints,
        uint256[4] calldata range
    ) external view returns (uint256 accepted, uint256 refused) {
        (uint256 from, uint256 to, uint256 keep, uint256 flip) = (range[0], range[1], range[2], range[3]);
        for (uint256 i = from; i < to && 32 * i < hints.length; ++i) {
            uint256 before;
            assembly ("memory-safe") {
                let at := add(add(hints, 0x20), shl(5, i))
                before := mload(at)
                mstore(at, xor(and(before, keep), flip))
            }
            try verifier.verify(message, signature, publicKey, hints) returns (bool ok) {
                if (ok) ++accepted;
            } catch (bytes memory reason) {
                if (bytes4(reason) == IP384Verifier.HintInvalid.selector) ++refused;
            }
            assembly ("memory-safe") {
                mstore(add(add(hints, 0x20), shl(5, i)), before)
            }
        }
    }
}
