// SPDX-License-Identifier: MIT
pragma circom 2.0.0;

// MLP 784-32-10 with ReLU and ArgMax of circomlib-ml's templates.
include "../node_modules/circomlib-ml/circuits/ArgMax.circom";
include "../node_modules/circomlib-ml/circuits/Dense.circom";
include "../node_modules/circomlib-ml/circuits/ReLU.circom";

template Mlp(IN, HIDDEN, OUT) {
    signal input in[IN];
    signal input weights0[IN][HIDDEN];
    signal input bias0[HIDDEN];
    signal input weights1[HIDDEN][OUT];
    signal input bias1[OUT];
    signal output out;

    component hidden = Dense(IN, HIDDEN);
    component relu[HIDDEN];
    component last = Dense(HIDDEN, OUT);
    component top = ArgMax(OUT);
    hidden.in <== in;
    hidden.weights <== weights0;
    hidden.bias <== bias0;
    for (var i = 0; i < HIDDEN; i++) {
        relu[i] = ReLU();
        relu[i].in <== hidden.out[i];
        last.in[i] <== relu[i].out;
    }
    last.weights <== weights1;
    last.bias <== bias1;
    top.in <== last.out;
    out <== top.out;
}

component main = Mlp(784, 32, 10);
