import type { FloatLayer } from "../graph/network.ts";
import { ScaleError } from "./errors.ts";

/** A dense layer in integers: accumulator = bias + weights * in stands for `scale` * accumulator. */
export interface IntegerDense {
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
  /** Weights are multiples of 2^-weightExponent. */
  readonly weightExponent: number;
  readonly scale: number;
}

/** A layer whose greatest weight is beyond 2^±64 is no model's. */
const MAX_EXPONENT = 64;

/** Rounds half up, without the -0 that Math.round gives. */
function round(value: number): number {
  return Math.floor(value + 0.5) + 0;
}

/**
 * Rounds a layer to integers: weights to `weightBits` with sign at the greatest power-of-two scale at which none
 * overflows, the bias to the accumulator's own scale. The input's zero point goes into the bias.
 *
 * @throws {ScaleError} when no scale fits.
 */
export function quantiseDense(
  layer: FloatLayer,
  input: { readonly scale: number; readonly zeroPoint: number },
  weightBits: number,
): IntegerDense {
  const limit = 2 ** (weightBits - 1) - 1;
  const greatest = layer.weights.reduce(
    (found, row) => row.reduce((most, weight) => Math.max(most, Math.abs(weight)), found),
    0,
  );
  let exponent = 0;
  if (greatest !== 0) {
    if (!(greatest >= 2 ** -MAX_EXPONENT && greatest <= 2 ** MAX_EXPONENT)) {
      throw new ScaleError(layer.name, `its greatest weight is ${greatest}`);
    }
    exponent = Math.ceil(Math.log2(limit / greatest)) + 1;
    while (round(greatest * 2 ** exponent) > limit) exponent--;
  }
  const factor = 2 ** exponent;
  const scale = input.scale / factor;
  const weights = layer.weights.map((row) => Array.from(row, (weight) => round(weight * factor)));
  const bias = weights.map((row, place) => {
    const offset = input.zeroPoint * row.reduce((sum, weight) => sum + weight, 0);
    return round((layer.bias[place] ?? 0) / scale) - offset + 0;
  });
  const bad = bias.findIndex((value) => !Number.isSafeInteger(value));
  if (bad >= 0) throw new ScaleError(layer.name, `bias ${bad} is ${layer.bias[bad] ?? 0} at a scale of ${scale}`);
  return { weights, bias, weightExponent: exponent, scale };
}
