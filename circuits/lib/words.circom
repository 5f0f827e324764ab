// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// The words that pieces of a byte stream spell: `Pack` for words that are not public and get hashed.
/// Each word is `FIXED[k]`, the bytes known when the model was compiled, plus every piece that lies in it, shifted to its
/// place.
/// @param COUNT   number of words
/// @param PIECES  number of pieces
/// @param FIXED   value of the constant bytes of each word, below 2^248
/// @param WORD    word that each piece lies in, in [0, COUNT)
/// @param SHIFT   binary places by which each piece is shifted left in its word
/// @input  piece  piece[i] in [0, 2^w) with pieces of one word not overlapping: assumed; enforced by the emitter's
///                layout and by the interval each piece was proven to lie in
/// @output words  below 2^248                         constrained here, given the above
/// Constraints: COUNT linear; none for a word without pieces.
template Words(COUNT, PIECES, FIXED, WORD, SHIFT) {
    signal input piece[PIECES];
    signal output words[COUNT];

    var sum[COUNT];
    for (var k = 0; k < COUNT; k++) {
        sum[k] = FIXED[k];
    }
    for (var i = 0; i < PIECES; i++) {
        sum[WORD[i]] += piece[i] * (1 << SHIFT[i]);
    }
    for (var k = 0; k < COUNT; k++) {
        words[k] <== sum[k];
    }
}
