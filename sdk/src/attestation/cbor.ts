import { AttestationError } from "./error.ts";

/** Major types. */
export const Major = { Uint: 0, Bytes: 2, Text: 3, Array: 4, Map: 5 } as const;

const NAMES = ["a number", "a negative number", "bytes", "a text", "an array", "a map", "a tag", "a simple value"];

/**
 * Reads CBOR as `contracts/libraries/Cbor.sol` does: shortest heads, definite lengths but for maps where the caller allows it,
 * no tags. Errors have that library's names.
 */
export class Cbor {
  readonly data: Uint8Array;
  at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  /** The value or length in the next head, which must be of `major` type. */
  head(major: number): number {
    const { data, at } = this;
    const first = data[at];
    if (first === undefined) throw new AttestationError("CborTruncated", `at ${at}`);
    if (first >> 5 !== major) {
      throw new AttestationError("CborTypeUnexpected", `at ${at}: ${NAMES[first >> 5]}, where ${NAMES[major]} belongs`);
    }
    const info = first & 0x1f;
    this.at += 1;
    if (info < 24) return info;
    if (info > 27) throw new AttestationError("CborHeadInvalid", `at ${at}`);
    const width = 1 << (info - 24);
    if (this.at + width > data.length) throw new AttestationError("CborTruncated", `at ${at}`);
    let value = 0n;
    for (const byte of data.subarray(this.at, this.at + width)) value = (value << 8n) | BigInt(byte);
    this.at += width;
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (value < least) throw new AttestationError("CborHeadInvalid", `at ${at}`);
    // No length or time that means anything is larger; what is larger does not fit the data either.
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** A byte string. */
  bytes(): Uint8Array {
    return this.#string(Major.Bytes);
  }

  /** A text, as the bytes that it is. */
  text(): Uint8Array {
    return this.#string(Major.Text);
  }

  /** An array or a map of exactly `expected` items or pairs. */
  expectCount(major: number, expected: number): void {
    const { at } = this;
    const received = this.head(major);
    if (received !== expected) {
      throw new AttestationError("CborSizeUnexpected", `at ${at}: ${received} entries, where ${expected} belong`);
    }
  }

  /** Walks the pairs of a map of definite or indefinite length; `pair` reads a key and its value. */
  map(pair: (offset: number) => void): void {
    if (this.#first() !== 0xbf) {
      for (let left = this.head(Major.Map); left > 0; left--) pair(this.at);
      return;
    }
    for (this.at += 1; this.#first() !== 0xff;) pair(this.at);
    this.at += 1;
  }

  /** Skips null where it stands. */
  skipNull(): boolean {
    const found = this.#first() === 0xf6;
    if (found) this.at += 1;
    return found;
  }

  #first(): number {
    const first = this.data[this.at];
    if (first === undefined) throw new AttestationError("CborTruncated", `at ${this.at}`);
    return first;
  }

  #string(major: number): Uint8Array {
    const { at } = this;
    const end = this.head(major) + this.at;
    if (end > this.data.length) throw new AttestationError("CborTruncated", `at ${at}`);
    const value = this.data.subarray(this.at, end);
    this.at = end;
    return value;
  }
}
