// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a piece of evidence shows. The number is the first byte of a selector and a bit of a kind set.
enum ProofKind {
    None,
    Signature,
    Quorum,
    Optimistic,
    Tee,
    Zkml
}

/// @dev 8-bit kind | 24-bit number of the adapter within its kind. The first four bytes of the evidence it takes.
type ProofSelector is bytes4;

/// @dev Up to four 32-bit selectors, most significant first, strictly ascending, the rest zero. All of them must hold.
/// A requester pins adapters, not kinds, so that an adapter added later can never answer an older request.
type ProofPolicy is bytes16;

using {kind, eqSelector as ==, neqSelector as !=} for ProofSelector global;
using {at, count, kinds} for ProofPolicy global;

/// @notice The kind byte of `selector`.
function kind(ProofSelector selector) pure returns (uint8) {
    return uint8(ProofSelector.unwrap(selector)[0]);
}

function eqSelector(ProofSelector a, ProofSelector b) pure returns (bool) {
    return ProofSelector.unwrap(a) == ProofSelector.unwrap(b);
}

function neqSelector(ProofSelector a, ProofSelector b) pure returns (bool) {
    return ProofSelector.unwrap(a) != ProofSelector.unwrap(b);
}

/// @notice Selector number `index`, zero past the last. `index` below 4.
function at(ProofPolicy policy, uint256 index) pure returns (ProofSelector) {
    return ProofSelector.wrap(bytes4(ProofPolicy.unwrap(policy) << (32 * index)));
}

/// @notice How many selectors a well-formed policy has, 0 to 4.
function count(ProofPolicy policy) pure returns (uint256 n) {
    uint128 word = uint128(ProofPolicy.unwrap(policy));
    while (word != 0) {
        word <<= 32;
        // At most four turns: each shifts 32 of 128 bits out.
        unchecked {
            ++n;
        }
    }
}

/// @notice The kinds that a policy demands, as a set: bit `k` for kind `k`. Zero when the policy is not well formed: it
/// names no selector, or not in strictly ascending order, or one of a kind that is not 1 to 15.
function kinds(ProofPolicy policy) pure returns (uint16 set) {
    uint256 word = uint256(uint128(ProofPolicy.unwrap(policy))) << 128;
    uint256 previous = 0;
    while (word != 0) {
        uint256 selector = word >> 224;
        uint256 kindByte = selector >> 24;
        if (selector <= previous || kindByte == 0 || kindByte > 15) return 0;
        previous = selector;
        // kindByte < 16, so the bit fits 16 bits.
        set |= uint16(1 << kindByte);
        word <<= 32;
    }
}
