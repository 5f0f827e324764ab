// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// JSON is full of double quotes, so it stands in single ones.
// solhint-disable quotes

import {Json} from "./Json.sol";
import {LevelJson, Writer} from "./LevelJson.sol";

/// @notice The head of a document of Intel's.
/// @param isTdx Whether it is for TDX; for SGX if not.
/// @param issueDate First second of validity, Unix time.
/// @param nextUpdate Last second of validity.
/// @param evaluation TCB evaluation data number.
/// @param fmspc Which platforms it is for; zero where it is for all.
struct DocumentHead {
    bool isTdx;
    uint256 issueDate;
    uint256 nextUpdate;
    uint256 evaluation;
    bytes6 fmspc;
}

/// @notice Decodes identities of quoting enclaves (QE), version 2: ids "QE" (for SGX) and "TD_QE" (for TDX).
/// @dev Kept as MISCSELECT (4 bytes), its mask (4), ATTRIBUTES (16), their mask (16), MRSIGNER (32), ISVPRODID (2), and
/// the levels of `LevelJson.readSvnLevels`.
/// @dev Not checked here: the signature and the time.
library QeIdentityJson {
    /// @notice Decodes `json` from its first byte to its last.
    function decode(bytes calldata json) internal pure returns (DocumentHead memory head, bytes memory data) {
        uint256 at = Json.skip(json, 0, '{"id":"', 7);
        head.isTdx = Json.has(json, at, "TD_", 3);
        if (head.isTdx) at += 3;
        at = Json.skip(json, at, 'QE","version":2', 15);
        at = readDates(json, at, head);
        at = readEvaluation(json, at, head);

        // Never longer than the text, of which each byte kept takes two.
        data = new bytes(json.length + 32);
        Writer memory writer = Writer({data: data, length: 0});
        bytes32 word;
        at = Json.skip(json, at, '"miscselect":"', 14);
        (word, at) = Json.readHex(json, at, 4);
        LevelJson.push(writer, word, 4);
        at = Json.skip(json, at, '","miscselectMask":"', 20);
        (word, at) = Json.readHex(json, at, 4);
        LevelJson.push(writer, word, 4);
        at = Json.skip(json, at, '","attributes":"', 16);
        (word, at) = Json.readHex(json, at, 16);
        LevelJson.push(writer, word, 16);
        at = Json.skip(json, at, '","attributesMask":"', 20);
        (word, at) = Json.readHex(json, at, 16);
        LevelJson.push(writer, word, 16);
        at = Json.skip(json, at, '","mrsigner":"', 14);
        (word, at) = Json.readHex(json, at, 32);
        LevelJson.push(writer, word, 32);
        at = Json.skip(json, at, '","isvprodid":', 14);
        uint256 product;
        (product, at) = Json.readNumber(json, at, type(uint16).max);
        LevelJson.push(writer, bytes32(product << 240), 2);
        at = Json.skip(json, at, ',"tcbLevels":', 13);
        at = LevelJson.readSvnLevels(json, at, writer);
        Json.close(json, Json.skip(json, at, "}", 1));

        uint256 length = writer.length;
        assembly ("memory-safe") {
            mstore(data, length)
        }
    }

    /// @notice `,"issueDate":"…","nextUpdate":"…",`
    function readDates(bytes calldata json, uint256 at, DocumentHead memory head) internal pure returns (uint256) {
        at = Json.skip(json, at, ',"issueDate":"', 14);
        (head.issueDate, at) = Json.readTime(json, at);
        at = Json.skip(json, at, '","nextUpdate":"', 16);
        (head.nextUpdate, at) = Json.readTime(json, at);
        return Json.skip(json, at, '",', 2);
    }

    /// @notice `"tcbEvaluationDataNumber":…,`
    function readEvaluation(bytes calldata json, uint256 at, DocumentHead memory head) internal pure returns (uint256) {
        at = Json.skip(json, at, '"tcbEvaluationDataNumber":', 26);
        (head.evaluation, at) = Json.readNumber(json, at, type(uint16).max);
        return Json.skip(json, at, ",", 1);
    }
}
