// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cbor} from "../../../contracts/libraries/Cbor.sol";
import {CodecTwins} from "../../../contracts/mocks/libraries/CodecTwins.sol";
import {Check} from "../../support/Check.sol";
import {bounded} from "../../support/Fuzz.sol";

contract CodecTwinsTest {
    CodecTwins private immutable _TWINS = new CodecTwins();

    function testFuzz_openDer_isItsTwin(
        bytes32 seed,
        uint8 tag,
        uint8 form,
        uint16 length,
        uint8 size,
        uint8 at
    ) public view {
        // Heads of every form before contents of every length around the one they say.
        bytes memory head =
            form % 4 == 0
                ? abi.encodePacked(tag, uint8(length))
                : form % 4 == 1
                    ? abi.encodePacked(tag, uint8(0x81), uint8(length))
                    : form % 4 == 2
                        ? abi.encodePacked(tag, uint8(0x82), length % 600)
                        : abi.encodePacked(tag, form, length);
        uint256 contents = bounded(uint256(length) + size, 0, 610);
        bytes memory data = abi.encodePacked(new bytes(at % 5), head, seed, new bytes(contents));
        uint256 end = bounded(uint256(seed), 0, data.length);
        if (size % 2 == 0) end = data.length;
        _openBoth(data, at % 6, end, form % 64 == 1 ? tag ^ 1 : tag);
    }

    function _openBoth(bytes memory data, uint256 at, uint256 end, uint8 tag) private view {
        (bool ok, uint256 start, uint256 next) = _TWINS.openDerPlainly(data, at, end, tag);
        try _TWINS.openDer(data, at, end, tag) returns (uint256 ourStart, uint256 ourNext) {
            Check.isTrue(ok, "the library opened what its twin does not");
            Check.equal(ourStart, start, "where the contents begin");
            Check.equal(ourNext, next, "where they end");
        } catch (bytes memory reason) {
            Check.isTrue(!ok && reason.length >= 36, "the library refused, with a reason, what its twin opens");
        }
    }

    function testFuzz_readHead_isItsTwin(
        bytes16 seed,
        uint8 major,
        uint8 info,
        uint8 zeros,
        uint8 length,
        uint8 at
    ) public view {
        // Small values stand in wide heads often, so that those that are not the shortest come by.
        bytes16 rest = bytes16(uint128(seed) >> (8 * (zeros % 9)));
        bytes memory data = abi.encodePacked(new bytes(at % 3), uint8((major << 5) | (info % 32)), rest);
        uint256 cut = bounded(length, 0, data.length);
        if (length % 2 == 0) cut = data.length;
        assembly ("memory-safe") {
            // Not longer than it was.
            mstore(data, cut)
        }
        uint256 from = (at % 3) + (length == 1 ? 1 : 0);
        (bool ok, uint256 value, uint256 next) = _TWINS.readHeadPlainly(data, from, major % 8);
        try _TWINS.readHead(data, from, major % 8) returns (uint64 ours, uint256 ourNext) {
            Check.isTrue(ok, "the library read what its twin does not");
            Check.equal(ours, value, "the value");
            Check.equal(ourNext, next, "where it ends");
        } catch (bytes memory reason) {
            Check.isTrue(!ok && reason.length >= 36, "the library refused, with a reason, what its twin reads");
        }
    }

    function test_readHead_takesTheLeastAndTheMostOfEveryWidth() public view {
        bytes[8] memory heads = [
            bytes(hex"1818"),
            hex"18ff",
            hex"190100",
            hex"19ffff",
            hex"1a00010000",
            hex"1affffffff",
            hex"1b0000000100000000",
            hex"1bffffffffffffffff"
        ];
        uint64[8] memory values = [24, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, type(uint64).max];
        for (uint256 i = 0; i < 8; ++i) {
            (uint64 value, uint256 next) = _TWINS.readHead(heads[i], 0, Cbor.UINT);
            Check.equal(value, values[i], "the value");
            Check.equal(next, heads[i].length, "where it ends");
        }
    }
}
