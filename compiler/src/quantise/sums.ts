import { AccumulatorOverflowError } from "../graph/errors.ts";
import { EXACT_LIMIT } from "../graph/intervals/spans.ts";
import type { Interval } from "../graph/types.ts";
import type { LinearStep, ScaleStep } from "../program/types.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import { biasOf, fitting, greatestOf, inRoom, round, weightExponent } from "./units.ts";

function isZero({ min, max }: Interval, zero: number): boolean {
  return min === max && Number(min) === zero;
}

/** Whether a factor keeps every bit: a power of two, or minus one. */
function isPower(factor: number): boolean {
  return factor !== 0 && Number.isInteger(Math.log2(Math.abs(factor)));
}

/** Results that span fewer units than these, and offsets that are no multiples of the unit, get a finer one. */
const FEWEST_UNITS = 256;

/** The exponent at which offsets are not rounded by more than the results can bear: that of the results, or a finer one. */
function offsetExponent(
  exponent: number,
  offsets: ArrayLike<number>,
  factors: ArrayLike<number>,
  input: Quantity,
  { precise, onCrude }: FactorBits,
): number {
  if (Array.from(offsets).every((offset) => Number.isInteger(offset / 2 ** exponent))) return exponent;
  const span = Number(input.range.max - input.range.min) * 2 ** input.exponent * greatestOf(factors);
  const units = span / 2 ** exponent;
  if (units >= FEWEST_UNITS || units === 0) return exponent;
  onCrude();
  return precise ? exponent - Math.ceil(Math.log2((4 * FEWEST_UNITS) / units)) : exponent;
}

/** How far factors may be off, as a share of the greatest, before more bits are looked for. */
const FACTOR_ERROR = 2 ** -9;
/** Bits that factors keep, if they need them, while the input has more. */
const FEWEST_FACTOR_BITS = 8;

/** Bits of the factors of a sum. */
export interface FactorBits {
  readonly usual: number;
  /** Where as many as `usual` leave a factor far off, and the model is to be precise. */
  readonly most: number;
  /** Whether more constraints may be spent on it. */
  readonly precise: boolean;
  /** Whether the input is to lose bits before factors lose those that they need. */
  readonly keep: boolean;
  /** Told of a factor, or an offset, that is far off. */
  readonly onCrude: () => void;
}

/**
 * As {@link fitting}, with the fewest bits above the usual that factors need, and refused where they get fewer than they
 * need for want of room.
 */
function fittingFactors(
  { usual, most, keep, onCrude }: FactorBits,
  layer: string,
  errorOf: (bits: number) => number,
  attempt: (bits: number) => Quantity,
): Quantity {
  let bits = usual;
  while (bits < most && errorOf(bits) > FACTOR_ERROR) bits++;
  return fitting(bits, (left) => {
    const crude = errorOf(left) > FACTOR_ERROR;
    if (keep && crude && left < FEWEST_FACTOR_BITS) {
      throw new AccumulatorOverflowError(layer, 0, EXACT_LIMIT, EXACT_LIMIT);
    }
    const made = attempt(left);
    if (crude) onCrude();
    return made;
  });
}

/** offset + sum of factor * input: exact where all factors are powers of two, else with factors of `weightBits` bits. */
export function quantiseLinear(
  sheet: Sheet,
  step: Pick<LinearStep, "factors" | "offset" | "source">,
  from: readonly Quantity[],
  bits: FactorBits,
): Quantity {
  // What is always 0 adds nothing, whatever its unit.
  const used = from
    .map((input, k) => ({ input, factor: step.factors[k]! }))
    .filter(({ factor, input: { range, zero } }) => factor !== 0 && !isZero(range, zero));
  const exact = used.every(({ factor }) => isPower(factor));
  const width = from[0]?.intervals.length ?? 1;
  if (used.length === 0) {
    const whole = Number.isInteger(step.offset) && Math.abs(step.offset) < EXACT_LIMIT;
    const exponent = whole ? 0 : weightExponent(step.source, Math.abs(step.offset), 16);
    return sheet.constant(new Array<number>(width).fill(round(step.offset / 2 ** exponent)), exponent);
  }
  const unitsAt = (fewer: number) =>
    used.map(
      ({ input, factor }) =>
        input.exponent + (exact ? Math.log2(Math.abs(factor)) : weightExponent(step.source, Math.abs(factor), fewer)),
    );
  const errorOf = (fewer: number) => {
    const unit = Math.min(...unitsAt(fewer));
    // Each in proportion to what the greatest number that it multiplies adds.
    const terms = used.map(({ input: { exponent, range, zero }, factor }) => {
      const size = Math.max(Number(range.max) - zero, zero - Number(range.min));
      const ideal = factor * 2 ** (exponent - unit);
      return { size: size * Math.abs(ideal), off: size * Math.abs(round(ideal) - ideal) };
    });
    return Math.max(...terms.map(({ off }) => off)) / Math.max(...terms.map(({ size }) => size), Number.MIN_VALUE);
  };
  const attempt = (fewer: number): Quantity => {
    const units = unitsAt(fewer);
    const [only] = used;
    const shared = Math.min(...units);
    const exponent =
      used.length === 1 && only !== undefined
        ? offsetExponent(shared, [step.offset], [only.factor], only.input, bits)
        : shared;
    const factors = inRoom(
      step.source,
      used.map(({ input, factor }) => round(factor * 2 ** (input.exponent - exponent))),
    );
    const zeros = used.reduce((sum, { input }, k) => sum + input.zero * factors[k]!, 0);
    const [offset = 0] = inRoom(step.source, [biasOf(step.source, step.offset, exponent) - zeros + 0]);
    const inputs = used.map(({ input }) => input.tensor);
    return sheet.add({ op: "linear", inputs, factors, offset }, exponent);
  };
  return exact ? attempt(bits.usual) : fittingFactors(bits, step.source, errorOf, attempt);
}

/** Element by element factor and offset. */
export function quantiseScale(sheet: Sheet, step: ScaleStep, input: Quantity, bits: FactorBits): Quantity {
  const exact = step.factors.every((factor) => isPower(factor) || factor === 0);
  const smallest = step.factors.reduce(
    (found, factor) => (factor === 0 ? found : Math.min(found, Math.abs(factor))),
    Infinity,
  );
  const least = exact && smallest !== Infinity ? Math.log2(smallest) : undefined;
  const greatest = greatestOf(step.factors);
  const unitAt = (width: number) => least ?? weightExponent(step.source, greatest, width);
  const errorOf = (width: number) => {
    const unit = 2 ** unitAt(width);
    return (
      step.factors.reduce((most, factor) => Math.max(most, Math.abs(round(factor / unit) * unit - factor)), 0) /
      greatest
    );
  };
  const attempt = (width: number): Quantity => {
    const rough = unitAt(width);
    const exponent = offsetExponent(input.exponent + rough, step.offsets, step.factors, input, bits);
    const unit = exponent - input.exponent;
    const factors = inRoom(
      step.source,
      Array.from(step.factors, (factor) => round(factor / 2 ** unit)),
    );
    const offsets = inRoom(
      step.source,
      Array.from(step.offsets, (offset, at) => biasOf(step.source, offset, exponent) - input.zero * factors[at]! + 0),
    );
    return sheet.add({ op: "scale", input: input.tensor, factors, offsets }, exponent);
  };
  return fittingFactors(bits, step.source, errorOf, attempt);
}
