import { bitsOf, centred, narrowed, refined, rounded } from "./narrow.ts";
import type { Quantity, Sheet } from "./sheet.ts";

/** Bits of a divisor, and of a dividend after it was shifted up: twice it and the divisor stay below 2^24. */
const DIVISOR_BITS = 12;
const DIVIDEND_BITS = 22;
/** A divisor may be this many times smaller than the smallest one seen; below that it is taken to be that. */
const SMALLER = 4;

/** left / right with about `bits` bits of the quotients seen on the calibration data; right is kept away from 0. */
export function quantiseDivide(
  sheet: Sheet,
  left: { readonly quantity: Quantity; readonly wanted: readonly Float64Array[] },
  right: { readonly quantity: Quantity; readonly wanted: readonly Float64Array[] },
  quotients: readonly Float64Array[],
  bits: number,
): Quantity {
  const narrow = narrowed(sheet, right.quantity, right.wanted, DIVISOR_BITS);
  // A divisor far below all that were seen would make the quotient's proven interval, and all that follows, wide.
  const seen = narrow.samples.reduce(
    (least, row) => row.reduce((found, value) => Math.min(found, value), least),
    Infinity,
  );
  const least = BigInt(Math.max(1, Math.floor(seen / SMALLER)));
  const max = narrow.range.max > least ? narrow.range.max : least + 1n;
  const divisor = narrow.range.min >= least ? narrow : rounded(sheet, narrow, right.wanted, { min: least, max }, 0);
  const dividend = centred(sheet, narrowed(sheet, left.quantity, left.wanted, bits));
  const greatest = quotients.reduce(
    (most, row) => row.reduce((found, value) => Math.max(found, Math.abs(value)), most),
    0,
  );
  // One unit of the quotient is 2^unit; shifting the dividend up makes it finer.
  const natural = dividend.exponent - divisor.exponent;
  const wanted = greatest === 0 ? natural : Math.ceil(Math.log2(greatest)) - bits;
  const room = DIVIDEND_BITS - bitsOf(dividend.range);
  const up = Math.min(Math.max(natural - wanted, 0), Math.max(room, 0));
  const shifted = refined(sheet, dividend, dividend.exponent - up);
  return sheet.add({ op: "divide", left: shifted.tensor, right: divisor.tensor }, shifted.exponent - divisor.exponent);
}
