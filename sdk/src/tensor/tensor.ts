import type { IntegralDtype } from "./dtype.ts";

/** A tensor of whole numbers, row-major. `bool` elements are 0n or 1n. */
export interface IntegralTensor {
  readonly dtype: IntegralDtype;
  readonly dims: readonly number[];
  readonly data: readonly bigint[];
}

/** A tensor of IEEE 754 single-precision numbers, row-major. NaN and -0 are not allowed; infinities are. */
export interface FloatTensor {
  readonly dtype: "f32";
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** A tensor: up to 8 dims, each from 1 to 2^32 - 1; no dims at all is a scalar. */
export type Tensor = IntegralTensor | FloatTensor;

/** Most dims of a tensor. */
export const MAX_RANK = 8;

/** Default limit, in bytes, on an encoding; also what the hub takes. */
export const MAX_TENSOR_BYTES = 65_536;

/** Option of the codec functions. */
export interface TensorLimit {
  /** Most bytes of one encoding, header included. */
  readonly maxBytes?: number;
}
