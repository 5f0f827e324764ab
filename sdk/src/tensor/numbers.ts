import { show } from "../core/field-error.ts";
import { dtypeOfName, type Dtype } from "./dtype.ts";
import { TensorError, TensorErrorCode } from "./error.ts";
import { countOf } from "./shape.ts";
import { MAX_TENSOR_BYTES, type Tensor } from "./tensor.ts";

/** A decimal number as OpenGradient's contracts hold it: value * 10^-decimals, both int128. 1.5 is (15, 1). */
export interface DecimalNumber {
  readonly value: bigint;
  readonly decimals: bigint;
}

/** OpenGradient's `MultiDimensionalNumberTensor`: row-major values with their shape. */
export interface NumberTensor {
  readonly name: string;
  readonly values: readonly DecimalNumber[];
  readonly shape: readonly number[];
}

export interface ToNumbersOptions {
  readonly name?: string;
  /** An integer element stands for element * 10^-decimals. Not used for f32. */
  readonly decimals?: bigint;
}

export interface FromNumbersOptions {
  readonly dtype: Dtype;
  /** An integer element becomes number * 10^decimals, which must be whole. Not used for f32. */
  readonly decimals?: bigint;
}

const INT128_MAX = (1n << 127n) - 1n;
const INT128_MIN = -(1n << 127n);
/** 10^38 is the greatest power of ten below 2^127: a wider gap changes every non-zero int128 past use. */
const MAX_POWER = 38n;

/**
 * `tensor` as OpenGradient's `Number` tensor. An f32 element becomes the shortest decimal that single precision reads
 * back as the same number.
 * @throws {TensorError} when `decimals` is not an int128 or an element is infinite.
 */
export function toNumbers(tensor: Tensor, { name = "", decimals = 0n }: ToNumbersOptions = {}): NumberTensor {
  requireInt128("decimals", decimals);
  const values: DecimalNumber[] =
    tensor.dtype === "f32"
      ? tensor.data.map((element, index) => shortestDecimal(element, index))
      : tensor.data.map((value) => ({ value, decimals }));
  return { name, values, shape: [...tensor.dims] };
}

/**
 * The tensor that OpenGradient's `Number` tensor stands for. Nothing is rounded for an integer dtype; for f32 the
 * nearest single-precision number (through double precision) is taken.
 * @throws {TensorError} when a number is not whole at `decimals`, does not fit the dtype, or the shape does not match.
 */
export function fromNumbers(
  { values, shape }: Pick<NumberTensor, "values" | "shape">,
  { dtype, decimals = 0n }: FromNumbersOptions,
): Tensor {
  const info = dtypeOfName(dtype);
  if (info === undefined) {
    throw new TensorError(TensorErrorCode.UnknownDtype, `The dtype is ${show(dtype)}; use one of the ten known.`);
  }
  requireInt128("decimals", decimals);
  const count = countOf(shape, info, MAX_TENSOR_BYTES);
  if (values.length !== count) {
    throw new TensorError(
      TensorErrorCode.CountMismatch,
      `Shape [${shape.join(", ")}] holds ${count} numbers, but ${values.length} were given; make them agree.`,
    );
  }
  for (const [index, number] of values.entries()) {
    requireInt128(`number ${index} value`, number.value);
    requireInt128(`number ${index} decimals`, number.decimals);
  }
  if (info.dtype === "f32") return { dtype: "f32", dims: [...shape], data: values.map(nearestF32) };
  const data = values.map((number, index) => {
    const value = shifted(number, decimals, index);
    if (value >= info.min && value <= info.max) return value;
    throw new TensorError(
      TensorErrorCode.NumberInvalid,
      `Number ${index} is ${show(value)} at ${decimals} decimals; ${dtype} holds ${info.min} to ${info.max}.`,
    );
  });
  return { dtype: info.dtype, dims: [...shape], data };
}

function shifted(number: DecimalNumber, decimals: bigint, index: number): bigint {
  if (number.value === 0n) return 0n;
  const power = decimals - number.decimals;
  if (power >= 0n && power <= MAX_POWER) return number.value * 10n ** power;
  if (power < 0n && power >= -MAX_POWER && number.value % 10n ** -power === 0n) return number.value / 10n ** -power;
  throw new TensorError(
    TensorErrorCode.NumberInvalid,
    `Number ${index}, ${show(number.value)} with ${show(number.decimals)} decimals, is not a whole number of use at ` +
      `${show(decimals)} decimals; round it first or choose other decimals.`,
  );
}

function nearestF32(number: DecimalNumber, index: number): number {
  const value = Math.fround(Number(`${number.value}e${-number.decimals}`));
  if (!Number.isFinite(value)) {
    throw new TensorError(
      TensorErrorCode.NumberInvalid,
      `Number ${index} is past single precision; f32 ends near 3.4e38.`,
    );
  }
  // A tiny negative number rounds to -0, which the encoding does not have.
  return value === 0 ? 0 : value;
}

function shortestDecimal(element: number, index: number): DecimalNumber {
  if (!Number.isFinite(element)) {
    throw new TensorError(TensorErrorCode.NumberInvalid, `Element ${index} is ${element}; a Number is finite.`);
  }
  if (element === 0) return { value: 0n, decimals: 0n };
  // Nine significant digits tell all single-precision numbers apart.
  for (let digits = 0; digits < 9; digits++) {
    const text = element.toExponential(digits);
    if (Math.fround(Number(text)) === Math.fround(element)) return parseExponential(text);
  }
  return parseExponential(element.toExponential(8));
}

function parseExponential(text: string): DecimalNumber {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let value = BigInt(whole + fraction);
  let decimals = BigInt(fraction.length) - BigInt(exponent);
  // Whole numbers keep no decimals, as OpenGradient's own SDK writes them, but for those past int128.
  if (decimals < 0n && decimals >= -MAX_POWER && fitsInt128(value * 10n ** -decimals)) {
    value *= 10n ** -decimals;
    decimals = 0n;
  }
  return { value, decimals };
}

function fitsInt128(value: bigint): boolean {
  return value >= INT128_MIN && value <= INT128_MAX;
}

function requireInt128(field: string, value: unknown): void {
  if (typeof value === "bigint" && fitsInt128(value)) return;
  throw new TensorError(TensorErrorCode.NumberInvalid, `The ${field} is ${show(value)}; give a bigint of 128 bits.`);
}
