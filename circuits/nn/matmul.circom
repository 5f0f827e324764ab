// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Whether MatMul takes products in pairs: 1 if M * N > M + N, where that costs less.
function takesPairs(M, N) {
    return M * N > M + N ? 1 : 0;
}

/// out[b] = left[b] right[b] for BATCH pairs of matrices [M][K] and [K][N], flat and row-major, in integers.
///
/// Two products of a dot product cost one multiplication (Winograd's inner product, 1968), because
///     a0 b0 + a1 b1 = (a0 + b1)(a1 + b0) - a0 a1 - b0 b1
/// and a0 a1 belongs to a row of `left` alone and b0 b1 to a column of `right` alone, so each is taken once for all
/// outputs. It is an identity of the field: a wrap of (a0 + b1)(a1 + b0) cancels, and only the result must not wrap.
/// The last product of an odd K is taken as it is, and so are all when M or N is 1 or both are 2: pairs gain nothing.
///
/// @param  BATCH  number of pairs of matrices
/// @param  M      rows of the left matrix
/// @param  K      columns of the left, rows of the right, K > 0
/// @param  N      columns of the right
/// @input  left   BATCH * M * K signed integers, an interval each: assumed; enforced by the layer before
/// @input  right  BATCH * K * N, the same
/// @output out    the intervals that follow: no wrap, because the emitter refuses a graph in which one is not inside of
///                (-2^251, 2^251)                     constrained here
/// Constraints: BATCH * (floor(K / 2) * (M * N + M + N) + M * N if K is odd) non-linear, with pairs; else BATCH * M * K * N.
template MatMul(BATCH, M, K, N) {
    assert(BATCH > 0 && M > 0 && K > 0 && N > 0);
    signal input left[BATCH * M * K];
    signal input right[BATCH * K * N];
    signal output out[BATCH * M * N];

    var PAIRS = takesPairs(M, N) == 1 ? K \ 2 : 0;
    var TERMS = PAIRS + K - 2 * PAIRS;
    // rows and columns: running sums of the products within a row of `left` and within a column of `right`.
    signal rows[BATCH][M][PAIRS + 1];
    signal columns[BATCH][N][PAIRS + 1];
    // sums: running sums of the dot product; its last is the output.
    signal sums[BATCH][M][N][TERMS + 1];

    for (var b = 0; b < BATCH; b++) {
        for (var m = 0; m < M; m++) {
            rows[b][m][0] <== 0;
            for (var t = 0; t < PAIRS; t++) {
                var a = (b * M + m) * K + 2 * t;
                rows[b][m][t + 1] <== rows[b][m][t] + left[a] * left[a + 1];
            }
        }
        for (var n = 0; n < N; n++) {
            columns[b][n][0] <== 0;
            for (var t = 0; t < PAIRS; t++) {
                var c = (b * K + 2 * t) * N + n;
                columns[b][n][t + 1] <== columns[b][n][t] + right[c] * right[c + N];
            }
        }
        for (var m = 0; m < M; m++) {
            for (var n = 0; n < N; n++) {
                sums[b][m][n][0] <== 0;
                for (var t = 0; t < TERMS; t++) {
                    // The first product takes the row's and the column's share away, for no constraint of its own.
                    var before = t == 0 ? 0 - rows[b][m][PAIRS] - columns[b][n][PAIRS] : sums[b][m][n][t];
                    if (t < PAIRS) {
                        var a = (b * M + m) * K + 2 * t;
                        var c = (b * K + 2 * t) * N + n;
                        sums[b][m][n][t + 1] <== before + (left[a] + right[c + N]) * (left[a + 1] + right[c]);
                    } else {
                        var k = t + PAIRS;
                        sums[b][m][n][t + 1] <== before + left[(b * M + m) * K + k] * right[(b * K + k) * N + n];
                    }
                }
                out[(b * M + m) * N + n] <== sums[b][m][n][TERMS];
            }
        }
    }
}
