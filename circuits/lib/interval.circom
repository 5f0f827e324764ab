// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Number of binary digits of N; 0 for 0.
function bitLength(N) {
    var length = 0;
    var rest = N;
    while (rest > 0) {
        length++;
        rest = rest >> 1;
    }
    return length;
}

/// Proves that a number lies in an interval whose ends are constants. Gives no bits: the digits it uses are not unique,
/// and need not be, because nothing but their existence is used.
///
/// With SPAN = MAX - MIN and K = bitLength(SPAN), the weights 1, 2, ..., 2^(K-2) and SPAN - (2^(K-1) - 1) reach exactly
/// the numbers 0 to SPAN: the plain powers reach 0 to 2^(K-1) - 1, and the last weight, which is at most 2^(K-1), lifts
/// that run to end at SPAN without leaving a gap. The digit of weight 1 has no signal of its own; it is what is left of
/// `in` when the others are taken away, and it must be 0 or 1.
///
/// @param MIN  lower end, a signed integer
/// @param MAX  upper end, MIN <= MAX, MAX - MIN < 2^252
/// @input in   in [MIN, MAX]                          constrained here
/// Constraints: K non-linear; for MIN = MAX 1 linear.
template InInterval(MIN, MAX) {
    var SPAN = MAX - MIN;
    var K = bitLength(SPAN);
    assert(SPAN >= 0 && K < 253);
    signal input in;

    if (K == 0) {
        in === MIN;
    } else {
        var LAST = SPAN - ((1 << (K - 1)) - 1);
        // digit[i] in {0, 1}: constrained here. Not unique for i > 0, see above: no output depends on them.
        signal digit[K];
        var offset = in - MIN;
        var lifted = offset >= (1 << (K - 1)) ? 1 : 0;
        var rest = offset;
        for (var i = 1; i < K; i++) {
            var weight = i == K - 1 ? LAST : 1 << i;
            digit[i] <-- i == K - 1 ? lifted : ((offset - lifted * LAST) >> i) & 1;
            digit[i] * (digit[i] - 1) === 0;
            rest -= digit[i] * weight;
        }
        digit[0] <== 0;
        rest * (rest - 1) === 0;
    }
}
