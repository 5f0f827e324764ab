// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/interval.circom";

/// Index of the greatest of N signed integers; the lowest index wins a tie.
///
/// A one-hot vector names the winner; `best` is then its value. Every other entry must be at most `best`, and those
/// before the winner strictly below: best - in[i] - [i before the winner] is proven to be in [0, SPAN[i]]. If an entry
/// broke that, the difference would be a negative integer, above -2^252, so not in that interval of the field.
///
/// @param  N      number of entries, N > 0
/// @param  SPAN   greatest value of best - in[i]: the greatest upper end of all entries less the lower end of entry i,
///                each below 2^251
/// @input  in     intervals of signed integers with those differences: assumed; enforced by the layer before
/// @output out    in [0, N), a function of `in`       constrained here
/// Constraints: 2N - 1 + sum of bitLength(SPAN[i]) non-linear, 1 linear (N > 2; an entry with SPAN 0 costs 1 linear).
template ArgMax(N, SPAN) {
    assert(N > 0);
    signal input in[N];
    signal output out;

    var winner = 0;
    var greatest = in[0];
    for (var i = 1; i < N; i++) {
        if (in[i] > greatest) {
            winner = i;
            greatest = in[i];
        }
    }

    // Unique: the vector is one-hot by its digits and sum, and only one index meets all N comparisons: two winners
    // a < b would need in[b] > in[a] (b wins, a is before it) and in[a] >= in[b] (a wins).
    // Entry 0 has no signal: it is 1 less the others, and must be 0 or 1 like them.
    signal hot[N];
    signal share[N];
    var first = 1;
    var best = in[0];
    var index = 0;
    hot[0] <== 0;
    share[0] <== 0;
    for (var i = 1; i < N; i++) {
        hot[i] <-- i == winner ? 1 : 0;
        hot[i] * (hot[i] - 1) === 0;
        share[i] <== hot[i] * (in[i] - in[0]);
        first -= hot[i];
        best += share[i];
        index += i * hot[i];
    }
    if (N > 2) {
        // For N = 2 the one digit decides; for N = 1 there is none.
        first * (first - 1) === 0;
    }
    out <== index;

    component within[N];
    var after = 1 - first;
    for (var i = 0; i < N; i++) {
        // after: 1 if the winner comes after entry i.
        if (i > 0) {
            after -= hot[i];
        }
        within[i] = InInterval(0, SPAN[i]);
        within[i].in <== best - in[i] - after;
    }
}
