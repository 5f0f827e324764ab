// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice SHA-512 and its kin (FIPS 180-4), which differ in the first state alone.
/// @dev A word of 64 bits stands in the lower half of 16 bytes of memory, so that one load reads two of them, 128 bits apart.
/// A word times 2^64 + 1 stands twice, side by side; a rotation of it is then a shift, right in its lower 64 bits. What is
/// above them is cut off before it can matter: bits of a sum flow upwards only, and words are clean before they are doubled.
library Sha512Core {
    /// @notice The state after all blocks of `data`, padded.
    /// @param data The message; its length in bits is below 2^64, as memory is.
    /// @param first The first state, words 0 to 3.
    /// @param second The first state, words 4 to 7.
    /// @return left Words 0 to 3 of the digest.
    /// @return right Words 4 to 7.
    function digest(
        bytes memory data,
        bytes32 first,
        bytes32 second
    ) internal pure returns (bytes32 left, bytes32 right) {
        uint256 at;
        uint256 chunk;
        uint256 whole;
        uint256 tail;
        uint256 end;
        assembly ("memory-safe") {
            chunk := add(data, 0x20)
            // Four words into four places.
            function keep(place, words, base) {
                base := add(base, place)
                let pair := shr(128, words)
                mstore(base, add(pair, mul(shr(64, pair), SHA512_HIGHER)))
                pair := shr(128, shl(128, words))
                mstore(add(base, 0x20), add(pair, mul(shr(64, pair), SHA512_HIGHER)))
            }
            // Scratch past the free pointer: 16 bytes of nothing, 80 words of the block, 80 constants, the tail.
            at := mload(0x40)
            mstore(at, 0)
            keep(0x510, 0x428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc, at)
            keep(0x550, 0x3956c25bf348b53859f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118, at)
            keep(0x590, 0xd807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2, at)
            keep(0x5d0, 0x72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694, at)
            keep(0x610, 0xe49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65, at)
            keep(0x650, 0x2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5, at)
            keep(0x690, 0x983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4, at)
            keep(0x6d0, 0xc6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e70, at)
            keep(0x710, 0x27b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df, at)
            keep(0x750, 0x650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b, at)
            keep(0x790, 0xa2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30, at)
            keep(0x7d0, 0xd192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8, at)
            keep(0x810, 0x19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8, at)
            keep(0x850, 0x391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3, at)
            keep(0x890, 0x748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec, at)
            keep(0x8d0, 0x90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532b, at)
            keep(0x910, 0xca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed178, at)
            keep(0x950, 0x06f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b, at)
            keep(0x990, 0x28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c, at)
            keep(0x9d0, 0x4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817, at)
            let length := mload(data)
            let rest := and(length, 0x7f)
            tail := add(at, 0xb20)
            whole := add(add(data, 0x20), sub(length, rest))
            calldatacopy(tail, calldatasize(), 0x100)
            mcopy(tail, whole, rest)
            mstore8(add(tail, rest), 0x80)
            // The length needs 16 bytes after the mark.
            end := add(tail, add(0x80, shl(7, gt(rest, 111))))
            mstore(sub(end, 0x20), or(mload(sub(end, 0x20)), shl(3, length)))
            // The state, a word each.
            let state := add(at, 0xa20)
            for {
                let shift := 256
            } shift {
                state := add(state, 0x20)
            } {
                shift := sub(shift, 64)
                mstore(state, and(shr(shift, first), SHA512_WORD))
                mstore(add(state, 0x80), and(shr(shift, second), SHA512_WORD))
            }
        }
        // Offsets in memory.
        unchecked {
            for (; chunk != whole; chunk += 0x80) _compress(at, chunk);
            for (; tail != end; tail += 0x80) _compress(at, tail);
        }
        assembly ("memory-safe") {
            let state := add(at, 0xa20)
            for {
                let shift := 256
            } shift {
                state := add(state, 0x20)
            } {
                shift := sub(shift, 64)
                left := or(left, shl(shift, mload(state)))
                right := or(right, shl(shift, mload(add(state, 0x80))))
            }
        }
    }

    /// @dev Takes the block at `chunk` into the state.
    function _compress(uint256 at, uint256 chunk) private pure {
        assembly ("memory-safe") {
            // Four words into four places.
            function keep(place, words, base) {
                base := add(base, place)
                let pair := shr(128, words)
                mstore(base, add(pair, mul(shr(64, pair), SHA512_HIGHER)))
                pair := shr(128, shl(128, words))
                mstore(add(base, 0x20), add(pair, mul(shr(64, pair), SHA512_HIGHER)))
            }
            keep(0x10, mload(chunk), at)
            keep(0x50, mload(add(chunk, 0x20)), at)
            keep(0x90, mload(add(chunk, 0x40)), at)
            keep(0xd0, mload(add(chunk, 0x60)), at)
            // Words 16 to 79, two at a time.
            for {
                let w := add(at, 0x110)
                let last := add(at, 0x510)
            } lt(w, last) {
                w := add(w, 0x20)
            } {
                let x := mload(sub(w, 0xf0))
                let y := mul(x, SHA512_DOUBLE)
                let sum := and(xor(xor(shr(1, y), shr(8, y)), shr(7, x)), SHA512_PAIR)
                x := mload(sub(w, 0x20))
                y := mul(x, SHA512_DOUBLE)
                sum := add(sum, and(xor(xor(shr(19, y), shr(61, y)), shr(6, x)), SHA512_PAIR))
                sum := add(sum, add(mload(sub(w, 0x70)), mload(sub(w, 0x100))))
                mstore(w, and(sum, SHA512_PAIR))
            }
            let a := mload(add(at, 0xa20))
            let b := mload(add(at, 0xa40))
            let c := mload(add(at, 0xa60))
            let d := mload(add(at, 0xa80))
            let e := mload(add(at, 0xaa0))
            let f := mload(add(at, 0xac0))
            let g := mload(add(at, 0xae0))
            let h := mload(add(at, 0xb00))
            mstore(0x00, add(at, 0x500))
            // Eight rounds at a time, so that names move instead of values. m is b xor c, kept from the round before.
            let m := xor(b, c)
            let n
            let w := at
            for {} lt(w, mload(0x00)) {
                w := add(w, 0x80)
            } {
                n := mul(e, SHA512_DOUBLE)
                n := xor(xor(shr(14, n), shr(18, n)), shr(41, n))
                h := add(add(h, n), xor(g, and(e, xor(f, g))))
                h := add(h, add(mload(add(w, 0x00)), mload(add(w, 0x500))))
                d := and(add(d, h), SHA512_WORD)
                n := mul(a, SHA512_DOUBLE)
                h := add(h, xor(xor(shr(28, n), shr(34, n)), shr(39, n)))
                n := xor(a, b)
                h := and(add(h, xor(b, and(n, m))), SHA512_WORD)
                m := mul(d, SHA512_DOUBLE)
                m := xor(xor(shr(14, m), shr(18, m)), shr(41, m))
                g := add(add(g, m), xor(f, and(d, xor(e, f))))
                g := add(g, add(mload(add(w, 0x10)), mload(add(w, 0x510))))
                c := and(add(c, g), SHA512_WORD)
                m := mul(h, SHA512_DOUBLE)
                g := add(g, xor(xor(shr(28, m), shr(34, m)), shr(39, m)))
                m := xor(h, a)
                g := and(add(g, xor(a, and(m, n))), SHA512_WORD)
                n := mul(c, SHA512_DOUBLE)
                n := xor(xor(shr(14, n), shr(18, n)), shr(41, n))
                f := add(add(f, n), xor(e, and(c, xor(d, e))))
                f := add(f, add(mload(add(w, 0x20)), mload(add(w, 0x520))))
                b := and(add(b, f), SHA512_WORD)
                n := mul(g, SHA512_DOUBLE)
                f := add(f, xor(xor(shr(28, n), shr(34, n)), shr(39, n)))
                n := xor(g, h)
                f := and(add(f, xor(h, and(n, m))), SHA512_WORD)
                m := mul(b, SHA512_DOUBLE)
                m := xor(xor(shr(14, m), shr(18, m)), shr(41, m))
                e := add(add(e, m), xor(d, and(b, xor(c, d))))
                e := add(e, add(mload(add(w, 0x30)), mload(add(w, 0x530))))
                a := and(add(a, e), SHA512_WORD)
                m := mul(f, SHA512_DOUBLE)
                e := add(e, xor(xor(shr(28, m), shr(34, m)), shr(39, m)))
                m := xor(f, g)
                e := and(add(e, xor(g, and(m, n))), SHA512_WORD)
                n := mul(a, SHA512_DOUBLE)
                n := xor(xor(shr(14, n), shr(18, n)), shr(41, n))
                d := add(add(d, n), xor(c, and(a, xor(b, c))))
                d := add(d, add(mload(add(w, 0x40)), mload(add(w, 0x540))))
                h := and(add(h, d), SHA512_WORD)
                n := mul(e, SHA512_DOUBLE)
                d := add(d, xor(xor(shr(28, n), shr(34, n)), shr(39, n)))
                n := xor(e, f)
                d := and(add(d, xor(f, and(n, m))), SHA512_WORD)
                m := mul(h, SHA512_DOUBLE)
                m := xor(xor(shr(14, m), shr(18, m)), shr(41, m))
                c := add(add(c, m), xor(b, and(h, xor(a, b))))
                c := add(c, add(mload(add(w, 0x50)), mload(add(w, 0x550))))
                g := and(add(g, c), SHA512_WORD)
                m := mul(d, SHA512_DOUBLE)
                c := add(c, xor(xor(shr(28, m), shr(34, m)), shr(39, m)))
                m := xor(d, e)
                c := and(add(c, xor(e, and(m, n))), SHA512_WORD)
                n := mul(g, SHA512_DOUBLE)
                n := xor(xor(shr(14, n), shr(18, n)), shr(41, n))
                b := add(add(b, n), xor(a, and(g, xor(h, a))))
                b := add(b, add(mload(add(w, 0x60)), mload(add(w, 0x560))))
                f := and(add(f, b), SHA512_WORD)
                n := mul(c, SHA512_DOUBLE)
                b := add(b, xor(xor(shr(28, n), shr(34, n)), shr(39, n)))
                n := xor(c, d)
                b := and(add(b, xor(d, and(n, m))), SHA512_WORD)
                m := mul(f, SHA512_DOUBLE)
                m := xor(xor(shr(14, m), shr(18, m)), shr(41, m))
                a := add(add(a, m), xor(h, and(f, xor(g, h))))
                a := add(a, add(mload(add(w, 0x70)), mload(add(w, 0x570))))
                e := and(add(e, a), SHA512_WORD)
                m := mul(b, SHA512_DOUBLE)
                a := add(a, xor(xor(shr(28, m), shr(34, m)), shr(39, m)))
                m := xor(b, c)
                a := and(add(a, xor(c, and(m, n))), SHA512_WORD)
            }
            w := add(w, 0x520)
            mstore(w, and(add(a, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(b, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(c, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(d, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(e, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(f, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(g, mload(w)), SHA512_WORD))
            w := add(w, 0x20)
            mstore(w, and(add(h, mload(w)), SHA512_WORD))
        }
    }
}

/// @dev 64 ones; two times 64 ones, 128 bits apart; 2^64 + 1; 2^128 - 2^64.
uint256 constant SHA512_WORD = 0xffffffffffffffff;
uint256 constant SHA512_PAIR = 0xffffffffffffffff0000000000000000ffffffffffffffff;
uint256 constant SHA512_DOUBLE = 0x10000000000000001;
uint256 constant SHA512_HIGHER = 0xffffffffffffffff0000000000000000;
