// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/combination.circom";

/// The greater of two constants.
function greaterOf(A, B) {
    return A > B ? A : B;
}

/// The greatest of N signed integers, entry by entry: best[i] is the greatest of entries 0 to i.
///
/// best[i] is best[i-1] or in[i], because a product of the differences is 0. The sum of the differences,
/// 2 best[i] - best[i-1] - in[i], is then the one that is not 0, and it is proven not to be negative. An entry that its
/// interval puts above or below all those before costs nothing.
///
/// @param  N     number of entries, N > 0
/// @param  LOW   lower end of each entry's interval
/// @param  HIGH  upper end of each, both inside of (-2^251, 2^251)
/// @input  in    in[i] in [LOW[i], HIGH[i]]           assumed; enforced by the layer before
/// @output out   the greatest, a function of `in`     constrained here
/// Constraints: for each entry but the first, 1 + bitLength(greatest |best[i-1] - in[i]|) non-linear, or none.
template MaxRow(N, LOW, HIGH) {
    assert(N > 0);
    signal input in[N];
    signal output out;

    // Unique: both candidates are equal, or one is less than the other and would make the sum negative. A negative sum is
    // above -2^252, whose representative p - 2^252 is above any span.
    signal best[N];
    component within[N];
    var low = LOW[0];
    var high = HIGH[0];
    best[0] <== in[0];
    for (var i = 1; i < N; i++) {
        if (HIGH[i] <= low) {
            best[i] <== best[i - 1];
        } else if (LOW[i] >= high) {
            best[i] <== in[i];
        } else {
            best[i] <-- in[i] > best[i - 1] ? in[i] : best[i - 1];
            (best[i] - best[i - 1]) * (best[i] - in[i]) === 0;
            within[i] = CombinationInInterval(3, [2, -1, -1], 0, greaterOf(high - LOW[i], HIGH[i] - low));
            within[i].in <== [best[i], best[i - 1], in[i]];
        }
        low = greaterOf(low, LOW[i]);
        high = greaterOf(high, HIGH[i]);
    }
    out <== best[N - 1];
}
