// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/interval.circom";
include "conv.circom";

/// out[k] = bias[k] + sum over i of weight[k][i] * in[i], for K outputs with one multiplication for each input.
///
/// K = 1 is the sum itself. For K > 1 an input is multiplied with sum of weight[k][i] 2^(S k), so that the products add up to
///     total = sum of acc[k] 2^(S k), with acc[k] the true sum of slot k;
/// this is an identity of the field, whatever wraps on the way. `out` is a hint: K numbers of S bits with sign and the same
/// total. It has one value: |acc[k]| and |out[k]| are at most 2^(S-1), so both totals are integers below 2^(S K) in size, and
/// as S K < 252 they are equal as integers, not only as residues. Two lists of slots in [-2^(S-1), 2^(S-1)) with one total are
/// the same list: the lowest slots agree modulo 2^S, so are equal, and so on upwards.
///
/// @param  N       number of inputs, at least 1
/// @param  K       outputs, at least 1
/// @param  S       bits of a slot, sign included, S * K < 252; not used for K = 1
/// @input  in      an interval of signed integers each: assumed; enforced by the layer before
/// @input  weight  an interval of signed integers each: assumed; enforced by PrivateWeights
/// @input  bias    the same; for K > 1 acc[k] is in [-2^(S-1), 2^(S-1)) for all of these: assumed; the emitter derives S
/// @output out     the sums                             constrained here
/// Constraints: N non-linear; K > 1: and K * S; 1 linear.
template PrivateDot(N, K, S) {
    assert(N > 0 && K > 0 && (K == 1 || (S > 1 && S * K < 252)));
    signal input in[N];
    signal input weight[K][N];
    signal input bias[K];
    signal output out[K];

    signal product[N];
    var total = 0;
    for (var i = 0; i < N; i++) {
        var packed = 0;
        for (var k = 0; k < K; k++) {
            packed += weight[k][i] * (1 << (S * k));
        }
        product[i] <== in[i] * packed;
        total += product[i];
    }
    for (var k = 0; k < K; k++) {
        total += bias[k] * (1 << (S * k));
    }
    if (K == 1) {
        out[0] <== total;
    } else {
        var HALF = 1 << (S - 1);
        var lifted = total;
        for (var k = 0; k < K; k++) {
            lifted += HALF * (1 << (S * k));
        }
        // Unique: numbers of S bits with sign that add up to `total`, see above.
        component fits[K];
        var slots = 0;
        for (var k = 0; k < K; k++) {
            out[k] <-- ((lifted >> (S * k)) & ((1 << S) - 1)) - HALF;
            fits[k] = InInterval(-HALF, HALF - 1);
            fits[k].in <== out[k];
            slots += out[k] * (1 << (S * k));
        }
        total === slots;
    }
}

/// `Dense` with weights that are signals, K outputs to a multiplication.
/// @param  ROWS    as in Dense
/// @param  IN      as in Dense
/// @param  OUT     as in Dense
/// @param  K       outputs that share multiplications, at most OUT; those left over share among themselves
/// @param  S       as in PrivateDot
/// @input  in      as in Dense
/// @input  weight  OUT rows of IN, flat: assumed; enforced by PrivateWeights
/// @input  bias    OUT of them: assumed; enforced by PrivateWeights
/// @output out     as in Dense                          constrained here
/// Constraints: those of PrivateDot, ROWS times for each K outputs.
template PrivateDense(ROWS, IN, OUT, K, S) {
    signal input in[ROWS * IN];
    signal input weight[OUT * IN];
    signal input bias[OUT];
    signal output out[ROWS * OUT];

    var SHARES = (OUT + K - 1) \ K;
    component dot[ROWS * SHARES];
    for (var r = 0; r < ROWS; r++) {
        for (var g = 0; g < SHARES; g++) {
            var COUNT = OUT - g * K < K ? OUT - g * K : K;
            dot[r * SHARES + g] = PrivateDot(IN, COUNT, S);
            for (var i = 0; i < IN; i++) {
                dot[r * SHARES + g].in[i] <== in[r * IN + i];
            }
            for (var k = 0; k < COUNT; k++) {
                for (var i = 0; i < IN; i++) {
                    dot[r * SHARES + g].weight[k][i] <== weight[(g * K + k) * IN + i];
                }
                dot[r * SHARES + g].bias[k] <== bias[g * K + k];
            }
            for (var k = 0; k < COUNT; k++) {
                out[r * OUT + g * K + k] <== dot[r * SHARES + g].out[k];
            }
        }
    }
}

/// `Conv` with weights that are signals, K output channels to a multiplication.
/// @param  CHANNELS  as in Conv
/// @param  SIZE      as in Conv
/// @param  OUTPUTS   as in Conv
/// @param  KERNEL    as in Conv
/// @param  STRIDE    as in Conv
/// @param  PAD       as in Conv
/// @param  DILATION  as in Conv
/// @param  GROUPS    as in Conv
/// @param  K       output channels of a group that share multiplications, at most OUTPUTS / GROUPS
/// @param  S       as in PrivateDot
/// @input  in      as in Conv
/// @input  weight  as the weights of Conv: assumed; enforced by PrivateWeights
/// @input  bias    OUTPUTS of them: assumed; enforced by PrivateWeights
/// @output out     as in Conv                           constrained here
/// Constraints: those of PrivateDot over the taps that are not padding, for each position and each K channels.
template PrivateConv(CHANNELS, SIZE, OUTPUTS, KERNEL, STRIDE, PAD, DILATION, GROUPS, K, S) {
    var HEIGHT = convolved(SIZE[0], KERNEL[0], STRIDE[0], PAD[0], PAD[2], DILATION[0]);
    var WIDTH = convolved(SIZE[1], KERNEL[1], STRIDE[1], PAD[1], PAD[3], DILATION[1]);
    assert(GROUPS > 0 && CHANNELS % GROUPS == 0 && OUTPUTS % GROUPS == 0);
    var READ = CHANNELS \ GROUPS;
    var MADE = OUTPUTS \ GROUPS;
    var TAPS = READ * KERNEL[0] * KERNEL[1];
    var SHARES = (MADE + K - 1) \ K;
    signal input in[CHANNELS * SIZE[0] * SIZE[1]];
    signal input weight[OUTPUTS * TAPS];
    signal input bias[OUTPUTS];
    signal output out[OUTPUTS * HEIGHT * WIDTH];

    component dot[HEIGHT * WIDTH * GROUPS * SHARES];
    var tap[TAPS];
    var place[TAPS];
    for (var y = 0; y < HEIGHT; y++) {
        for (var x = 0; x < WIDTH; x++) {
            for (var g = 0; g < GROUPS; g++) {
                // Taps of this window that are not padding: which weight, which input.
                var count = 0;
                for (var c = 0; c < READ; c++) {
                    for (var i = 0; i < KERNEL[0]; i++) {
                        var row = y * STRIDE[0] + i * DILATION[0] - PAD[0];
                        for (var j = 0; j < KERNEL[1]; j++) {
                            var column = x * STRIDE[1] + j * DILATION[1] - PAD[1];
                            if (row >= 0 && row < SIZE[0] && column >= 0 && column < SIZE[1]) {
                                tap[count] = (c * KERNEL[0] + i) * KERNEL[1] + j;
                                place[count] = ((g * READ + c) * SIZE[0] + row) * SIZE[1] + column;
                                count++;
                            }
                        }
                    }
                }
                for (var s = 0; s < SHARES; s++) {
                    var COUNT = MADE - s * K < K ? MADE - s * K : K;
                    var at = ((y * WIDTH + x) * GROUPS + g) * SHARES + s;
                    if (count > 0) {
                        dot[at] = PrivateDot(count, COUNT, S);
                        for (var i = 0; i < count; i++) {
                            dot[at].in[i] <== in[place[i]];
                        }
                    }
                    for (var k = 0; k < COUNT; k++) {
                        var o = g * MADE + s * K + k;
                        if (count > 0) {
                            for (var i = 0; i < count; i++) {
                                dot[at].weight[k][i] <== weight[o * TAPS + tap[i]];
                            }
                            dot[at].bias[k] <== bias[o];
                        } else {
                            out[(o * HEIGHT + y) * WIDTH + x] <== bias[o];
                        }
                    }
                    if (count > 0) {
                        for (var k = 0; k < COUNT; k++) {
                            out[((g * MADE + s * K + k) * HEIGHT + y) * WIDTH + x] <== dot[at].out[k];
                        }
                    }
                }
            }
        }
    }
}
