// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev 32-bit epoch, never zero once the policy exists | 8-bit flags | 208 bits: bit i, the measurement with index i in
/// this epoch has ended; least significant first.
type PolicyWord is uint256;

/// @dev 40-bit from | 40-bit until | 32-bit epoch | 8-bit index of the measurement in that epoch | 40-bit end | 40-bit time
/// of the last sign of life | 40-bit counter of heartbeats | 8-bit `KeyState`; least significant first. Times are Unix
/// seconds. `until` is the earlier of `end` and the time by which the next heartbeat is due.
type KeyWord is uint256;

/// @dev A `KeyWord` taken apart.
struct KeyFields {
    uint40 from;
    uint40 until;
    uint32 epoch;
    uint8 index;
    uint40 end;
    uint40 beat;
    uint40 counter;
    uint8 state;
}

/// @dev How many measurements an epoch has room for.
uint256 constant MAX_INDEXES = 208;

/// @dev Flags of `PolicyWord`.
uint256 constant POLICY_TEST = 1 << 32;
uint256 constant POLICY_PAUSED = 1 << 33;

using {epoch, isTest, isPaused, hasEnded, withEnded, nextEpoch, withPause} for PolicyWord global;
using {unpack, holds, isUnknown} for KeyWord global;

function epoch(PolicyWord word) pure returns (uint32) {
    return uint32(PolicyWord.unwrap(word));
}

function isTest(PolicyWord word) pure returns (bool) {
    return PolicyWord.unwrap(word) & POLICY_TEST != 0;
}

function isPaused(PolicyWord word) pure returns (bool) {
    return PolicyWord.unwrap(word) & POLICY_PAUSED != 0;
}

/// @notice Whether the measurement with `index` in the word's epoch has ended.
function hasEnded(PolicyWord word, uint256 index) pure returns (bool) {
    return (PolicyWord.unwrap(word) >> (40 + index)) & 1 != 0;
}

function withEnded(PolicyWord word, uint256 index) pure returns (PolicyWord) {
    return PolicyWord.wrap(PolicyWord.unwrap(word) | (1 << (40 + index)));
}

/// @notice The word of the epoch after, with the same flags, in which nothing has ended yet.
function nextEpoch(PolicyWord word) pure returns (PolicyWord) {
    uint256 flags = PolicyWord.unwrap(word) & (0xff << 32);
    // Checked: after 2^32 epochs it reverts, and the policy can be changed no more.
    return PolicyWord.wrap(flags | (word.epoch() + 1));
}

function withPause(PolicyWord word, bool paused) pure returns (PolicyWord) {
    uint256 raw = PolicyWord.unwrap(word);
    return PolicyWord.wrap(paused ? raw | POLICY_PAUSED : raw & ~POLICY_PAUSED);
}

function isUnknown(KeyWord word) pure returns (bool) {
    return KeyWord.unwrap(word) == 0;
}

/// @notice Whether a key is valid at `time`, which is now, under a policy whose word is `policy`. INV-E3.
function holds(KeyWord word, PolicyWord policy, uint256 time) pure returns (bool) {
    uint256 raw = KeyWord.unwrap(word);
    return
        uint40(raw) <= time &&
        time < uint40(raw >> 40) &&
        uint32(raw >> 80) == policy.epoch() &&
        !policy.hasEnded(uint8(raw >> 112));
}

function unpack(KeyWord word) pure returns (KeyFields memory fields) {
    uint256 raw = KeyWord.unwrap(word);
    // Each cast keeps the width of its field.
    fields.from = uint40(raw);
    fields.until = uint40(raw >> 40);
    fields.epoch = uint32(raw >> 80);
    fields.index = uint8(raw >> 112);
    fields.end = uint40(raw >> 120);
    fields.beat = uint40(raw >> 160);
    fields.counter = uint40(raw >> 200);
    fields.state = uint8(raw >> 240);
}

function pack(KeyFields memory fields) pure returns (KeyWord) {
    return
        KeyWord.wrap(
            uint256(fields.from) |
                (uint256(fields.until) << 40) |
                (uint256(fields.epoch) << 80) |
                (uint256(fields.index) << 112) |
                (uint256(fields.end) << 120) |
                (uint256(fields.beat) << 160) |
                (uint256(fields.counter) << 200) |
                (uint256(fields.state) << 240)
        );
}
