// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "lib/combination.circom";

/// UNSOUND, for a test: MaxRow(2, [-4, -4], [4, 4]) without the product, so that `out` need be neither entry.
template UnsoundMax() {
    signal input in[2];
    signal output out;

    out <-- in[1] > in[0] ? in[1] : in[0];
    component within[2];
    within[1] = CombinationInInterval(3, [2, -1, -1], 0, 8);
    within[1].in <== [out, in[0], in[1]];
}
