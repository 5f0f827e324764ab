import type { TableStep } from "../program/types.ts";
import { weightExponent } from "./affine.ts";
import type { Quantity, Sheet } from "./sheet.ts";

/**
 * A function as a table over all integers that its input can be. What it gives beyond the values seen on the calibration
 * data, by more than half their span, or no number at all, is cut there.
 *
 * @param bits bits of the results, with their sign
 */
export function quantiseTable(
  sheet: Sheet,
  step: Pick<TableStep, "apply" | "source">,
  input: Quantity,
  wanted: readonly Float64Array[],
  bits: number,
  whole: boolean,
): Quantity {
  let [least, most] = [Infinity, -Infinity];
  for (const values of wanted) {
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const margin = (most - least) / 2 + Number.MIN_VALUE;
  const scale = 2 ** input.exponent;
  const [from, to] = [Number(input.range.min), Number(input.range.max)];
  const reals = Array.from({ length: to - from + 1 }, (_, at) => {
    const value = step.apply(scale * (from + at - input.zero));
    if (whole) return Number.isFinite(value) ? value : 0;
    return Math.min(Math.max(Number.isNaN(value) ? least : value, least - margin), most + margin);
  });
  const greatest = reals.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  const signed = reals.some((value) => value < 0);
  const exponent = whole ? 0 : weightExponent(step.source, greatest, bits + (signed ? 0 : 1));
  const table = reals.map((value) => Math.floor(value / 2 ** exponent + 0.5) + 0);
  return sheet.add({ op: "lookup", input: input.tensor, min: from, table }, exponent);
}
