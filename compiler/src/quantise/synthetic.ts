import { elementCount } from "../program/geometry.ts";
import type { Program, Value } from "../program/types.ts";
import { randomOf } from "../random.ts";

const ROWS = 64;

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
  const random = randomOf(1);
  return Array.from({ length: ROWS }, (_, row) =>
    inputs.flatMap(({ value }) => Array.from({ length: elementCount(value.dims) }, () => draw(value, random, row))),
  );
}
