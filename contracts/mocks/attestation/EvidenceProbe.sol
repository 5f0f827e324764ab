// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";

/// @notice Changes evidence byte by byte and reports what a verifier says to it, many changes in one call.
contract EvidenceProbe {
    /// @dev In place of a selector: accepted, and refused without one.
    bytes4 private constant ACCEPTED = 0x00000000;
    bytes4 private constant MUTE = 0xffffffff;

    /// @notice The selector of the error for each of `positions`, bit `i % 8` being flipped in byte `i`.
    function probe(
        IAttestationVerifier verifier,
        bytes memory evidence,
        bytes calldata hints,
        uint256[] calldata positions
    ) external view returns (bytes4[] memory reasons) {
        reasons = new bytes4[](positions.length);
        for (uint256 i = 0; i < positions.length; ++i) {
            uint256 at = positions[i];
            bytes1 mask = bytes1(uint8(1 << (at % 8)));
            evidence[at] ^= mask;
            (bool ok, bytes memory reason) = address(verifier).staticcall(
                abi.encodeCall(IAttestationVerifier.verify, (evidence, hints))
            );
            reasons[i] =
                ok
                    ? ACCEPTED
                    : reason.length < 4
                        ? MUTE
                        : bytes4(reason);
            evidence[at] ^= mask;
        }
    }
}
