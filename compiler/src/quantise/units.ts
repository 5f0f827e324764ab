import { AccumulatorOverflowError } from "../graph/errors.ts";
import { EXACT_LIMIT } from "../graph/intervals/spans.ts";
import { ScaleError } from "./errors.ts";

/** A layer whose greatest weight is beyond 2^±128 is no float32 model's; masks are as great as floats are. */
const MAX_EXPONENT = 128;

/** Fewest bits of a weight that is made smaller because sums would reach 2^24. */
const LEAST_BITS = 4;

/** Rounds half up, without the -0 that Math.round gives. */
export function round(value: number): number {
  return Math.floor(value + 0.5) + 0;
}

/** The exponent of the finest power of two at which `greatest` fits in `bits` with a sign. */
export function weightExponent(layer: string, greatest: number, bits: number): number {
  // What is as small as that is nothing.
  if (greatest < 2 ** -MAX_EXPONENT) return 0;
  if (!(greatest <= 2 ** MAX_EXPONENT)) {
    throw new ScaleError(layer, `its greatest weight is ${greatest}`);
  }
  const limit = 2 ** (bits - 1) - 1;
  let exponent = Math.ceil(Math.log2(greatest / limit)) - 1;
  while (round(greatest / 2 ** exponent) > limit) exponent++;
  return exponent;
}

/** The greatest size. */
export function greatestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]!));
  return most;
}

/** Tries with fewer and fewer bits until no sum can reach 2^24. */
export function fitting<T>(bits: number, attempt: (bits: number) => T, least = LEAST_BITS): T {
  for (let left = bits; ; left--) {
    try {
      return attempt(left);
    } catch (error) {
      if (!(error instanceof AccumulatorOverflowError) || left <= least) throw error;
    }
  }
}

/** A bias in units of 2^exponent. */
export function biasOf(layer: string, bias: number, exponent: number): number {
  const made = round(bias / 2 ** exponent);
  if (Number.isSafeInteger(made)) return made;
  throw new ScaleError(layer, `a bias is ${bias} at a scale of ${2 ** exponent}`);
}

/** @throws {ScaleError} when whole numbers, which have no other unit, may be as great as 2^24. */
export function checkWhole(layer: string, reach: number): void {
  if (reach < EXACT_LIMIT) return;
  throw new ScaleError(layer, `it may give whole numbers up to ${reach}, and they must stay below ${EXACT_LIMIT}`);
}

/** Biases as they are, if they have room; fewer bits of a weight make them smaller. */
export function inRoom(layer: string, biases: readonly number[]): readonly number[] {
  const bad = biases.findIndex((bias) => Math.abs(bias) >= EXACT_LIMIT);
  if (bad < 0) return biases;
  throw new AccumulatorOverflowError(layer, bad, BigInt(Math.abs(biases[bad]!)), EXACT_LIMIT);
}
