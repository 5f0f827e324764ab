// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Value at `point` of the polynomial without constant term whose coefficients are the words:
/// out = words[0] point + words[1] point^2 + ... + words[N-1] point^N.
///
/// Two lists of words have the same value at a point for at most N points. So it tells lists apart if, and only if, both
/// are fixed before the point: that is what the hash of the words is for, from which whoever verifies derives the point.
/// With a point that the prover can choose or foresee it binds nothing; test/circuits/fingerprint.test.ts shows how.
///
/// @param  N      number of words, at least 1
/// @input  words  any
/// @input  point  any; to be derived by the verifier: nothing here says where it comes from
/// @output out    the value                           constrained here
/// Constraints: N non-linear.
template Fingerprint(N) {
    assert(N > 0);
    signal input words[N];
    signal input point;
    signal output out;

    // Horner's rule, from the last word.
    signal sum[N];
    for (var k = N - 1; k >= 0; k--) {
        if (k == N - 1) {
            sum[k] <== words[k] * point;
        } else {
            sum[k] <== (sum[k + 1] + words[k]) * point;
        }
    }
    out <== sum[0];
}
