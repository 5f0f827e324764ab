// SPDX-License-Identifier: MIT
pragma circom 2.0.0;

// The layers of circomlib-ml's own MNIST test, less the batch normalisation, with ReLU: conv 3x3x4, conv 3x3x8, dense 200-10.
include "block.circom";
include "../node_modules/circomlib-ml/circuits/ArgMax.circom";
include "../node_modules/circomlib-ml/circuits/Dense.circom";
include "../node_modules/circomlib-ml/circuits/Flatten2D.circom";

template MnistCnn() {
    signal input in[28][28][1];
    signal input weights0[3][3][1][4];
    signal input bias0[4];
    signal input weights1[3][3][4][8];
    signal input bias1[8];
    signal input weights2[200][10];
    signal input bias2[10];
    signal output out;

    component first = Block(28, 1, 4, 3);
    component second = Block(13, 4, 8, 3);
    component flat = Flatten2D(5, 5, 8);
    component last = Dense(200, 10);
    component top = ArgMax(10);
    first.in <== in;
    first.weights <== weights0;
    first.bias <== bias0;
    second.in <== first.out;
    second.weights <== weights1;
    second.bias <== bias1;
    flat.in <== second.out;
    last.in <== flat.out;
    last.weights <== weights2;
    last.bias <== bias2;
    top.in <== last.out;
    out <== top.out;
}

component main = MnistCnn();
