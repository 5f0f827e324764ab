// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {RequestStatus} from "../interfaces/IInferenceHub.sol";
import {ProofPolicy, ProofSelector} from "../types/ProofPolicy.sol";

/// @notice Says in words what a request waits for.
library StuckReason {
    /// @notice For a request that waits for its evidence.
    function waiting(ProofPolicy proofs, uint40 deadline) internal pure returns (string memory) {
        string memory names = "";
        uint256 n = proofs.count();
        for (uint256 i = 0; i < n; ++i) {
            string memory separator = i == 0 ? "" : " and ";
            names = string.concat(names, separator, _kindName(proofs.at(i).kind()));
        }
        return
            string.concat(
                "Waits for an answer with ",
                names,
                " evidence, until time ",
                Strings.toString(deadline),
                "; after that anyone may call reclaim."
            );
    }

    /// @notice For a request that no answer can settle any more.
    function adapterGone(ProofSelector selector, uint40 deadline) internal pure returns (string memory) {
        return
            string.concat(
                "Cannot be answered: no adapter takes ",
                Strings.toHexString(uint32(ProofSelector.unwrap(selector)), 4),
                " (retired or never added). After time ",
                Strings.toString(deadline),
                " anyone may call reclaim."
            );
    }

    /// @notice For a settled request whose callback failed.
    function callbackFailed(uint8 retries, uint8 limit) internal pure returns (string memory) {
        return
            string.concat(
                "Answered and paid, but the callback failed; its target or the requester may call retryCallback (",
                Strings.toString(limit - retries),
                " tries left)."
            );
    }

    /// @notice For a request that waits for nothing, or only to be reclaimed.
    function notWaiting(RequestStatus status) internal pure returns (string memory) {
        if (status == RequestStatus.Expired) return "Expired without an answer: anyone may call reclaim.";
        if (status == RequestStatus.Fulfilled) return "Nothing: it was answered and paid.";
        if (status == RequestStatus.Reclaimed) return "Nothing: it expired and its payment was given back as credit.";
        return
            "No open request has this id: it was never made here, or settled without a stored result "
            "(see the events Fulfilled and Requested).";
    }

    function _kindName(uint8 kind) private pure returns (string memory) {
        if (kind == 1) return "SIGNATURE";
        if (kind == 2) return "QUORUM";
        if (kind == 3) return "OPTIMISTIC";
        if (kind == 4) return "TEE";
        if (kind == 5) return "ZKML";
        return string.concat("kind ", Strings.toString(kind));
    }
}
