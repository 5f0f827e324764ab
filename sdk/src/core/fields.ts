import { getAddress, ZeroAddress, ZeroHash } from "ethers";

import { isHex } from "./bytes.ts";
import { FieldError } from "./field-error.ts";

export { boundedBytes, type BytesLike, fixedHex } from "./bytes.ts";

/** A whole number that JavaScript gives in two forms. */
export type Integer = bigint | number;

export const ZERO_ADDRESS: string = ZeroAddress;
export const ZERO_HASH: string = ZeroHash;

/**
 * `value` as a checksummed address. Mixed case with a wrong checksum is refused.
 * @throws {FieldError} when it is not an address.
 */
export function address(field: string, value: unknown): string {
  if (typeof value === "string" && value.length === 42 && isHex(value)) {
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
