import { along, chord, modulo, N, P, type Point, tangent } from "./curve.ts";
import { FIXED_TABLE, START, VARIABLE } from "./points.ts";

/** All that hints say; an adversary may choose any of it. */
export interface Choice {
  readonly flags: number;
  readonly u: Point;
  readonly w: bigint;
  readonly v: bigint;
  readonly t: bigint;
  readonly k: bigint;
  readonly l: bigint;
}

export const bytesOf = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex");

/** The quotients that go with scalars, rounded down where the congruences do not hold. */
export function quotients(
  { flags, w, v, t }: Pick<Choice, "flags" | "w" | "v" | "t">,
  [e, r, s]: readonly [bigint, bigint, bigint],
): { k: bigint; l: bigint } {
  const signed = (value: bigint): bigint => ((flags & 1) === 1 ? value : 2n * N - value);
  return { k: (w * s + v * signed(r)) / N, l: (t * s + v * signed(e)) / N };
}

/**
 * Hints as plainly as can be, for any choice. Where a line has no slope because the points are the same it takes the tangent,
 * or `slope`; where it is upright it takes `slope`.
 */
export function forge(choice: Choice, key: Point, slope = 0n): Buffer {
  const { flags, u, w, v, t, k, l } = choice;
  const parts = [
    bytesOf(BigInt(flags), 1),
    bytesOf(u.y, 48),
    bytesOf(w, 24),
    bytesOf(v, 24),
    bytesOf(t, 48),
    bytesOf(k, 32),
    bytesOf(l, 64),
  ];
  const add = (a: Point, b: Point): Point => {
    let line = slope;
    if (a.x !== b.x) line = chord(a, b);
    else if (a.y === b.y && slope === 0n) line = tangent(a);
    parts.push(bytesOf(modulo(line * ((1n << 256n) - 1n), P), 48));
    return along(a, b.x, line);
  };
  const table: Point[] = [];
  for (let c = 0, row = VARIABLE; c < 4; c++) {
    if (c > 0) row = add(row, key);
    for (let d = 0, entry = row; d < 4; d++) {
      if (d > 0) entry = add(entry, u);
      table.push(entry);
    }
  }
  let p = START;
  for (let shift = 190n; shift >= 0n; shift -= 2n) {
    const digit = (value: bigint): number => Number((value >> shift) & 3n);
    const low = t & ((1n << 192n) - 1n);
    const indices = [4 * digit(low) + digit(t >> 192n), 4 * digit(w) + digit(v)] as const;
    for (const summand of [FIXED_TABLE[indices[0]]!, table[indices[1]]!]) p = add(add(p, summand), p);
  }
  return Buffer.concat(parts);
}
