import { show } from "../core/field-error.ts";
import { dtypeOfName, type IntegralDtype } from "./dtype.ts";
import { TensorError, TensorErrorCode } from "./error.ts";

/** How real numbers stand for integers: real = scale * (integer - zeroPoint). */
export interface Quantisation {
  /** Greater than zero, finite. */
  readonly scale: number;
  /** A whole number. */
  readonly zeroPoint: number;
}

export interface QuantiseOptions extends Quantisation {
  readonly dtype: IntegralDtype;
  /** Allowed integers, both ends included; the whole dtype when left out. */
  readonly range?: { readonly min: bigint; readonly max: bigint };
  /** Bring what is out of range to the nearest end, where it is refused otherwise. */
  readonly saturate?: boolean;
}

/**
 * The integers that stand for `values`: floor(value / scale + 1/2) + zeroPoint in double precision, which rounds half
 * up.
 *
 * @example
 * ```ts
 * import { quantise } from "@assay/sdk";
 * quantise([0, 0.5, 1], { scale: 1 / 16, zeroPoint: 0, dtype: "u8", range: { min: 0n, max: 16n } }); // [0n, 8n, 16n]
 * ```
 * @throws {TensorError} when a value is not finite, the scale is not positive, or an integer is out of range and
 * `saturate` is not set.
 */
export function quantise(values: Iterable<number>, options: QuantiseOptions): bigint[] {
  requireQuantisation(options);
  const info = dtypeOfName(options.dtype);
  if (info === undefined || info.dtype === "f32") {
    throw new TensorError(TensorErrorCode.UnknownDtype, `The dtype is ${show(options.dtype)}; use an integer dtype.`);
  }
  const { min, max } = options.range ?? info;
  if (min > max || min < info.min || max > info.max) {
    throw new TensorError(
      TensorErrorCode.QuantisationInvalid,
      `The range is ${min} to ${max}; give one within ${info.min} to ${info.max}, the range of ${info.dtype}.`,
    );
  }
  return Array.from(values, (value, index) => {
    const integer = Math.floor(value / options.scale + 0.5) + options.zeroPoint;
    if (!Number.isFinite(value) || !Number.isFinite(integer)) {
      throw new TensorError(TensorErrorCode.QuantisationInvalid, `Value ${index} is ${value}; give a finite number.`);
    }
    const exact = BigInt(integer);
    if (exact >= min && exact <= max) return exact;
    if (options.saturate === true) return exact < min ? min : max;
    throw new TensorError(
      TensorErrorCode.QuantisationInvalid,
      `Value ${index}, ${value}, quantises to ${integer}, out of ${min} to ${max}; scale the input, or set saturate.`,
    );
  });
}

/**
 * The real numbers that `integers` stand for, in double precision. Integers past 2^53 lose their low bits.
 * @throws {TensorError} when the scale is not positive and finite or the zero point is not a whole number.
 */
export function dequantise(integers: Iterable<bigint>, { scale, zeroPoint }: Quantisation): number[] {
  requireQuantisation({ scale, zeroPoint });
  return Array.from(integers, (integer) => scale * Number(integer - BigInt(zeroPoint)));
}

function requireQuantisation({ scale, zeroPoint }: Quantisation): void {
  if (Number.isFinite(scale) && scale > 0 && Number.isSafeInteger(zeroPoint)) return;
  throw new TensorError(
    TensorErrorCode.QuantisationInvalid,
    `Scale ${show(scale)} and zero point ${show(zeroPoint)}: give a positive finite scale and a whole zero point.`,
  );
}
