// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

include "../lib/interval.circom";
include "../lib/bits.circom";

/// Rounds, applies ReLU and saturates in one decomposition:
///     out = clamp(floor((in + HALF) / 2^SHIFT), CMIN, CMAX), with HALF = 2^(SHIFT-1), or 0 for SHIFT = 0.
/// Halves round up (towards plus infinity). CMIN = 0 makes it the ReLU as well; a negative CMIN keeps the sign.
///
/// Let v = in + HALF - CMIN * 2^SHIFT; then out - CMIN is floor(v / 2^SHIFT) clamped to [0, M], M = CMAX - CMIN.
/// v, or v + 2^(WIDTH-1) if v can be negative, is decomposed into WIDTH digits. The top digit of the latter says that v
/// is not negative; the SHIFT lowest are the discarded fraction; the next bitLength(M) are the result; those above, if
/// one is set, and the sign, if v is negative, mean that v is outside of the clamp.
///
/// @param  SHIFT   binary places dropped, 0 <= SHIFT
/// @param  CMIN    lower end of the clamp, a signed integer
/// @param  CMAX    upper end, CMIN < CMAX
/// @param  SIGNED  1 if v can be negative, else 0
/// @param  WIDTH   digits of the decomposition, SHIFT < WIDTH < 253, sign included
/// @input  in      v in [-2^(WIDTH-1), 2^(WIDTH-1)) if SIGNED, else [0, 2^WIDTH)          constrained here
/// @output out     in [CMIN, CMAX], a function of `in`                                   constrained here
/// Constraints: WIDTH non-linear, plus 0, 1 or 2 non-linear when none, one or more digits can mean "outside of the
/// clamp" (1 linear when none can), plus, if M + 1 is no power of two, a comparison.
template Requantise(SHIFT, CMIN, CMAX, SIGNED, WIDTH) {
    var M = CMAX - CMIN;
    var KEPT = bitLength(M);
    var MAGNITUDE = WIDTH - SIGNED;
    assert(SHIFT >= 0 && M > 0 && (SIGNED == 0 || SIGNED == 1) && MAGNITUDE > SHIFT && WIDTH < 253);
    signal input in;
    signal output out;

    var HALF = SHIFT > 0 ? 1 << (SHIFT - 1) : 0;
    var shifted = in + HALF - CMIN * (1 << SHIFT) + SIGNED * (1 << (WIDTH - 1));

    // Unique: digits are 0 or 1, their weighted sum is below 2^WIDTH < p and equals `shifted` without wrapping. Digit 0
    // has no signal: it is `shifted` less the others, and must be 0 or 1 like them.
    signal digit[WIDTH];
    var lowest = shifted;
    digit[0] <== 0;
    for (var i = 1; i < WIDTH; i++) {
        digit[i] <-- (shifted >> i) & 1;
        digit[i] * (digit[i] - 1) === 0;
        lowest -= digit[i] * (1 << i);
    }
    lowest * (lowest - 1) === 0;

    var TAKEN = MAGNITUDE - SHIFT < KEPT ? MAGNITUDE - SHIFT : KEPT;
    var low = 0;
    for (var i = 0; i < TAKEN; i++) {
        low += (i + SHIFT == 0 ? lowest : digit[i + SHIFT]) * (1 << i);
    }

    // outside: a sum of digits, so at least 0, at most WIDTH + 1, and 0 exactly if v / 2^SHIFT is inside of the clamp.
    var outside = 0;
    var causes = 0;
    for (var i = SHIFT + KEPT; i < MAGNITUDE; i++) {
        outside += digit[i];
        causes++;
    }
    var target = M;
    if (SIGNED == 1) {
        outside += 1 - digit[WIDTH - 1];
        causes++;
        target = M * digit[WIDTH - 1];
    }
    if ((1 << TAKEN) - 1 > M) {
        component above = AboveConstant(TAKEN, M);
        for (var i = 0; i < TAKEN; i++) {
            above.bits[i] <== i + SHIFT == 0 ? lowest : digit[i + SHIFT];
        }
        outside += above.out;
        causes++;
    }

    if (causes == 0) {
        out <== CMIN + low;
    } else if (causes == 1) {
        // `outside` is 0 or 1, so this is a choice. `target` is 0 where the sign is the cause, else M.
        out <== CMIN + low + outside * ((SIGNED == 1 ? 0 : M) - low);
    } else {
        // Inside (outside = 0) the first line gives out = CMIN + low, whatever `lift` is; outside the second gives
        // out = CMIN + target. So `out` is a function of the digits although `lift` is free when outside = 0.
        signal lift;
        lift <-- outside == 0 ? 0 : (target - low) / outside;
        out <== CMIN + low + outside * lift;
        outside * (CMIN + target - out) === 0;
    }
}

/// Requantise for a vector, each entry with the width that its own interval needs.
/// @param  N         number of entries
/// @param  SHIFT     as in Requantise
/// @param  CMIN      as in Requantise
/// @param  CMAX      as in Requantise
/// @param  SIGNED    N flags as in Requantise
/// @param  WIDTH     N widths as in Requantise; 0 where the whole interval gives one result
/// @param  CONSTANT  that result, in [CMIN, CMAX], where WIDTH is 0
/// @input  in        as in Requantise                  constrained here; where WIDTH is 0, assumed to be in an interval
///                   that gives CONSTANT; enforced by the layer before
/// @output out       in [CMIN, CMAX]                   constrained here
/// Constraints: the sum over the entries; none for an entry with WIDTH 0.
template RequantiseLayer(N, SHIFT, CMIN, CMAX, SIGNED, WIDTH, CONSTANT) {
    signal input in[N];
    signal output out[N];

    for (var j = 0; j < N; j++) {
        if (WIDTH[j] == 0) {
            out[j] <== CONSTANT[j];
        } else {
            out[j] <== Requantise(SHIFT, CMIN, CMAX, SIGNED[j], WIDTH[j])(in[j]);
        }
    }
}
