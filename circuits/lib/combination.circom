// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "interval.circom";

/// InInterval for a linear combination of signals: proves OFFSET + sum of FACTOR[i] * in[i] to be in [0, SPAN]. The sum is
/// never a signal, which saves the linear constraint that an expression costs as an input of InInterval. The digits, their
/// weights and the argument are those of InInterval, and so is this: they are not unique, and nothing reads them.
///
/// @param  N       number of signals
/// @param  FACTOR  N signed integers
/// @param  OFFSET  a signed integer
/// @param  SPAN    greatest value of the combination, 0 <= SPAN < 2^252
/// @input  in      intervals of signed integers in which the combination is inside of (SPAN - p, p), so that no integer
///                 outside of [0, SPAN] is congruent to one inside: assumed; the template that uses this says why
/// Constraints: bitLength(SPAN) non-linear; for SPAN = 0 1 linear.
template CombinationInInterval(N, FACTOR, OFFSET, SPAN) {
    var K = bitLength(SPAN);
    assert(N > 0 && SPAN >= 0 && K < 253);
    signal input in[N];

    var value = OFFSET;
    for (var i = 0; i < N; i++) {
        value += FACTOR[i] * in[i];
    }
    if (K == 0) {
        value === 0;
    } else {
        var LAST = SPAN - ((1 << (K - 1)) - 1);
        // digit[i] in {0, 1}: constrained here. Not unique for i > 0, as in InInterval: no output depends on them.
        signal digit[K];
        var lifted = value >= (1 << (K - 1)) ? 1 : 0;
        var rest = value;
        for (var i = 1; i < K; i++) {
            var weight = i == K - 1 ? LAST : 1 << i;
            digit[i] <-- i == K - 1 ? lifted : ((value - lifted * LAST) >> i) & 1;
            digit[i] * (digit[i] - 1) === 0;
            rest -= digit[i] * weight;
        }
        digit[0] <== 0;
        rest * (rest - 1) === 0;
    }
}
