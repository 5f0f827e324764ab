// SPDX-License-Identifier: MIT
pragma circom 2.0.0;

// A convolution without padding, ReLU and average pooling 2x2 of circomlib-ml's templates.
include "../node_modules/circomlib-ml/circuits/AveragePooling2D.circom";
include "../node_modules/circomlib-ml/circuits/Conv2D.circom";
include "../node_modules/circomlib-ml/circuits/ReLU.circom";

template Block(ROWS, CHANNELS, FILTERS, KERNEL) {
    var SIDE = ROWS - KERNEL + 1;
    signal input in[ROWS][ROWS][CHANNELS];
    signal input weights[KERNEL][KERNEL][CHANNELS][FILTERS];
    signal input bias[FILTERS];
    signal output out[SIDE \ 2][SIDE \ 2][FILTERS];

    component conv = Conv2D(ROWS, ROWS, CHANNELS, FILTERS, KERNEL, 1);
    component relu[SIDE][SIDE][FILTERS];
    component pool = AveragePooling2D(SIDE, SIDE, FILTERS, 2, 2, 25);
    conv.in <== in;
    conv.weights <== weights;
    conv.bias <== bias;
    for (var i = 0; i < SIDE; i++) {
        for (var j = 0; j < SIDE; j++) {
            for (var k = 0; k < FILTERS; k++) {
                relu[i][j][k] = ReLU();
                relu[i][j][k].in <== conv.out[i][j][k];
                pool.in[i][j][k] <== relu[i][j][k].out;
            }
        }
    }
    out <== pool.out;
}
