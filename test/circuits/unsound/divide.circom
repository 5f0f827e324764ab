// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "lib/combination.circom";

/// UNSOUND, for a test: Divide(-3, 3, 3) without the quotient's interval, so that the field's own quotient will do.
template UnsoundDivide() {
    signal input left;
    signal input right;
    signal output out;

    out <-- (2 * left + 7 * right) \ (2 * right) - 3;
    signal product <== right * out;
    component remainder = CombinationInInterval(3, [2, 1, -2], 0, 5);
    remainder.in <== [left, right, product];
    component room = CombinationInInterval(3, [-2, 1, 2], -1, 5);
    room.in <== [left, right, product];
}
