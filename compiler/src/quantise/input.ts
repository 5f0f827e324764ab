import { dtypeRange } from "../graph/dtype.ts";
import type { IntegerDtype, Interval, TensorSpec } from "../graph/types.ts";
import { CompileOptionError, InputEncodingError, ScaleError } from "./errors.ts";
import type { QuantiseOptions } from "./options.ts";

const U8 = dtypeRange("u8");

/** Data that spans more than 2^64, or less than 2^-64, is a mistake. */
const MAX_EXPONENT = 64;

/** 2^exponent, the greatest power of two of which all values are multiples; undefined beyond 2^-20. */
function commonExponent(values: readonly number[]): number | undefined {
  for (let exponent = MAX_EXPONENT; exponent >= -20; exponent--) {
    const step = 2 ** exponent;
    if (values.every((value) => Number.isInteger(value / step))) return exponent;
  }
  return undefined;
}

/** The least k with value <= 2^k - 1. */
export function bitLength(value: bigint): number {
  return value <= 0n ? 0 : value.toString(2).length;
}

/** What the model's inputs are, as far as their integers go. */
export interface InputShape {
  readonly name: string;
  readonly dims: readonly number[];
  /** The coarsest unit that keeps the inputs' meaning: 0 where integers or booleans are among them. */
  readonly maxExponent: number;
  /** Elements of 8 bits, what multiplying costs little with; of 10 where they are few; or of 16, for comparing. */
  readonly bits: 8 | 10 | 16;
}

/** The range that the caller wants, or the widest that calibration may choose. */
function readRange(wanted: NonNullable<QuantiseOptions["inputRange"]>, dtype: IntegerDtype): Interval {
  if (wanted === "dtype" || wanted === "calibrated") return dtypeRange(dtype);
  if (wanted.min >= wanted.max || wanted.min < U8.min || wanted.max > U8.max) {
    throw new CompileOptionError("inputRange", `[${wanted.min}, ${wanted.max}]`, "an interval in [0, 255]");
  }
  return { min: wanted.min, max: wanted.max };
}

/**
 * Chooses how real inputs become unsigned integers. The scale is a power of two: the greatest of which all calibration
 * values are multiples, when they then fit (small whole numbers keep their values, scale 1); else the least that makes
 * them fit.
 */
export function chooseInputSpec(
  { name, dims, maxExponent, bits }: InputShape,
  { calibration, inputRange = "calibrated" }: QuantiseOptions,
): TensorSpec {
  const least = calibration.reduce((low, row) => row.reduce((found, value) => Math.min(found, value), low), 0);
  const most = calibration.reduce((high, row) => row.reduce((found, value) => Math.max(found, value), high), 0);
  const span = most - least;
  if (span !== 0 && !(span >= 2 ** -MAX_EXPONENT && span <= 2 ** MAX_EXPONENT)) {
    throw new ScaleError("input", `the calibration data spans ${span}`);
  }
  const common = span === 0 ? 0 : commonExponent(calibration.flat());
  const exact = common === undefined ? undefined : Math.min(common, maxExponent);
  const needs = (exponent: number) => Math.ceil(most / 2 ** exponent) - Math.floor(least / 2 ** exponent);
  // Small exact data takes a byte whatever reads it.
  const dtype = bits === 8 || (exact !== undefined && needs(exact) <= 255) ? "u8" : "u16";
  const allowed = readRange(inputRange, dtype);
  const limit = Math.min(Number(allowed.max - allowed.min), 2 ** bits - 1);
  let exponent = exact;
  if (exponent === undefined || needs(exponent) > limit) {
    exponent = Math.floor(Math.log2(span / limit)) - 1;
    while (needs(exponent) > limit) exponent++;
    exponent = Math.min(exponent, Math.max(maxExponent, exact ?? -MAX_EXPONENT));
    if (needs(exponent) > limit) throw new ScaleError("input", `whole numbers from ${least} to ${most} are too wide`);
  }
  const scale = 2 ** exponent;
  const zeroPoint = Number(allowed.min) - Math.floor(least / scale);
  const width = Math.max(1, bitLength(BigInt(Math.ceil(most / scale) + zeroPoint)));
  const range = inputRange === "calibrated" ? { min: 0n, max: (1n << BigInt(width)) - 1n } : allowed;
  return { name, dims, dtype, range, scale, zeroPoint };
}

/**
 * Writes real inputs in a model's integers: floor(value / scale + 1/2) + zeroPoint. Nothing saturates.
 *
 * @throws {InputEncodingError} when a value is not finite or falls outside the tensor's range.
 */
export function encodeInput(spec: TensorSpec, values: readonly number[]): number[] {
  const [min, max] = [Number(spec.range.min), Number(spec.range.max)];
  return values.map((value, index) => {
    const integer = Math.floor(value / spec.scale + 0.5) + spec.zeroPoint;
    if (integer >= min && integer <= max) return integer;
    const real = (bound: number) => spec.scale * (bound - spec.zeroPoint);
    throw new InputEncodingError(spec.name, index, value, real(min), real(max));
  });
}

/** The real values that integers of `spec` stand for: scale * (integer - zeroPoint). */
export function decodeTensor(spec: TensorSpec, integers: readonly number[]): number[] {
  return integers.map((integer) => spec.scale * (integer - spec.zeroPoint));
}
