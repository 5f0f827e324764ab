import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { stridesOf } from "./layout.ts";

/**
 * Elements of `values`, the first, then the second and so on, by flat index, under `dims`. What is constant among them
 * becomes part of the step and not an input of it.
 */
export function gatherAll(
  builder: ProgramBuilder,
  values: readonly Value[],
  index: Int32Array,
  dims: readonly number[],
): Value {
  const varying = values.filter(({ constant }) => constant === undefined);
  if (varying.length === values.length || varying.length === 0) return builder.gather(values, index, dims);
  const counts = values.map((value) => elementCount(value.dims));
  const constants: number[] = [];
  let [open, fixed] = [0, varying.reduce((sum, value) => sum + elementCount(value.dims), 0)];
  // Where each value starts, in the order of the step: what varies and then what does not.
  const starts = values.map(({ constant }, k) => {
    if (constant === undefined) {
      open += counts[k]!;
      return open - counts[k]!;
    }
    for (const element of constant) constants.push(element);
    fixed += counts[k]!;
    return fixed - counts[k]!;
  });
  const moved = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [k, count] of counts.entries()) for (let i = 0; i < count; i++) moved[at++] = starts[k]! + i;
  return builder.gather(
    varying,
    index.map((from) => moved[from]!),
    dims,
    constants,
  );
}

/** Coordinates along one axis that a result takes, in order; -1 takes the filling. */
export type Picks = readonly number[] | Int32Array;

/**
 * The flat index of every element of [picks[0].length][picks[1].length]..., where picks[k] are coordinates along axis k
 * of `dims`; -1 where one of them is -1.
 */
export function pickIndex(dims: readonly number[], picks: readonly Picks[]): Int32Array {
  let index = new Int32Array(1);
  for (const [axis, stride] of stridesOf(dims).entries()) {
    const along = picks[axis]!;
    const next = new Int32Array(index.length * along.length);
    let at = 0;
    for (const from of index) {
      for (const coordinate of along) next[at++] = from < 0 || coordinate < 0 ? -1 : from + coordinate * stride;
    }
    index = next;
  }
  return index;
}

/** A tensor made of another's elements, axis by axis; `fill` where an axis has -1. The caller bounds its size. */
export function pick(builder: ProgramBuilder, input: Value, picks: readonly Picks[], fill = 0): Value {
  const index = pickIndex(input.dims, picks);
  const dims = picks.map(({ length }) => length);
  if (!index.includes(-1)) return builder.gather([input], index, dims);
  const count = elementCount(input.dims);
  const filled = index.map((from) => (from < 0 ? count : from));
  return builder.gather([input], filled, dims, [fill]);
}

/** 0, 1, ... size - 1. */
export function all(size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, at) => at);
}
