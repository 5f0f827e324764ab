// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";

/// @notice Changes evidence byte by byte and reports what a verifier takes all the same.
contract FlipProbe {
    /// @notice How often `verifier` takes `evidence` with a bit flipped in one of its bytes from `from` to before `until`,
    /// bit `i % 8` in byte `i`, and the position of the last such byte.
    function probe(
        IAttestationVerifier verifier,
        bytes memory evidence,
        uint256 from,
        uint256 until
    ) external view returns (uint256 accepted, uint256 position) {
        for (uint256 i = from; i < until; ++i) {
            bytes1 mask = bytes1(uint8(1 << (i % 8)));
            evidence[i] ^= mask;
            (bool ok, ) = address(verifier).staticcall(abi.encodeCall(IAttestationVerifier.verify, (evidence, "")));
            if (ok) (accepted, position) = (accepted + 1, i);
            evidence[i] ^= mask;
        }
    }
}
