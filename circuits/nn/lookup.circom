// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Number of powers for which Lookup costs least: the STEP with the least STEP + blocks, for STEP * blocks >= N - 1.
function lookupStep(N) {
    var step = 1;
    var least = N;
    for (var s = 1; s * s < 2 * N; s++) {
        var cost = s + (N - 1 + s - 1) \ s;
        if (cost < least) {
            least = cost;
            step = s;
        }
    }
    return step;
}

/// out = f(in) for any function f of N consecutive integers, by the polynomial of degree below N through its N points; the
/// field has a prime order far above N, so there is exactly one. Horner's rule on blocks of STEP coefficients takes about
/// 2 sqrt(N) multiplications, a third fewer than the digits of the number and their products would.
///
/// The powers and the sums on the way are residues of full size, which cost a prover more each than digits do. Only the
/// result is a small integer, and only for those N integers: for another number it is a residue without meaning, still
/// the only one. Nothing here refuses that number.
///
/// @param  N             number of integers, N > 0
/// @param  COEFFICIENTS  N residues, that of in^0 first: `interpolate` in the compiler
/// @input  in            one of the N integers        assumed; enforced by the layer before
/// @output out           f(in)                        constrained here
/// Constraints: STEP + blocks - 2 non-linear, 30 for N = 256 (N = 2: 1 linear; N = 1: none).
template Lookup(N, COEFFICIENTS) {
    assert(N > 0);
    signal input in;
    signal output out;

    var STEP = lookupStep(N);
    var BLOCKS = N > 1 ? (N - 1 + STEP - 1) \ STEP : 1;

    signal power[STEP + 1];
    power[0] <== 1;
    power[1] <== in;
    for (var i = 2; i <= STEP; i++) {
        power[i] <== power[i - 1] * in;
    }

    // The highest block has one coefficient more than the others, because in^STEP is there anyhow.
    var highest = 0;
    for (var i = (BLOCKS - 1) * STEP; i < N; i++) {
        highest += COEFFICIENTS[i] * power[i - (BLOCKS - 1) * STEP];
    }
    // value[j]: the polynomial of the coefficients from block j on.
    signal value[BLOCKS];
    value[BLOCKS - 1] <== BLOCKS == 1 ? highest : 0;
    for (var j = BLOCKS - 2; j >= 0; j--) {
        var block = 0;
        for (var i = 0; i < STEP; i++) {
            block += COEFFICIENTS[j * STEP + i] * power[i];
        }
        value[j] <== (j == BLOCKS - 2 ? highest : value[j + 1]) * power[STEP] + block;
    }
    out <== value[0];
}
