// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/combination.circom";

/// 1 if left > right, else 0.
///
/// With d = left - right and T = max(HIGH, 1 - LOW), the number d - 1 + T - T * out is proven to be in [0, T - 1]: it is
/// d - 1 if out = 1, so d >= 1, and d - 1 + T if out = 0, so d <= 0.
///
/// @param  LOW    lower end of d's interval
/// @param  HIGH   upper end of d's interval, LOW <= HIGH, both inside of (-2^252, 2^252)
/// @input  left   left - right in [LOW, HIGH], both inside of (-2^251, 2^251): assumed; enforced by the layer before
/// @input  right  see left
/// @output out    in {0, 1}, a function of the inputs  constrained here
/// Constraints: 1 + bitLength(max(HIGH - 1, -LOW)) non-linear; for d in [0, 1] 1 linear; none if d cannot or must be
/// above 0.
template Greater(LOW, HIGH) {
    assert(LOW <= HIGH);
    signal input left;
    signal input right;
    signal output out;

    if (HIGH <= 0) {
        out <== 0;
    } else if (LOW > 0) {
        out <== 1;
    } else if (LOW == 0 && HIGH == 1) {
        out <== left - right;
    } else {
        var T = HIGH > 1 - LOW ? HIGH : 1 - LOW;
        // Unique: out is 0 or 1, and of d >= 1 and d <= 0 only one holds. The number is an integer in [-2^252, 2^253), so
        // what is not in [0, T - 1] as an integer is not in the field either.
        out <-- left > right ? 1 : 0;
        out * (out - 1) === 0;
        component within = CombinationInInterval(3, [1, -1, 0 - T], T - 1, T - 1);
        within.in <== [left, right, out];
    }
}
