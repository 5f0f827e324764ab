// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/interval.circom";
include "../lib/combination.circom";

/// out = floor((2 left + right) / (2 right)): left / right, halves rounded up (towards plus infinity).
///
/// The quotient is hinted. Its remainder, 2 left + right - 2 right out, is proven to be in [0, 2 right - 1] by proving it
/// and 2 right - 1 less it not to be negative. Both need `out` to be a small integer: without its interval, the field's
/// own quotient would give any remainder.
///
/// @param  QMIN   lower end of the quotient's interval
/// @param  QMAX   upper end, QMIN <= QMAX
/// @param  RMAX   greatest value of right, RMAX > 0; RMAX times the quotient's greatest absolute value below 2^250
/// @input  left   inside of (-2^251, 2^251), with a quotient in [QMIN, QMAX]: assumed; enforced by the layer before
/// @input  right  in (-2^251, RMAX]                   assumed; enforced by the layer before. At least 1: constrained here
///                (QMIN < QMAX), since two numbers that are not negative have the sum 2 right - 1
/// @output out    in [QMIN, QMAX], a function of the inputs           constrained here
/// Constraints: 1 + bitLength(QMAX - QMIN) + 2 * bitLength(2 * RMAX - 1) non-linear (QMIN = QMAX: none).
template Divide(QMIN, QMAX, RMAX) {
    // Lengths, because their product could wrap where the assertion is worked out.
    var MAGNITUDE = QMAX > 0 - QMIN ? QMAX : 0 - QMIN;
    assert(RMAX > 0 && QMIN <= QMAX && bitLength(RMAX) + bitLength(MAGNITUDE) <= 250);
    signal input left;
    signal input right;
    signal output out;

    if (QMIN == QMAX) {
        out <== QMIN;
    } else {
        // Unique: 2 left + right = 2 right out + remainder with a remainder in [0, 2 right - 1] has one solution in integers,
        // and these are integers: |2 left| < 2^252, |2 right out| < 2^251 and right < 2^250, so the remainder, and 2 right -
        // 1 less it, are inside of (-2^253, 2^253), where nothing but itself is congruent to a number in [0, 2^251).
        // The hint's dividend is lifted by a multiple of the divisor, because \ does not know negative numbers.
        out <-- right == 0 ? 0 : (2 * left + right + 2 * right * MAGNITUDE) \ (2 * right) - MAGNITUDE;
        component quotient = InInterval(QMIN, QMAX);
        quotient.in <== out;

        signal product <== right * out;
        component remainder = CombinationInInterval(3, [2, 1, -2], 0, 2 * RMAX - 1);
        remainder.in <== [left, right, product];
        component room = CombinationInInterval(3, [-2, 1, 2], -1, 2 * RMAX - 1);
        room.in <== [left, right, product];
    }
}
