// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Arithmetic modulo p = 2^384 - e with e = 2^128 + 2^96 - 2^32 + 1, on numbers of two words: value = hi * 2^256 + lo.
//
// A product of two such numbers is N < 2^768. It is reduced without ever being written out: with W = 2^256, M = W - 1
// and
//   qb = N * p^-1 mod M, so that M divides N - qb * p, and
//   qt = about the upper 128 bits of N / M / p,
// the number r = (N - qb * p - qt * M * p) / M is N / M modulo p, and small. Modulo W and modulo W - 2, M is -1 and 1, so
// r is known modulo both from a few single-word operations, hence modulo lcm(W, W - 2) = 2^256 * (2^255 - 1), far above
// its range. That is an exact computation, not a probabilistic check. Numbers are therefore kept as Montgomery
// residues x * M mod p.
//
// From lo = r mod W and r mod (W - 2) the upper word follows, because r = 2 * hi + lo modulo W - 2:
//   2 * hi + 1 = (W - 1 - lo) + r modulo W - 2, for 0 <= r < 2^510.

/// @dev 2^256 - 1 and 2^256 - 2.
uint256 constant P384_M = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
uint256 constant P384_M2 = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe;
/// @dev p = P384_HI * 2^256 + P384_LO.
uint256 constant P384_HI = 0xffffffffffffffffffffffffffffffff;
uint256 constant P384_LO = 0xfffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff;
/// @dev p^-1 modulo 2^256 - 1, and modulo 2^256.
uint256 constant P384_INVERSE_M = 0xcccccccd666666663333333299999998cccccccc666666663333333399999999;
uint256 constant P384_INVERSE_W = 0x00000003000000050000000400000001fffffffffffffffefffffffeffffffff;
/// @dev p and -p modulo 2^256 - 2.
uint256 constant P384_P2 = 0x00000000000000000000000000000000ffffffff0000000000000000ffffffff;
uint256 constant P384_NEG_P2 = 0xffffffffffffffffffffffffffffffff00000000fffffffffffffffeffffffff;

/// @notice A number of up to 384 bits.
struct Word384 {
    uint256 hi;
    uint256 lo;
}

/// @notice A point of the curve other than infinity.
struct Point384 {
    Word384 x;
    Word384 y;
}

/// @notice Plain field operations for what is done a few times in a verification; the sum itself is in `P384Ladder`.
library P384Field {
    /// @notice a * b / M modulo p, below p.
    /// @dev Operands below 2^384. r lies in (-2^384, 3 * 2^384): N / M - qt * 2^384 is below 3 * 2^384 and not negative
    /// (the rest of hi * hi below 2^128, two cross products below 2^384 each), and qb * p / M is below p. One p is added.
    function mul(Word384 memory a, Word384 memory b) internal pure returns (Word384 memory r) {
        assembly ("memory-safe") {
            let ah := mload(a)
            let al := mload(add(a, 0x20))
            let bh := mload(b)
            let bl := mload(add(b, 0x20))
            let qb := mulmod(addmod(al, ah, P384_M), addmod(bl, bh, P384_M), P384_M)
            qb := mulmod(qb, P384_INVERSE_M, P384_M)
            let qt := shr(128, mul(ah, bh))
            let lo := add(sub(mul(sub(qb, qt), P384_LO), mul(al, bl)), P384_LO)
            let r2 := mulmod(addmod(al, add(ah, ah), P384_M2), addmod(bl, add(bh, bh), P384_M2), P384_M2)
            r2 := addmod(r2, mulmod(addmod(qb, qt, P384_M2), P384_NEG_P2, P384_M2), P384_M2)
            r2 := addmod(r2, P384_P2, P384_M2)
            let hi := shr(1, addmod(not(lo), r2, P384_M2))
            // At most four times, as r + p < 4 * 2^384 < 5 * p.
            for {} or(gt(hi, P384_HI), and(eq(hi, P384_HI), iszero(lt(lo, P384_LO)))) {} {
                hi := sub(sub(hi, P384_HI), lt(lo, P384_LO))
                lo := sub(lo, P384_LO)
            }
            mstore(r, hi)
            mstore(add(r, 0x20), lo)
        }
    }

    /// @notice a - b modulo p, for operands below p; the result is.
    function sub(Word384 memory a, Word384 memory b) internal pure returns (Word384 memory r) {
        unchecked {
            // Wraps where a < b, and the p added back wraps again.
            bool negative = isBelow(a, b);
            r.lo = a.lo - b.lo;
            r.hi = a.hi - b.hi - (a.lo < b.lo ? 1 : 0);
            if (negative) {
                r.lo += P384_LO;
                r.hi += P384_HI + (r.lo < P384_LO ? 1 : 0);
            }
        }
    }

    /// @notice Whether a < b.
    function isBelow(Word384 memory a, Word384 memory b) internal pure returns (bool) {
        return a.hi == b.hi ? a.lo < b.lo : a.hi < b.hi;
    }

    function isEqual(Word384 memory a, Word384 memory b) internal pure returns (bool) {
        return a.lo == b.lo && a.hi == b.hi;
    }

    /// @notice Whether `a` is below p.
    function isReduced(Word384 memory a) internal pure returns (bool) {
        return isBelow(a, Word384(P384_HI, P384_LO));
    }

    /// @notice Turns a point's coordinates into Montgomery residues, in place.
    /// @return Whether they are below p and fulfil y^2 = x * (x^2 - 3) + b.
    function enter(Point384 memory a) internal pure returns (bool) {
        if (!isReduced(a.x) || !isReduced(a.y)) return false;
        // (2^256 - 1)^2 mod p; 3 and b as Montgomery residues.
        Word384 memory square = Word384(P384_HI, 0x00000000fffffffffffffffeffffffffffffffff000000000000000100000000);
        Word384 memory three = Word384(2, 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd);
        Word384 memory b = Word384(
            0xc656398e3d6001450cc4b0d1b94900b3,
            0xb4ea74dc61ce7ee7b3171964ceee9938a359a929713e66e5887ab8477c275c6b
        );
        a.x = mul(a.x, square);
        a.y = mul(a.y, square);
        return isEqual(sub(mul(a.y, a.y), b), mul(a.x, sub(mul(a.x, a.x), three)));
    }

    /// @notice The 48 bytes of calldata at `offset`, which must lie inside it.
    function load(uint256 offset) internal pure returns (Word384 memory r) {
        assembly ("memory-safe") {
            mstore(r, shr(128, calldataload(offset)))
            mstore(add(r, 0x20), calldataload(add(offset, 0x10)))
        }
    }
}
