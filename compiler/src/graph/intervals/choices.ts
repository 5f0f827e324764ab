import { GraphInvalidError } from "../errors.ts";
import type { GatherNode, OneHotNode, RowsNode } from "../types.ts";
import { emptySpans, type Spans } from "./spans.ts";

export function gatherSpans({ constants, index }: GatherNode, inputs: readonly Spans[]): Spans {
  const fixed = Float64Array.from(constants);
  const parts = [...inputs, { min: fixed, max: fixed }];
  const total = parts.reduce((sum, { min }) => sum + min.length, 0);
  const all = emptySpans(total);
  let start = 0;
  for (const { min, max } of parts) {
    all.min.set(min, start);
    all.max.set(max, start);
    start += min.length;
  }
  return {
    min: Float64Array.from(index, (from) => all.min[from]!),
    max: Float64Array.from(index, (from) => all.max[from]!),
  };
}

/** The greatest of a row lies between the greatest lower end and the greatest upper end. */
export function maxSpans({ width }: RowsNode, { min, max }: Spans): Spans {
  const greatest = (ends: Float64Array) =>
    Float64Array.from({ length: ends.length / width }, (_, row) => {
      let most = ends[row * width]!;
      for (let i = 1; i < width; i++) most = Math.max(most, ends[row * width + i]!);
      return most;
    });
  return { min: greatest(min), max: greatest(max) };
}

/** Any index, even of an element that can never be the greatest. */
export function argMaxSpans({ width }: RowsNode, input: Spans): Spans {
  const rows = input.min.length / width;
  return { min: new Float64Array(rows), max: new Float64Array(rows).fill(width - 1) };
}

/** 0 or 1; one of them where the intervals decide, or where left and right are one tensor. */
export function greaterSpans(left: Spans, right: Spans, same: boolean): Spans {
  if (same) return emptySpans(left.min.length);
  return {
    min: left.min.map((least, at) => (least > right.max[at]! ? 1 : 0)),
    max: left.max.map((most, at) => (most > right.min[at]! ? 1 : 0)),
  };
}

/** @throws {GraphInvalidError} when an element may be no index. */
export function oneHotSpans({ name, size }: OneHotNode, input: Spans): Spans {
  const out = emptySpans(input.min.length * size);
  for (let at = 0; at < input.min.length; at++) {
    const [least, most] = [input.min[at]!, input.max[at]!];
    if (least < 0 || most >= size) {
      throw new GraphInvalidError(`nodes.${name}.size`, String(size), `[${least}, ${most}] for element ${at}`);
    }
    for (let k = least; k <= most; k++) out.max[at * size + k] = 1;
    if (least === most) out.min[at * size + least] = 1;
  }
  return out;
}
