// Without ethers, which takes more memory than a proof of a small model: provers come by here.
import { FieldError } from "./field-error.ts";

/** Bytes, or the same as a 0x-prefixed hex string. */
export type BytesLike = string | Uint8Array;

/** Bytes as 0x-prefixed lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Whether a text is 0x and hex digits of either case. */
export function isHex(text: string): boolean {
  return /^0x[0-9a-f]*$/i.test(text);
}

/**
 * `value` as lower-case hex of exactly `length` bytes.
 * @throws {FieldError} when it is anything else.
 */
export function fixedHex(field: string, value: unknown, length: number): string {
  if (value instanceof Uint8Array && value.length === length) return hexOf(value);
  if (typeof value === "string" && value.length === 2 + 2 * length && isHex(value)) return value.toLowerCase();
  throw new FieldError(field, value, `${length} bytes as 0x-prefixed hex`);
}

/**
 * `value` as a fresh byte array of at most `limit` bytes; the length is checked before anything is decoded.
 * @throws {FieldError} when it is longer or not hex.
 */
export function boundedBytes(field: string, value: unknown, limit: number): Uint8Array {
  if (value instanceof Uint8Array) {
    if (value.length <= limit) return Uint8Array.from(value);
  } else if (typeof value === "string" && value.length <= 2 + 2 * limit && value.length % 2 === 0 && isHex(value)) {
    const bytes = new Uint8Array(value.length / 2 - 1);
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = Number.parseInt(value.slice(2 + 2 * index, 4 + 2 * index), 16);
    }
    return bytes;
  }
  throw new FieldError(field, value, `at most ${limit} bytes, as an array or 0x-prefixed hex`);
}
