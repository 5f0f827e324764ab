// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// out[i] = left[i] * right[i], in integers.
/// @param  N      number of entries
/// @input  left   intervals of signed integers: assumed; enforced by the layer before
/// @input  right  the same
/// @output out    the interval that follows: no wrap, because the emitter refuses a graph in which it is not inside of
///                (-2^251, 2^251)                     constrained here
/// Constraints: N non-linear.
template Multiply(N) {
    signal input left[N];
    signal input right[N];
    signal output out[N];

    for (var i = 0; i < N; i++) {
        out[i] <== left[i] * right[i];
    }
}
