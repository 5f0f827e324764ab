import type { Int64 } from "./proto.ts";

/** The value of a 64-bit integer, or undefined when a double cannot hold it. */
export function safeInteger(value: Int64): number | undefined {
  const number = Number(value.toString());
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Integers this near to either end of the 64-bit ones are nobody's sizes: exporters write them for "to the end". */
const NEAR_THE_END = 2n ** 16n;
const INT64_END = 2n ** 63n;

/** The same, but those at both ends of the 64-bit integers become the greatest and the least that a double holds. */
export function clampedInteger(value: Int64): number | undefined {
  const whole = BigInt(value.toString());
  if (whole >= INT64_END - NEAR_THE_END) return Number.MAX_SAFE_INTEGER;
  if (whole <= NEAR_THE_END - INT64_END) return Number.MIN_SAFE_INTEGER;
  return safeInteger(value);
}
