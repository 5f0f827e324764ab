// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// out[k] = 1 if in = k, else 0, for k from 0 to SIZE - 1.
///
/// Each out[k] is 0 unless in = k, and all together are 1: so out[in] is 1. The digits need not be proven to be 0 or 1.
///
/// @param  SIZE  number of entries, SIZE > 0
/// @input  in    in [0, SIZE)                         constrained here: for any other, all entries are 0 and not 1
/// @output out   in {0, 1}, a function of `in`        constrained here
/// Constraints: SIZE non-linear, 1 linear (SIZE = 1: 2 linear).
template OneHot(SIZE) {
    assert(SIZE > 0);
    signal input in;
    signal output out[SIZE];

    var sum = 0;
    for (var k = 0; k < SIZE; k++) {
        // Unique: 0 for k != in by the product, and what is left of the sum for k = in.
        out[k] <-- in == k ? 1 : 0;
        out[k] * (in - k) === 0;
        sum += out[k];
    }
    sum === 1;
}
