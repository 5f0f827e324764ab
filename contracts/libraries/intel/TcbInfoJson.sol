// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// JSON is full of double quotes, so it stands in single ones.
// solhint-disable quotes

import {Json} from "./Json.sol";
import {LevelJson, Writer} from "./LevelJson.sol";
import {DocumentHead, QeIdentityJson} from "./QeIdentityJson.sol";

/// @notice Decodes TCB Info, version 3, for SGX and TDX.
/// @dev Kept as PCE ID (2 bytes); for TDX the module without a version, the number of modules with one (1), and each of
/// those: version (1), module, levels of `LevelJson.readSvnLevels`; then the number of levels (1) and the levels. A module
/// is MRSIGNER (48), attributes (8), their mask (8). A level is 16 SVNs of SGX (16), for TDX 16 SVNs of TDX (16), the
/// PCE's SVN (2), and what ends every level.
/// @dev Not checked here: the signature and the time.
library TcbInfoJson {
    /// @dev Most versions of the TDX module.
    uint256 internal constant MAX_MODULES = 16;

    /// @dev Longest text that says what a component is.
    uint256 private constant MAX_LABEL = 64;

    /// @notice Decodes `json` from its first byte to its last.
    function decode(bytes calldata json) internal pure returns (DocumentHead memory head, bytes memory data) {
        uint256 at = Json.skip(json, 0, '{"id":"', 7);
        head.isTdx = Json.has(json, at, "TDX", 3);
        if (!head.isTdx) Json.skip(json, at, "SGX", 3);
        at = Json.skip(json, at + 3, '","version":3', 13);
        at = QeIdentityJson.readDates(json, at, head);
        bytes32 word;
        at = Json.skip(json, at, '"fmspc":"', 9);
        (word, at) = Json.readHex(json, at, 6);
        head.fmspc = bytes6(word);

        // Never longer than the text: each byte kept takes two, an SVN nine, an advisory seventeen for three.
        data = new bytes(json.length + 32);
        Writer memory writer = Writer({data: data, length: 0});
        at = Json.skip(json, at, '","pceId":"', 11);
        (word, at) = Json.readHex(json, at, 2);
        LevelJson.push(writer, word, 2);
        at = Json.skip(json, at, '","tcbType":0,', 14);
        at = QeIdentityJson.readEvaluation(json, at, head);
        if (head.isTdx) at = _readModules(json, at, writer);
        at = _readLevels(json, at, writer, head.isTdx);
        Json.close(json, Json.skip(json, at, "}", 1));

        uint256 length = writer.length;
        assembly ("memory-safe") {
            mstore(data, length)
        }
    }

    /// @dev `"tdxModule":{…},` and, where there are any, `"tdxModuleIdentities":[…],`
    function _readModules(bytes calldata json, uint256 at, Writer memory writer) private pure returns (uint256) {
        at = Json.skip(json, at, '"tdxModule":{', 13);
        at = _readModule(json, at, writer);
        at = Json.skip(json, at, "},", 2);
        uint256 place = writer.length;
        LevelJson.push(writer, 0, 1);
        if (!Json.has(json, at, '"tdxModuleIdentities":[', 23)) return at;
        at += 23;
        uint256 count;
        do {
            if (count != 0) at = Json.skip(json, at, ",", 1);
            require(++count <= MAX_MODULES, LevelJson.DocumentListTooLong(at, MAX_MODULES));
            bytes32 version;
            at = Json.skip(json, at, '{"id":"TDX_', 11);
            (version, at) = Json.readHex(json, at, 1);
            LevelJson.push(writer, version, 1);
            at = _readModule(json, Json.skip(json, at, '",', 2), writer);
            at = LevelJson.readSvnLevels(json, Json.skip(json, at, ',"tcbLevels":', 13), writer);
            at = Json.skip(json, at, "}", 1);
        } while (!Json.has(json, at, "]", 1));
        LevelJson.set(writer, place, count);
        return Json.skip(json, at, "],", 2);
    }

    /// @dev `"mrsigner":"…","attributes":"…","attributesMask":"…"`
    function _readModule(bytes calldata json, uint256 at, Writer memory writer) private pure returns (uint256) {
        bytes32 word;
        at = Json.skip(json, at, '"mrsigner":"', 12);
        (word, at) = Json.readHex(json, at, 32);
        LevelJson.push(writer, word, 32);
        (word, at) = Json.readHex(json, at, 16);
        LevelJson.push(writer, word, 16);
        at = Json.skip(json, at, '","attributes":"', 16);
        (word, at) = Json.readHex(json, at, 8);
        LevelJson.push(writer, word, 8);
        at = Json.skip(json, at, '","attributesMask":"', 20);
        (word, at) = Json.readHex(json, at, 8);
        LevelJson.push(writer, word, 8);
        return Json.skip(json, at, '"', 1);
    }

    /// @dev `"tcbLevels":[…]`
    function _readLevels(
        bytes calldata json,
        uint256 at,
        Writer memory writer,
        bool isTdx
    ) private pure returns (uint256) {
        uint256 count;
        uint256 place = writer.length;
        LevelJson.push(writer, 0, 1);
        at = Json.skip(json, at, '"tcbLevels":[', 13);
        do {
            if (count != 0) at = Json.skip(json, at, ",", 1);
            require(++count <= LevelJson.MAX_LEVELS, LevelJson.DocumentListTooLong(at, LevelJson.MAX_LEVELS));
            at = Json.skip(json, at, '{"tcb":{"sgxtcbcomponents":[', 28);
            bytes32 sgx;
            bytes32 tdx;
            uint256 pceSvn;
            (sgx, at) = _readComponents(json, at);
            at = Json.skip(json, at, ',"pcesvn":', 10);
            (pceSvn, at) = Json.readNumber(json, at, type(uint16).max);
            LevelJson.push(writer, sgx, 16);
            if (isTdx) {
                (tdx, at) = _readComponents(json, Json.skip(json, at, ',"tdxtcbcomponents":[', 21));
                LevelJson.push(writer, tdx, 16);
            }
            LevelJson.push(writer, bytes32(pceSvn << 240), 2);
            at = LevelJson.readTail(json, at, writer);
        } while (!Json.has(json, at, "]", 1));
        LevelJson.set(writer, place, count);
        return at + 1;
    }

    /// @dev Sixteen of `{"svn":7,"category":"BIOS","type":"Early Microcode Update"}` and the bracket that ends them.
    function _readComponents(bytes calldata json, uint256 at) private pure returns (bytes32 svns, uint256) {
        uint256 joined;
        for (uint256 i = 0; i < 16; ++i) {
            uint256 svn;
            if (i != 0) at = Json.skip(json, at, ",", 1);
            at = Json.skip(json, at, '{"svn":', 7);
            (svn, at) = Json.readNumber(json, at, type(uint8).max);
            joined = (joined << 8) | svn;
            if (!Json.has(json, at, "}", 1)) at = _skipLabels(json, at);
            at = Json.skip(json, at, "}", 1);
        }
        return (bytes32(joined << 128), Json.skip(json, at, "]", 1));
    }

    /// @dev Category and type, each or both.
    function _skipLabels(bytes calldata json, uint256 at) private pure returns (uint256) {
        // What the levels are full of, first.
        if (Json.has(json, at, ',"category":"BIOS"}', 19)) return at + 18;
        if (Json.has(json, at, ',"category":"', 13)) at = _skipLabel(json, at + 13);
        if (Json.has(json, at, ',"type":"', 9)) at = _skipLabel(json, at + 9);
        return at;
    }

    /// @dev ASCII that can be seen or is a space, without escapes, and the quotation mark that ends it.
    function _skipLabel(bytes calldata json, uint256 at) private pure returns (uint256 next) {
        uint256 limit = at + MAX_LABEL;
        bool bad;
        assembly ("memory-safe") {
            next := at
            for {} 1 {
                next := add(next, 1)
            } {
                let letter := byte(0, calldataload(add(json.offset, next)))
                bad := or(or(lt(letter, 0x20), gt(letter, 0x7e)), or(eq(letter, 0x5c), eq(next, limit)))
                if or(bad, eq(letter, 0x22)) {
                    break
                }
            }
            next := add(next, 1)
        }
        require(!bad, Json.JsonUnexpected(at));
    }
}
