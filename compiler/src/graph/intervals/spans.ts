import { AccumulatorOverflowError } from "../errors.ts";
import type { Interval } from "../types.ts";

/** Integers below this, and all sums and halves that the runtime makes of them, are exact in float32. */
export const EXACT_LIMIT = 2n ** 24n;

const LIMIT = Number(EXACT_LIMIT);

/** An interval for each element of a tensor, in doubles: exact, because all ends are integers below 2^53. */
export interface Spans {
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** Room for the spans of `width` elements; all are [0, 0]. */
export function emptySpans(width: number): Spans {
  return { min: new Float64Array(width), max: new Float64Array(width) };
}

/** The same interval for each of `width` elements. */
export function equalSpans(width: number, { min, max }: Interval): Spans {
  return { min: new Float64Array(width).fill(Number(min)), max: new Float64Array(width).fill(Number(max)) };
}

/** The least interval that holds all of a tensor's. */
export function hullOfSpans({ min, max }: Spans): Interval {
  let [least, most] = [min[0] ?? 0, max[0] ?? 0];
  for (let at = 1; at < min.length; at++) {
    least = Math.min(least, min[at]!);
    most = Math.max(most, max[at]!);
  }
  return { min: BigInt(least), max: BigInt(most) };
}

/** Spans as intervals of bigints; equal neighbours share one object. */
export function toIntervals({ min, max }: Spans): readonly Interval[] {
  const out: Interval[] = [];
  for (let at = 0; at < min.length; at++) {
    const same = at > 0 && min[at] === min[at - 1] && max[at] === max[at - 1];
    out.push(same ? out[at - 1]! : { min: BigInt(min[at]!), max: BigInt(max[at]!) });
  }
  return out;
}

/** Intervals of bigints as spans. */
export function toSpans(intervals: readonly Interval[]): Spans {
  return {
    min: Float64Array.from(intervals, ({ min }) => Number(min)),
    max: Float64Array.from(intervals, ({ max }) => Number(max)),
  };
}

/** The greatest absolute value of element `at`. */
export function sizeAt({ min, max }: Spans, at: number): number {
  return Math.max(-min[at]!, max[at]!);
}

/** @throws {AccumulatorOverflowError} when `reach`, the greatest size of what node `name` forms for `element`, is 2^24 or more. */
export function checkReach(name: string, element: number, reach: number): void {
  if (reach < LIMIT) return;
  throw new AccumulatorOverflowError(name, element, BigInt(Math.ceil(reach)), EXACT_LIMIT);
}
