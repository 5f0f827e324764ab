// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Binary digits of a number, least significant first.
/// @param  WIDTH  number of digits, 0 < WIDTH < 253, so that 2^WIDTH is below the field's modulus
/// @input  in     in [0, 2^WIDTH)                     constrained here
/// @output bits   each in {0, 1}, unique              constrained here
/// Constraints: WIDTH non-linear, 1 linear (--O1).
template Bits(WIDTH) {
    assert(WIDTH > 0 && WIDTH < 253);
    signal input in;
    signal output bits[WIDTH];

    var sum = 0;
    for (var i = 0; i < WIDTH; i++) {
        // Unique: the digits are 0 or 1 and their sum, below 2^WIDTH < p, equals `in` without wrapping; a number below
        // 2^WIDTH has one binary form of WIDTH digits.
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    in === sum;
}

/// Two's complement form of a signed number, least significant digit first, sign-extended.
/// @param  WIDTH  digits that the number needs, sign included, 0 < WIDTH <= SIZE
/// @param  SIZE   digits of the form, SIZE < 253
/// @input  in     in [-2^(WIDTH-1), 2^(WIDTH-1))      constrained here
/// @output bits   each in {0, 1}, unique              constrained here
/// Constraints: WIDTH non-linear, 3 linear (--O1).
template TwosComplement(WIDTH, SIZE) {
    assert(WIDTH > 0 && WIDTH <= SIZE && SIZE < 253);
    signal input in;
    signal output bits[SIZE];

    // in + 2^(WIDTH-1) is non-negative; its top digit is the sign's opposite and the others are those of the form.
    signal offset[WIDTH] <== Bits(WIDTH)(in + (1 << (WIDTH - 1)));
    for (var i = 0; i < WIDTH - 1; i++) {
        bits[i] <== offset[i];
    }
    bits[WIDTH - 1] <== 1 - offset[WIDTH - 1];
    for (var i = WIDTH; i < SIZE; i++) {
        bits[i] <== bits[WIDTH - 1];
    }
}

/// Says whether a number given by its binary digits is above a constant.
/// @param  WIDTH  number of digits, 0 < WIDTH < 253
/// @param  C      the constant, in [0, 2^WIDTH)
/// @input  bits   each in {0, 1}                      assumed; enforced by whoever made the digits
/// @output out    1 if sum bits[i] 2^i > C, else 0    constrained here
/// Constraints: WIDTH - 1 non-linear, less the number of trailing ones of C (--O1).
template AboveConstant(WIDTH, C) {
    assert(WIDTH > 0 && WIDTH < 253 && C >= 0 && C < (1 << WIDTH));
    signal input bits[WIDTH];
    signal output out;

    // above[i]: digits 0 to i of the number are above those of C. A higher digit decides unless it is equal.
    signal above[WIDTH];
    var never = 1;
    for (var i = 0; i < WIDTH; i++) {
        var set = (C >> i) & 1;
        if (never == 1) {
            // Nothing is above digits that are all 1.
            above[i] <== set == 1 ? 0 : bits[i];
            never = set;
        } else if (set == 1) {
            above[i] <== bits[i] * above[i - 1];
        } else {
            above[i] <== bits[i] + above[i - 1] - bits[i] * above[i - 1];
        }
    }
    out <== above[WIDTH - 1];
}
