// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

// circomlib's, from its npm package; the compiler puts it there and nowhere else.
include "../circomlib/poseidon.circom";

/// Poseidon over N values, 15 at a time: state = START, then for each block state = Poseidon(state, block), with zeros after
/// the last value. `poseidonChain` of the SDK is the same.
/// N is fixed by the circuit, and START names it and what is hashed, so no two lists of whatever length spell the same
/// blocks. Who finds two lists with one result has found two inputs of Poseidon with one result.
///
/// @param  N      number of values, at least 1
/// @param  START  what is hashed and N, a field element
/// @input  in     any field elements
/// @output out    the hash                            constrained here
/// Constraints: for each block of 15 values 612 non-linear and 1,480 linear (--O1).
template PoseidonChain(N, START) {
    assert(N > 0);
    signal input in[N];
    signal output out;

    var BLOCKS = (N + 14) \ 15;
    component block[BLOCKS];
    for (var b = 0; b < BLOCKS; b++) {
        block[b] = Poseidon(16);
        if (b == 0) {
            block[b].inputs[0] <== START;
        } else {
            block[b].inputs[0] <== block[b - 1].out;
        }
        for (var i = 0; i < 15; i++) {
            if (15 * b + i < N) {
                block[b].inputs[i + 1] <== in[15 * b + i];
            } else {
                block[b].inputs[i + 1] <== 0;
            }
        }
    }
    out <== block[BLOCKS - 1].out;
}
