import type { Int64 } from "./proto.ts";

/** The value of a 64-bit integer, or undefined when a double cannot hold it. */
export function safeInteger(value: Int64): number | undefined {
  const number = Number(value.toString());
  return Number.isSafeInteger(number) ? number : undefined;
}

const INT64_MAX = "9223372036854775807";
const INT64_MIN = "-9223372036854775808";

/**
 * The same, but the greatest and the least 64-bit integers, which stand for "to the end", become the greatest and the
 * least that a double holds.
 */
export function clampedInteger(value: Int64): number | undefined {
  const text = value.toString();
  if (text === INT64_MAX) return Number.MAX_SAFE_INTEGER;
  if (text === INT64_MIN) return Number.MIN_SAFE_INTEGER;
  return safeInteger(value);
}
