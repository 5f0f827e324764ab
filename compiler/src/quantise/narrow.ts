import { MAX_SHIFT } from "../graph/schema.ts";
import type { Interval } from "../graph/types.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { chooseShift } from "./shift.ts";

/** Bits of an interval's numbers, with a sign where some are negative. */
export function bitsOf({ min, max }: Interval): number {
  const length = (value: bigint) => (value <= 0n ? 0 : value.toString(2).length);
  return min < 0n ? 1 + Math.max(length(-min - 1n), length(max)) : length(max);
}

/** The same reals with zero point 0. */
export function centred(sheet: Sheet, quantity: Quantity): Quantity {
  if (quantity.zero === 0) return quantity;
  const { tensor, zero, exponent } = quantity;
  return sheet.add({ op: "linear", inputs: [tensor], factors: [1], offset: -zero }, exponent);
}

/** The same reals in units of 2^exponent, which must not be coarser than they are now. */
export function refined(sheet: Sheet, quantity: Quantity, exponent: number): Quantity {
  const { tensor, exponent: now, zero } = quantity;
  if (now === exponent) return quantity;
  const factor = 2 ** (now - exponent);
  return sheet.add({ op: "linear", inputs: [tensor], factors: [factor], offset: -zero * factor + 0 }, exponent);
}

/** What a number of bits holds: from 0 where nothing is below, else with a sign. */
export function clampOf(bits: number, signed: boolean): Interval {
  const span = 1n << BigInt(bits);
  return signed ? { min: -span / 2n, max: span / 2n - 1n } : { min: 0n, max: span - 1n };
}

/**
 * The same reals in at most `bits` bits: rounded to the unit, and cut at the clamp, that lose least on the calibration
 * data. What is narrow enough stays as it is.
 *
 * @param wanted the float model's values, for each calibration input
 */
export function narrowed(sheet: Sheet, quantity: Quantity, wanted: readonly Float64Array[], bits: number): Quantity {
  const plain = centred(sheet, quantity);
  if (bitsOf(plain.range) <= bits) return plain;
  const signed = plain.range.min < 0n && wanted.some((values) => values.some((value) => value < 0));
  return rounded(sheet, plain, wanted, clampOf(bits, signed));
}

/** Rounds to the best unit for `wanted` and cuts at `clamp`, whatever the width now. */
export function rounded(
  sheet: Sheet,
  quantity: Quantity,
  wanted: readonly Float64Array[],
  clamp: Interval,
  most = MAX_SHIFT,
): Quantity {
  const plain = centred(sheet, quantity);
  const shift = Math.min(chooseShift(plain, wanted, clamp), most);
  return sheet.add({ op: "requantise", input: plain.tensor, shift, clamp }, plain.exponent + shift);
}
