import type { ConvStep, DenseStep } from "../program/types.ts";
import { centred } from "./narrow.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { biasOf, fitting, greatestOf, inRoom, round, weightExponent } from "./units.ts";

/** The unit of weights, near 2^`unit`, that makes the unit of the sums a power of two, where it may not be any number. */
function unitOfSums(input: Quantity, unit: number, free: boolean): number {
  return free || Number.isInteger(input.exponent) ? unit : Math.round(input.exponent + unit) - input.exponent;
}

/**
 * A dense layer with weights of at most `weightBits` bits, fewer down to `least` where sums have no room; the input's zero
 * point goes into the bias.
 */
export function quantiseDense(
  sheet: Sheet,
  step: DenseStep,
  input: Quantity,
  weightBits: number,
  free: boolean,
  least?: number,
): Quantity {
  const greatest = step.weights.reduce((most, row) => Math.max(most, greatestOf(row)), 0);
  return fitting(
    weightBits,
    (bits) => {
      const unit = unitOfSums(input, weightExponent(step.source, greatest, bits), free);
      const exponent = input.exponent + unit;
      const weights = step.weights.map((row) => Array.from(row, (weight) => round(weight / 2 ** unit)));
      const bias = weights.map((row, j) => {
        const offset = input.zero * row.reduce((sum, weight) => sum + weight, 0);
        return biasOf(step.source, step.bias[j]!, exponent) - offset + 0;
      });
      const body = { op: "dense", input: input.tensor, rows: step.rows, weights } as const;
      return sheet.add({ ...body, bias: inRoom(step.source, bias) }, exponent);
    },
    least,
  );
}

/** A convolution with weights of at most `weightBits` bits. */
export function quantiseConv(
  sheet: Sheet,
  step: ConvStep,
  from: Quantity,
  weightBits: number,
  free: boolean,
  least?: number,
): Quantity {
  const { pads, outputs } = step.shape;
  const per = step.weights.length / outputs;
  // A pad is the real 0, which has no place in a convolution whose zero point is elsewhere.
  const input = pads.some((pad) => pad !== 0) ? centred(sheet, from) : from;
  return fitting(
    weightBits,
    (bits) => {
      const unit = unitOfSums(input, weightExponent(step.source, greatestOf(step.weights), bits), free);
      const exponent = input.exponent + unit;
      const weights = Array.from(step.weights, (weight) => round(weight / 2 ** unit));
      const bias = Array.from({ length: outputs }, (_, o) => {
        const sum = weights.slice(o * per, (o + 1) * per).reduce((total, weight) => total + weight, 0);
        return biasOf(step.source, step.bias[o]!, exponent) - input.zero * sum + 0;
      });
      const body = { op: "conv", input: input.tensor, shape: step.shape, weights } as const;
      return sheet.add({ ...body, bias: inRoom(step.source, bias) }, exponent);
    },
    least,
  );
}
