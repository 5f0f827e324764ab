// SPDX-License-Identifier: MIT
pragma circom 2.0.0;

// LeNet-5 on 28x28 of circomlib-ml's templates: conv 5x5x6, pool, conv 5x5x16, pool, 120-84-10.
include "block.circom";
include "../node_modules/circomlib-ml/circuits/ArgMax.circom";
include "../node_modules/circomlib-ml/circuits/Dense.circom";
include "../node_modules/circomlib-ml/circuits/Flatten2D.circom";
include "../node_modules/circomlib-ml/circuits/ReLU.circom";

template DenseRelu(IN, OUT) {
    signal input in[IN];
    signal input weights[IN][OUT];
    signal input bias[OUT];
    signal output out[OUT];

    component dense = Dense(IN, OUT);
    component relu[OUT];
    dense.in <== in;
    dense.weights <== weights;
    dense.bias <== bias;
    for (var i = 0; i < OUT; i++) {
        relu[i] = ReLU();
        relu[i].in <== dense.out[i];
        out[i] <== relu[i].out;
    }
}

template LeNet5() {
    signal input in[28][28][1];
    signal input weights0[5][5][1][6];
    signal input bias0[6];
    signal input weights1[5][5][6][16];
    signal input bias1[16];
    signal input weights2[256][120];
    signal input bias2[120];
    signal input weights3[120][84];
    signal input bias3[84];
    signal input weights4[84][10];
    signal input bias4[10];
    signal output out;

    component conv0 = Block(28, 1, 6, 5);
    component conv1 = Block(12, 6, 16, 5);
    component flat = Flatten2D(4, 4, 16);
    component dense0 = DenseRelu(256, 120);
    component dense1 = DenseRelu(120, 84);
    component last = Dense(84, 10);
    component top = ArgMax(10);
    conv0.in <== in;
    conv0.weights <== weights0;
    conv0.bias <== bias0;
    conv1.in <== conv0.out;
    conv1.weights <== weights1;
    conv1.bias <== bias1;
    flat.in <== conv1.out;
    dense0.in <== flat.out;
    dense0.weights <== weights2;
    dense0.bias <== bias2;
    dense1.in <== dense0.out;
    dense1.weights <== weights3;
    dense1.bias <== bias3;
    last.in <== dense1.out;
    last.weights <== weights4;
    last.bias <== bias4;
    top.in <== last.out;
    out <== top.out;
}

component main = LeNet5();
