// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// out[j] = B[j] + sum over i of W[j][i] * in[i], in integers. The weights are constants, so every output is a linear
/// expression and costs no multiplication.
/// @param  IN   number of inputs
/// @param  OUT  number of outputs
/// @param  W    weights, OUT rows of IN signed integers
/// @param  B    biases, OUT signed integers
/// @input  in   an interval of signed integers each: assumed; enforced by the layer before
/// @output out  the interval that follows from those of `in`: no wrap, because the emitter refuses a graph in which it
///              is not inside (-2^252, 2^252)         constrained here
/// Constraints: OUT linear (--O1), less the rows with at most one weight.
template Dense(IN, OUT, W, B) {
    signal input in[IN];
    signal output out[OUT];

    for (var j = 0; j < OUT; j++) {
        var sum = B[j];
        for (var i = 0; i < IN; i++) {
            sum += W[j][i] * in[i];
        }
        out[j] <== sum;
    }
}
