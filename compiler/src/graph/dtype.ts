import type { IntegerDtype, Interval } from "./types.ts";

const BITS: Readonly<Record<IntegerDtype, number>> = { u8: 8, i8: 8, u16: 16, i16: 16, u32: 32, i32: 32 };

/** The integers that an element type holds. */
export function dtypeRange(dtype: IntegerDtype): Interval {
  const bits = BigInt(BITS[dtype]);
  return dtype.startsWith("u")
    ? { min: 0n, max: (1n << bits) - 1n }
    : { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
}
