import { AccumulatorOverflowError } from "../graph/errors.ts";
import { MAX_SHIFT } from "../graph/schema.ts";
import type { Interval } from "../graph/types.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { chooseShift } from "./shift.ts";
import { checkWhole, inRoom } from "./units.ts";

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
  inRoom(sheet.source, [factor, zero * factor]);
  return sheet.add({ op: "linear", inputs: [tensor], factors: [factor], offset: -zero * factor + 0 }, exponent);
}

/** All quantities in one unit, the finest among them unless another is given; zero points gone. */
export function aligned(
  sheet: Sheet,
  quantities: readonly Quantity[],
  exponent = Math.min(...quantities.map((each) => each.exponent)),
): Quantity[] {
  return quantities.map((each) => refined(sheet, centred(sheet, each), exponent));
}

/**
 * Quantities that are to be added: what is so fine that the greatest of them has no room in its unit is rounded to a
 * coarser one, in which that one has `bits` bits.
 */
export function coarsened(
  sheet: Sheet,
  quantities: readonly Quantity[],
  bits: number,
  factors: ArrayLike<number>,
): readonly Quantity[] {
  if (quantities.length < 2) return quantities;
  const factorOf = (at: number) => Math.log2(Math.abs(factors[at] ?? 1));
  const sizes = quantities.map((each, at) => {
    const bits = bitsOf(centred(sheet, each).range);
    return bits === 0 ? -Infinity : bits + each.exponent + factorOf(at);
  });
  const least = Math.floor(Math.max(...sizes)) - bits;
  return quantities.map((each, at) => {
    const plain = centred(sheet, each);
    const shift = least - Math.ceil(plain.exponent + factorOf(at));
    if (!(shift > 0)) return each;
    const exponent = plain.exponent + shift;
    // Less than half a unit is nothing.
    if (shift > Math.min(bitsOf(plain.range), MAX_SHIFT)) {
      return sheet.constant(new Array<number>(plain.intervals.length).fill(0), exponent);
    }
    const half = 1n << BigInt(shift - 1);
    const clamp = { min: (plain.range.min + half) >> BigInt(shift), max: (plain.range.max + half) >> BigInt(shift) };
    if (clamp.min === clamp.max) {
      return sheet.constant(new Array<number>(plain.intervals.length).fill(Number(clamp.min)), exponent);
    }
    return sheet.add({ op: "requantise", input: plain.tensor, shift, clamp }, exponent);
  });
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
  const write = ({ tensor, exponent }: Quantity) =>
    sheet.add({ op: "requantise", input: tensor, shift, clamp }, exponent + shift);
  try {
    return write(plain);
  } catch (error) {
    if (!(error instanceof AccumulatorOverflowError) || shift === 0) throw error;
    const cut = withRoom(sheet, plain, 1n << BigInt(shift - 1));
    return write(cut);
  }
}

/**
 * A tensor in units of 1, rounded where it was finer.
 *
 * @param layer what made it
 * @throws {ScaleError} when it holds whole numbers of 2^24 or more, or may.
 */
export function integral(sheet: Sheet, quantity: Quantity, layer: string): Quantity {
  const { exponent } = quantity;
  if (exponent >= 0) {
    const { min, max } = quantity.range;
    const reach = Math.max(Number(max), Number(-min)) * 2 ** exponent;
    checkWhole(layer, reach);
    // What is always 0 is 0 in any unit.
    const factors = [reach === 0 ? 1 : 2 ** exponent];
    return sheet.add({ op: "linear", inputs: [quantity.tensor], factors, offset: 0 }, 0);
  }
  const shift = -exponent;
  const half = 1n << BigInt(shift - 1);
  const { tensor, range, intervals } = withRoom(sheet, quantity, half);
  const clamp = { min: (range.min + half) >> BigInt(shift), max: (range.max + half) >> BigInt(shift) };
  if (clamp.min === clamp.max) return sheet.constant(new Array<number>(intervals.length).fill(Number(clamp.min)), 0);
  return sheet.add({ op: "requantise", input: tensor, shift, clamp }, 0);
}

/** The same, cut where a number and the half that rounds it have no room below 2^24: that large, it is only proven possible. */
export function withRoom(sheet: Sheet, quantity: Quantity, half: bigint): Quantity {
  const limit = (1n << 24n) - 2n * half;
  const { tensor, range, exponent } = quantity;
  if (range.min >= -limit && range.max <= limit) return quantity;
  const clamp = { min: range.min < -limit ? -limit : range.min, max: range.max > limit ? limit : range.max };
  return sheet.add({ op: "requantise", input: tensor, shift: 0, clamp }, exponent);
}
