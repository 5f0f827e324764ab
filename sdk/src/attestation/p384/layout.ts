// Where things stand in the hints, in bytes; `P384.sol` has the same figures.

/** The scalars and the point R. */
export const HEAD_BYTES = 241;

/** Rounds of the sum, each two steps of two slopes. */
export const ROUNDS = 96;

/** Slopes of the table before them. */
export const TABLE_SLOPES = 15;

/** The length of all hints. */
export const P384_HINT_BYTES = HEAD_BYTES + (TABLE_SLOPES + 4 * ROUNDS) * 48;
