import { AccumulatorOverflowError } from "../graph/errors.ts";
import { EXACT_LIMIT } from "../graph/intervals/spans.ts";
import type { ConvStep, DenseStep, LinearStep, ScaleStep } from "../program/types.ts";
import { ScaleError } from "./errors.ts";
import { centred, refined } from "./narrow.ts";
import type { Quantity, Sheet } from "./sheet.ts";

/** A layer whose greatest weight is beyond 2^±64 is no model's. */
const MAX_EXPONENT = 64;

/** Fewest bits of a weight that is made smaller because sums would reach 2^24. */
const LEAST_BITS = 4;

/** Rounds half up, without the -0 that Math.round gives. */
export function round(value: number): number {
  return Math.floor(value + 0.5) + 0;
}

/** The exponent of the finest power of two at which `greatest` fits in `bits` with a sign. */
export function weightExponent(layer: string, greatest: number, bits: number): number {
  if (greatest === 0) return 0;
  if (!(greatest >= 2 ** -MAX_EXPONENT && greatest <= 2 ** MAX_EXPONENT)) {
    throw new ScaleError(layer, `its greatest weight is ${greatest}`);
  }
  const limit = 2 ** (bits - 1) - 1;
  let exponent = Math.ceil(Math.log2(greatest / limit)) - 1;
  while (round(greatest / 2 ** exponent) > limit) exponent++;
  return exponent;
}

function greatestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]!));
  return most;
}

/** Tries with fewer and fewer bits until no sum can reach 2^24. */
function fitting<T>(bits: number, attempt: (bits: number) => T, least = LEAST_BITS): T {
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

/** Biases as they are, if they have room; fewer bits of a weight make them smaller. */
export function inRoom(layer: string, biases: readonly number[]): readonly number[] {
  const bad = biases.findIndex((bias) => Math.abs(bias) >= EXACT_LIMIT);
  if (bad < 0) return biases;
  throw new AccumulatorOverflowError(layer, bad, BigInt(Math.abs(biases[bad]!)), EXACT_LIMIT);
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
  least?: number,
): Quantity {
  const greatest = step.weights.reduce((most, row) => Math.max(most, greatestOf(row)), 0);
  return fitting(
    weightBits,
    (bits) => {
      const unit = weightExponent(step.source, greatest, bits);
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
  least?: number,
): Quantity {
  const { pads, outputs } = step.shape;
  const per = step.weights.length / outputs;
  // A pad is the real 0, which has no place in a convolution whose zero point is elsewhere.
  const input = pads.some((pad) => pad !== 0) ? centred(sheet, from) : from;
  return fitting(
    weightBits,
    (bits) => {
      const unit = weightExponent(step.source, greatestOf(step.weights), bits);
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

/** Whether a factor keeps every bit: a power of two, or minus one. */
function isPower(factor: number): boolean {
  return factor !== 0 && Number.isInteger(Math.log2(Math.abs(factor)));
}

/** offset + sum of factor * input: exact where all factors are powers of two, else with factors of `weightBits` bits. */
export function quantiseLinear(
  sheet: Sheet,
  step: Pick<LinearStep, "factors" | "offset" | "source">,
  from: readonly Quantity[],
  weightBits: number,
): Quantity {
  const used = from.map((input, k) => ({ input, factor: step.factors[k]! })).filter(({ factor }) => factor !== 0);
  const exact = used.every(({ factor }) => isPower(factor));
  const width = from[0]?.intervals.length ?? 1;
  if (used.length === 0) {
    const exponent = weightExponent(step.source, Math.abs(step.offset), 16);
    return sheet.constant(new Array<number>(width).fill(round(step.offset / 2 ** exponent)), exponent);
  }
  const attempt = (bits: number): Quantity => {
    const units = used.map(
      ({ input, factor }) =>
        input.exponent + (exact ? Math.log2(Math.abs(factor)) : weightExponent(step.source, Math.abs(factor), bits)),
    );
    const exponent = Math.min(...units);
    const factors = used.map(({ input, factor }) => round(factor * 2 ** (input.exponent - exponent)));
    const zeros = used.reduce((sum, { input }, k) => sum + input.zero * factors[k]!, 0);
    const offset = biasOf(step.source, step.offset, exponent) - zeros + 0;
    const inputs = used.map(({ input }) => input.tensor);
    return sheet.add({ op: "linear", inputs, factors, offset }, exponent);
  };
  return exact ? attempt(weightBits) : fitting(weightBits, attempt);
}

/** Element by element factor and offset. */
export function quantiseScale(sheet: Sheet, step: ScaleStep, input: Quantity, weightBits: number): Quantity {
  const exact = step.factors.every((factor) => isPower(factor) || factor === 0);
  const smallest = step.factors.reduce(
    (found, factor) => (factor === 0 ? found : Math.min(found, Math.abs(factor))),
    Infinity,
  );
  const least = exact && smallest !== Infinity ? Math.log2(smallest) : undefined;
  return fitting(weightBits, (bits) => {
    const unit = least ?? weightExponent(step.source, greatestOf(step.factors), bits);
    const exponent = input.exponent + unit;
    const factors = Array.from(step.factors, (factor) => round(factor / 2 ** unit));
    const offsets = Array.from(
      step.offsets,
      (offset, at) => biasOf(step.source, offset, exponent) - input.zero * factors[at]! + 0,
    );
    return sheet.add({ op: "scale", input: input.tensor, factors, offsets }, exponent);
  });
}

/** All quantities in one unit, the finest among them unless another is given; zero points gone. */
export function aligned(
  sheet: Sheet,
  quantities: readonly Quantity[],
  exponent = Math.min(...quantities.map((each) => each.exponent)),
): Quantity[] {
  return quantities.map((each) => refined(sheet, centred(sheet, each), exponent));
}
