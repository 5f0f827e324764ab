import { AccumulatorOverflowError } from "./errors.ts";
import type { Interval } from "./types.ts";

/** Integers below this, and all sums and halves that the runtime makes of them, are exact in float32. */
export const EXACT_LIMIT = 2n ** 24n;

/** An interval for each element of a tensor. */
export type Intervals = readonly Interval[];

/** The least interval that holds all of `intervals`. */
export function hull(intervals: Intervals): Interval {
  return {
    min: intervals.reduce((least, { min }) => (min < least ? min : least), intervals[0]?.min ?? 0n),
    max: intervals.reduce((most, { max }) => (max > most ? max : most), intervals[0]?.max ?? 0n),
  };
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

/** The greatest absolute value in an interval. */
export function magnitude({ min, max }: Interval): bigint {
  return larger(-min, max);
}

/**
 * The exact interval of each output of a dense layer over all inputs in `inputs`.
 *
 * @throws {AccumulatorOverflowError} when |bias| + sum |w| * max|x| of a neuron reaches EXACT_LIMIT: then partial sums,
 * which an implementation may form in any order, need not be exact.
 */
export function denseBounds(
  layer: string,
  weights: readonly (readonly number[])[],
  bias: readonly number[],
  inputs: Intervals,
): Interval[] {
  // Doubles are exact here: `reach` only grows and bounds both other sums, so below 2^24 nothing was rounded.
  const low = inputs.map(({ min }) => Number(min));
  const high = inputs.map(({ max }) => Number(max));
  return weights.map((row, neuron) => {
    let min = bias[neuron] ?? 0;
    let max = min;
    let reach = Math.abs(min);
    for (let index = 0; index < row.length; index++) {
      const weight = row[index] as number;
      const [least, most] = [low[index] as number, high[index] as number];
      min += weight * (weight >= 0 ? least : most);
      max += weight * (weight >= 0 ? most : least);
      reach += Math.abs(weight) * Math.max(Math.abs(least), Math.abs(most));
    }
    if (!(reach < Number(EXACT_LIMIT))) {
      throw new AccumulatorOverflowError(layer, neuron, BigInt(Math.ceil(reach)), EXACT_LIMIT);
    }
    return { min: BigInt(min), max: BigInt(max) };
  });
}

/** floor((value + 2^(shift-1)) / 2^shift): rounds half up. shift = 0 leaves the value. */
export function roundShift(value: bigint, shift: number): bigint {
  return shift === 0 ? value : (value + (1n << BigInt(shift - 1))) >> BigInt(shift);
}

function clampTo(value: bigint, { min, max }: Interval): bigint {
  return value < min ? min : value > max ? max : value;
}

/**
 * The exact interval of each output of a requantise node. Rounding and clamping keep order: ends map to ends.
 *
 * @throws {AccumulatorOverflowError} when adding the half that rounds could reach EXACT_LIMIT.
 */
export function requantiseBounds(layer: string, inputs: Intervals, shift: number, clamp: Interval): Interval[] {
  const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
  return inputs.map((interval, neuron) => {
    const reach = magnitude(interval) + half;
    if (reach >= EXACT_LIMIT) throw new AccumulatorOverflowError(layer, neuron, reach, EXACT_LIMIT);
    return {
      min: clampTo(roundShift(interval.min, shift), clamp),
      max: clampTo(roundShift(interval.max, shift), clamp),
    };
  });
}
