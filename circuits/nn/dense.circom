// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// out[r][j] = B[j] + sum over i of W[j][i] * in[r][i], in integers. The weights are constants, so every output is a linear
/// expression and costs no multiplication.
/// @param  ROWS number of rows, each of which the same weights are applied to
/// @param  IN   number of inputs in a row
/// @param  OUT  number of outputs of a row
/// @param  W    weights, OUT rows of IN signed integers
/// @param  B    biases, OUT signed integers
/// @input  in   an interval of signed integers each: assumed; enforced by the layer before
/// @output out  the interval that follows from those of `in`: no wrap, because the emitter refuses a graph in which it
///              is not inside (-2^252, 2^252)         constrained here
/// Constraints: ROWS * OUT linear (--O1), less those of weight rows with at most one weight.
template Dense(ROWS, IN, OUT, W, B) {
    signal input in[ROWS * IN];
    signal output out[ROWS * OUT];

    for (var r = 0; r < ROWS; r++) {
        for (var j = 0; j < OUT; j++) {
            var sum = B[j];
            for (var i = 0; i < IN; i++) {
                sum += W[j][i] * in[r * IN + i];
            }
            out[r * OUT + j] <== sum;
        }
    }
}
