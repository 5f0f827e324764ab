import { RpcError, RpcErrorCode } from "../rpc/errors.ts";

/** A whole number as JSON-RPC writes it, at most 256 bits. */
export function quantity(field: string, value: unknown): bigint {
  if (typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value)) return BigInt(value);
  throw wrong(field, value, "a hex quantity");
}

/** A hex quantity that fits a double exactly: block numbers, times, indices. */
export function index(field: string, value: unknown): number {
  const number = Number(quantity(field, value));
  if (Number.isSafeInteger(number)) return number;
  throw wrong(field, value, "a quantity below 2^53");
}

/** 32 bytes of hex, lower case. */
export function hash(field: string, value: unknown): string {
  return bytes(field, value, 32, 32);
}

/** An address, lower case. */
export function address(field: string, value: unknown): string {
  return bytes(field, value, 20, 20);
}

/** Hex of at most `most` and at least `least` bytes, lower case. */
export function bytes(field: string, value: unknown, most: number, least = 0): string {
  if (
    typeof value === "string" &&
    value.length % 2 === 0 &&
    value.length >= 2 + 2 * least &&
    value.length <= 2 + 2 * most &&
    /^0x[0-9a-f]*$/i.test(value)
  ) {
    return value.toLowerCase();
  }
  throw wrong(field, value, `hex of ${least} to ${most} bytes`);
}

/** An object with unknown fields. */
export function record(field: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(field, value, "an object");
}

function wrong(field: string, value: unknown, expected: string): RpcError {
  const shown = typeof value === "string" ? `${value.slice(0, 40)} (${value.length} characters)` : typeof value;
  return new RpcError(RpcErrorCode.Garbage, `${field} from the endpoint is ${shown}, not ${expected}.`);
}
