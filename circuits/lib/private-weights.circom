// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "interval.circom";

/// Proves weights that are no constants to be in range, and packs them into words to be hashed, 248 \ BITS to a word.
/// Word k is the sum of (weight[k PER + i] + 2^(BITS-1)) 2^(BITS i): a number below 2^248 whose digits in base 2^BITS are the
/// weights, so different weights make different words.
/// @param  N      number of weights, at least 1
/// @param  BITS   width of a weight with its sign, 1 < BITS <= 32
/// @input  weight each in [-2^(BITS-1), 2^(BITS-1))    constrained here
/// @output words  each below 2^248                     constrained here
/// Constraints: N * BITS non-linear, 1 linear a word.
template PrivateWeights(N, BITS) {
    assert(N > 0 && BITS > 1 && BITS <= 32);
    var PER = 248 \ BITS;
    var COUNT = (N + PER - 1) \ PER;
    var HALF = 1 << (BITS - 1);
    signal input weight[N];
    signal output words[COUNT];

    var sum[COUNT];
    for (var k = 0; k < COUNT; k++) {
        sum[k] = 0;
    }
    for (var i = 0; i < N; i++) {
        InInterval(-HALF, HALF - 1)(weight[i]);
        sum[i \ PER] += (weight[i] + HALF) * (1 << (BITS * (i % PER)));
    }
    for (var k = 0; k < COUNT; k++) {
        words[k] <== sum[k];
    }
}
