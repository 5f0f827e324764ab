import { createHash } from "node:crypto";

import { B, G, modulo, N, P, inverse, type Point } from "./curve.ts";
import { sum, times } from "./sum.ts";

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
  }
  return result;
}

/** The point with that x and an even y, if the curve has one. */
export function lift(x: bigint): Point | undefined {
  const square = modulo(x * x * x - 3n * x + B, P);
  const y = power(square, (P + 1n) / 4n);
  if ((y * y) % P !== square) return undefined;
  return { x, y: y % 2n === 0n ? y : P - y };
}

/** The first point whose x is a hash of `label` and a number from 0 on. */
export function hashed(label: string): Point {
  for (let count = 0; ; count++) {
    const digest = createHash("sha384")
      .update(`Assay P-384 ${label} ${String(count)}`)
      .digest("hex");
    const x = BigInt(`0x${digest}`);
    const point = x < P ? lift(x) : undefined;
    if (point !== undefined) return point;
  }
}

export function known(point: Point | undefined): Point {
  if (point === undefined) throw new Error("infinity");
  return point;
}

export const START = hashed("start");
export const VARIABLE = hashed("variable");
const FIXED = hashed("fixed");

/** FIXED + a * G / 2 + b * 2^192 * G / 2 at index 4a + b. */
export const FIXED_TABLE = Array.from({ length: 16 }, (_, index) => {
  const half = inverse(2n, N);
  const high = times(BigInt(index & 3), times(modulo(half << 192n, N), G));
  return known(sum(FIXED, sum(times(BigInt(index >> 2), times(half, G)), high)));
});

/** Where the sum ends when all scalars are 0. */
export function endPoint(): Point {
  let end = START;
  for (let round = 0; round < 96; round++) {
    for (const summand of [FIXED, VARIABLE]) end = known(sum(sum(end, end), summand));
  }
  return end;
}
