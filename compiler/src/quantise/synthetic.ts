import { elementCount } from "../program/geometry.ts";
import type { Program, Value } from "../program/types.ts";

const ROWS = 64;

/** Uniform numbers in [0, 1), the same every time (mulberry32). */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function draw({ type }: Value, random: () => number, row: number): number {
  // The first two rows hold both ends of the reals.
  if (type === "real" && row < 2) return row === 0 ? -1 : 1;
  if (type === "boolean") return random() < 0.5 ? 0 : 1;
  return type === "integer" ? Math.floor(8 * random()) : 2 * random() - 1;
}

/**
 * Inputs for a model of which no real ones are given: reals from -1 to 1, integers from 0 to 7, booleans. They show that a
 * model compiles, and what it costs; a model for use wants real ones, because inputs beyond these are refused.
 */
export function syntheticInputs({ inputs }: Program): number[][] {
  const random = numbers();
  return Array.from({ length: ROWS }, (_, row) =>
    inputs.flatMap(({ value }) => Array.from({ length: elementCount(value.dims) }, () => draw(value, random, row))),
  );
}
