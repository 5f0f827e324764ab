import type { p384 } from "@noble/curves/nist.js";

/** A point of P-384. */
export type Point = typeof p384.Point.BASE;

/** Half-size scalars. */
export interface Halves {
  /** 1 to 2^192 - 1. */
  readonly v: bigint;
  /** 0 to 2^192 - 1. */
  readonly w: bigint;
  /** Whether w = -v * u modulo n instead of w = v * u. */
  readonly negative: boolean;
}

/**
 * Writes u as a fraction w / v of two numbers of half its size, modulo the group's order `n`.
 *
 * Euclid's remainders w of n and u are v * u modulo n with |v| at most n over the remainder before. At the first w below
 * 2^192 the one before is at least that, so |v| <= n / 2^192 < 2^192 as well; and v is 0 for the first remainder, n, alone.
 *
 * @param u 0 to n - 1.
 */
export function halve(u: bigint, n: bigint): Halves {
  let before = n;
  let w = u;
  let last = 0n;
  let v = 1n;
  while (w >> 192n > 0n) {
    const quotient = before / w;
    [before, w] = [w, before - quotient * w];
    [last, v] = [v, last - quotient * v];
  }
  return { v: v < 0n ? -v : v, w, negative: v < 0n };
}
