import { getAddress, hexlify, isHexString, ZeroAddress, ZeroHash } from "ethers";

import { FieldError } from "./field-error.ts";

/** Bytes, or the same as a 0x-prefixed hex string. */
export type BytesLike = string | Uint8Array;

/** A whole number that JavaScript gives in two forms. */
export type Integer = bigint | number;

export const ZERO_ADDRESS: string = ZeroAddress;
export const ZERO_HASH: string = ZeroHash;

/**
 * `value` as lower-case hex of exactly `length` bytes.
 * @throws {FieldError} when it is anything else.
 */
export function fixedHex(field: string, value: unknown, length: number): string {
  if (value instanceof Uint8Array && value.length === length) return hexlify(value);
  if (typeof value === "string" && value.length === 2 + 2 * length && isHexString(value)) return value.toLowerCase();
  throw new FieldError(field, value, `${length} bytes as 0x-prefixed hex`);
}

/**
 * `value` as a fresh byte array of at most `limit` bytes; the length is checked before anything is decoded.
 * @throws {FieldError} when it is longer or not hex.
 */
export function boundedBytes(field: string, value: unknown, limit: number): Uint8Array {
  if (value instanceof Uint8Array) {
    if (value.length <= limit) return Uint8Array.from(value);
  } else if (
    typeof value === "string" &&
    value.length <= 2 + 2 * limit &&
    value.length % 2 === 0 &&
    isHexString(value)
  ) {
    const bytes = new Uint8Array(value.length / 2 - 1);
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = Number.parseInt(value.slice(2 + 2 * index, 4 + 2 * index), 16);
    }
    return bytes;
  }
  throw new FieldError(field, value, `at most ${limit} bytes, as an array or 0x-prefixed hex`);
}

/**
 * `value` as a checksummed address. Mixed case with a wrong checksum is refused.
 * @throws {FieldError} when it is not an address.
 */
export function address(field: string, value: unknown): string {
  if (typeof value === "string" && value.length === 42 && isHexString(value)) {
    try {
      return getAddress(value);
    } catch {
      // Wrong checksum: falls through to the one error.
    }
  }
  throw new FieldError(field, value, "a 20-byte address, in one case or with a right checksum");
}

/**
 * `value` as a bigint in [0, 2^bits).
 * @throws {FieldError} when it is not a whole number in that range.
 */
export function uint(field: string, value: unknown, bits: number): bigint {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) {
    const number = BigInt(value);
    if (number >= 0n && number < 1n << BigInt(bits)) return number;
  }
  throw new FieldError(field, value, `a whole number from 0 to 2^${bits} - 1`);
}
