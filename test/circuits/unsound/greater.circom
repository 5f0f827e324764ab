// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "lib/combination.circom";

/// UNSOUND, for a test: Greater(-8, 8) without `out` being 0 or 1, so that a fraction moves the number into its interval.
template UnsoundGreater() {
    signal input left;
    signal input right;
    signal output out;

    out <-- left > right ? 1 : 0;
    component within = CombinationInInterval(3, [1, -1, -9], 8, 8);
    within.in <== [left, right, out];
}
