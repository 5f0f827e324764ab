import { AccumulatorOverflowError } from "../graph/errors.ts";
import { MAX_SHIFT } from "../graph/schema.ts";
import type { Interval } from "../graph/types.ts";
import { elementCount } from "../program/geometry.ts";
import type { ConvStep, DenseStep } from "../program/types.ts";
import { requantiseCost } from "../report/constraints.ts";
import { squares } from "./distance.ts";
import { LEAST_BITS } from "./options.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { biasOf, inRoom, round } from "./units.ts";

/** A layer as it was written, so that it can be written with other scales. */
export interface Layer {
  readonly step: DenseStep | ConvStep;
  readonly input: Quantity;
  /** Most bits of a weight. */
  readonly weightBits: number;
  /** Whether the caller chose them. */
  readonly chosen: boolean;
}

/** Units between two powers of two. Eighths are exact in binary, so sums of exponents are, too. */
const PER_OCTAVE = 8;
/** Percentiles of the results' sizes between which the greatest that is kept is looked for. */
const PERCENTILES = [0.99, 1] as const;
/** Results that are looked at for the choice of a unit. */
const LOOKED_AT = 1 << 15;
/** Products of a layer on all calibration inputs, over which a search takes too long. */
const MOST_WORK = 1 << 26;
/** A power of two stays unless the squared error is below this share of its own. */
const WORTH = 0.9;
/** Channels differ by so many shifts at most: each is a node of its own. */
const MOST_SHIFTS = 6;

/** With a scale of their own, channels may be as exact with so many bits less. */
const FEWER_BITS = 3;

interface Candidate {
  /** log2 of the result's unit. */
  readonly exponent: number;
  readonly bits: number;
  readonly perChannel: boolean;
}

function weightsOf({ step }: Layer): readonly Float64Array[] {
  if (step.op === "dense") return step.weights;
  const per = step.weights.length / step.shape.outputs;
  return Array.from({ length: step.shape.outputs }, (_, o) => step.weights.subarray(o * per, (o + 1) * per));
}

/** The channel that each result of a layer belongs to. */
function channelsOf({ step }: Layer, results: number): (at: number) => number {
  if (step.op === "dense") return (at) => at % step.weights.length;
  const area = results / step.shape.outputs;
  return (at) => Math.floor(at / area);
}

function costOf({ intervals }: Quantity, shift: number, clamp: Interval): number {
  return intervals.reduce((sum, { min, max }) => sum + requantiseCost(Number(min), Number(max), shift, clamp), 0);
}

/**
 * The exponents, in steps of an eighth, that lose least to rounding and cutting of the values wanted: between the one that
 * cuts at the lowest percentile and the one that cuts nothing.
 */
function bestExponents(wanted: readonly Float64Array[], clamp: Interval, count: number): number[] {
  const total = wanted.reduce((sum, { length }) => sum + length, 0);
  const stride = Math.max(1, Math.floor(total / LOOKED_AT));
  const values: number[] = [];
  let skip = 0;
  for (const row of wanted) {
    for (; skip < row.length; skip += stride) values.push(row[skip]!);
    skip -= row.length;
  }
  const [least, most] = [Number(clamp.min), Number(clamp.max)];
  const sizes = values.map((value) => (value > 0 ? value / most : least < 0 ? value / least : 0)).sort((a, b) => a - b);
  const [low, high] = PERCENTILES.map((share) => sizes[Math.ceil(share * sizes.length) - 1] ?? 0) as [number, number];
  if (!(high > 0)) return [];
  const eighth = (size: number) => Math.ceil(PER_OCTAVE * Math.log2(size));
  const from = low > 0 ? Math.max(eighth(low), eighth(high) - 6 * PER_OCTAVE) : eighth(high) - PER_OCTAVE;
  const found: { exponent: number; error: number }[] = [];
  for (let at = from; at <= eighth(high); at++) {
    const unit = 2 ** (at / PER_OCTAVE);
    const error = values.reduce((sum, value) => {
      const kept = Math.min(Math.max(Math.floor(value / unit + 0.5), least), most);
      return sum + (kept * unit - value) ** 2;
    }, 0);
    found.push({ exponent: at / PER_OCTAVE, error });
  }
  return found
    .sort((a, b) => a.error - b.error || b.exponent - a.exponent)
    .slice(0, count)
    .map(({ exponent }) => exponent);
}

/** For each channel the shift that brings its sums, with the finest weights that fit, to the unit 2^exponent. */
function shiftsFor(layer: Layer, { exponent, bits, perChannel }: Candidate): number[] | undefined {
  const limit = 2 ** (bits - 1) - 1;
  const greatest = weightsOf(layer).map((row) => row.reduce((most, each) => Math.max(most, Math.abs(each)), 0));
  const fits = (size: number) => {
    if (size === 0) return Infinity;
    const reach = (shift: number) => round((size / 2 ** exponent) * 2 ** (layer.input.exponent + shift));
    let shift = Math.floor(Math.log2(limit / size) + exponent - layer.input.exponent) + 1;
    while (reach(shift) > limit) shift--;
    return shift;
  };
  const shifts = greatest.map(fits);
  const least = Math.min(...shifts);
  if (!(least >= 0 && least <= MAX_SHIFT)) return undefined;
  const most = Math.min(MAX_SHIFT, least + MOST_SHIFTS);
  return shifts.map((shift) => (perChannel ? Math.min(shift, most) : least));
}

function writeSums(sheet: Sheet, layer: Layer, exponent: number, shifts: readonly number[]): Quantity {
  const { step, input } = layer;
  const rows = weightsOf(layer).map((row, channel) => {
    const unit = 2 ** (exponent - shifts[channel]! - input.exponent);
    return Array.from(row, (weight) => round(weight / unit));
  });
  const made = rows.map((row, channel) => {
    const offset = input.zero * row.reduce((sum, weight) => sum + weight, 0);
    return biasOf(step.source, step.bias[channel]!, exponent - shifts[channel]!) - offset + 0;
  });
  const bias = inRoom(step.source, made);
  const sums = exponent - shifts[0]!;
  if (step.op === "dense") {
    return sheet.add({ op: "dense", input: input.tensor, rows: step.rows, weights: rows, bias }, sums);
  }
  return sheet.add({ op: "conv", input: input.tensor, shape: step.shape, weights: rows.flat(), bias }, sums);
}

/** Layer and rounding with one scale for the results; channels of one shift are rounded together. */
function write(sheet: Sheet, layer: Layer, exponent: number, shifts: readonly number[], clamp: Interval) {
  const sums = writeSums(sheet, layer, exponent, shifts);
  const kinds = Array.from(new Set(shifts)).sort((a, b) => a - b);
  if (kinds.length === 1) {
    const shift = kinds[0]!;
    const quantity = sheet.add({ op: "requantise", input: sums.tensor, shift, clamp }, exponent);
    return { quantity, cost: costOf(sums, shift, clamp) };
  }
  const channel = channelsOf(layer, sums.intervals.length);
  const place = new Array<number>(sums.intervals.length);
  let [made, cost] = [0, 0];
  const parts = kinds.map((shift) => {
    const index = sums.intervals.flatMap((_, at) => (shifts[channel(at)] === shift ? [at] : []));
    for (const at of index) place[at] = made++;
    const part = sheet.add({ op: "gather", inputs: [sums.tensor], constants: [], index }, exponent - shift);
    cost += costOf(part, shift, clamp);
    return sheet.add({ op: "requantise", input: part.tensor, shift, clamp }, exponent).tensor;
  });
  const quantity = sheet.add({ op: "gather", inputs: parts, constants: [], index: place }, exponent);
  return { quantity, cost };
}

/** Products of a layer on all calibration inputs. */
function workOf({ step }: Layer, samples: number): number {
  const per = step.op === "dense" ? (step.weights[0]?.length ?? 0) : step.weights.length / step.shape.outputs;
  return elementCount(step.output.dims) * per * samples;
}

/**
 * A layer and the rounding of its results in another way than `plain`, which has one power of two for all weights and one
 * for the results: with a unit in between, or with weights whose scale is the channel's own, or both. The one that is
 * nearest to `wanted` on the calibration data, among those that cost no more constraints than `plain`; undefined where
 * none is clearly nearer.
 *
 * A channel's own scale is a power of two finer or coarser than the others', and its sums are shifted by as much more or
 * less: interpreter, runtime and circuit know nothing of it.
 *
 * @param plain the results as rounded from `sums`
 * @param free whether the unit may be any number
 */
export function rescaled(
  sheet: Sheet,
  layer: Layer,
  { sums, plain, shift }: { readonly sums: Quantity; readonly plain: Quantity; readonly shift: number },
  wanted: readonly Float64Array[],
  clamp: Interval,
  free: boolean,
): Quantity | undefined {
  if (workOf(layer, wanted.length) > MOST_WORK) return undefined;
  const before = squares(plain, wanted);
  const most = costOf(sums, shift, clamp);
  if (before === 0) return undefined;
  const exponents = new Set([plain.exponent, ...(free ? bestExponents(wanted, clamp, 2) : [])]);
  const fewest = layer.weightBits - (layer.chosen ? 0 : FEWER_BITS);
  let best: { readonly error: number; readonly exponent: number; readonly shifts: readonly number[] } | undefined;
  for (const exponent of exponents) {
    for (const perChannel of [false, true]) {
      for (let bits = layer.weightBits; bits >= fewest; bits--) {
        if (bits < LEAST_BITS || (!perChannel && (bits < layer.weightBits || exponent === plain.exponent))) continue;
        const shifts = shiftsFor(layer, { exponent, bits, perChannel });
        if (shifts === undefined) continue;
        try {
          const { quantity, cost } = sheet.trial(() => write(sheet, layer, exponent, shifts, clamp));
          const error = squares(quantity, wanted);
          if (cost <= most && error < WORTH * before && error < (best?.error ?? Infinity)) {
            best = { error, exponent, shifts };
          }
        } catch (error) {
          if (!(error instanceof AccumulatorOverflowError)) throw error;
        }
      }
    }
  }
  return best === undefined ? undefined : write(sheet, layer, best.exponent, best.shifts, clamp).quantity;
}
