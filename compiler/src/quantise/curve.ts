import type { TableStep } from "../program/types.ts";
import { squares } from "./distance.ts";
import { centred, clampOf } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import { CONSTANT_BITS } from "./options.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { chooseShift } from "./shift.ts";
import { checkWhole, weightExponent } from "./units.ts";

/** Most elements, on all calibration inputs, of a table whose input is rounded for what it gives. */
const MOST_TABLE_SAMPLES = 2 ** 16;
/** Squared error, as a share of that of the usual rounding, that one more node is worth. */
const FINER = 0.5;

/** What a table is made over: rounded so that the function's results lose least, which its input may not show. */
function tableInput(operands: Operands, step: TableStep, bits: number): Quantity {
  const plain = operands.narrow(step.input, bits);
  const from = centred(operands.sheet, operands.get(step.input));
  const wanted = operands.wanted(step.output);
  const elements = plain.intervals.length * wanted.length;
  if (plain.tensor === operands.get(step.input).tensor || elements > MOST_TABLE_SAMPLES) return plain;
  const clamp = clampOf(bits, from.range.min < 0n);
  const shift = chooseShift(from, wanted, clamp, step.apply);
  const trial = () => operands.sheet.add({ op: "requantise", input: from.tensor, shift, clamp }, from.exponent + shift);
  const errorOf = (input: Quantity) => squares(input, wanted, step.apply);
  if (!(errorOf(operands.sheet.trial(trial)) < FINER * errorOf(plain))) return plain;
  operands.markCrude();
  return operands.bits.precise ? trial() : plain;
}

/** A function of one number as a table. */
export function quantiseTable(operands: Operands, step: TableStep): Quantity {
  const { input, output } = step;
  const { sheet, widths } = operands;
  const from = input.type === "real" ? tableInput(operands, step, widths.table(input)) : operands.whole(input);
  return write(
    sheet,
    step,
    from,
    operands.wanted(output),
    widths.reads(output) ?? CONSTANT_BITS,
    output.type !== "real",
  );
}

/**
 * A function as a table over all integers that its input can be. What it gives beyond the values seen on the calibration
 * data, by more than half their span, or no number at all, is cut there.
 *
 * @param bits bits of the results, with their sign
 */
function write(
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
  if (whole) checkWhole(step.source, greatest);
  const signed = reals.some((value) => value < 0);
  const exponent = whole ? 0 : weightExponent(step.source, greatest, bits + (signed ? 0 : 1));
  const table = reals.map((value) => Math.floor(value / 2 ** exponent + 0.5) + 0);
  return sheet.add({ op: "lookup", input: input.tensor, min: from, table }, exponent);
}
