import { AttestationError } from "./error.ts";

/** Tags of the elements that certificates and revocation lists are made of. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Oid: 0x06,
  Enumerated: 0x0a,
  Utf8String: 0x0c,
  PrintableString: 0x13,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** An element's contents: `data[start:next]`. */
export interface Span {
  readonly start: number;
  /** Offset past the contents, where the next element begins. */
  readonly next: number;
}

/**
 * Reads DER (X.690) strictly, as `contracts/libraries/Der.sol` does: one-byte tags, definite and shortest lengths below
 * 65,536, nothing read past the end of the element it stands in. Errors are {@link AttestationError}s with that library's
 * names. Offsets count from the start of `data`.
 */
export class Der {
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  /** Opens the element at `offset`, which must have `tag` and end by `end`. */
  open(offset: number, end: number, tag: number): Span {
    const { data } = this;
    if (offset + 2 > end) throw new AttestationError("DerTruncated", `at ${offset}`);
    const received = data[offset];
    if (received !== tag) {
      throw new AttestationError("DerTagUnexpected", `at ${offset}: ${received}, where ${tag} belongs`);
    }
    let length = data[offset + 1] ?? 0;
    let start = offset + 2;
    if (length >= 0x80) {
      const width = length - 0x80;
      if (width !== 1 && width !== 2) throw new AttestationError("DerLengthInvalid", `at ${offset}`);
      if (start + width > end) throw new AttestationError("DerTruncated", `at ${offset}`);
      length = 0;
      for (let i = 0; i < width; i++) length = length * 256 + (data[start + i] ?? 0);
      if (length < (width === 1 ? 0x80 : 0x100)) throw new AttestationError("DerLengthInvalid", `at ${offset}`);
      start += width;
    }
    const next = start + length;
    if (next > end) throw new AttestationError("DerTruncated", `at ${offset}`);
    return { start, next };
  }

  /** Whether the element at `offset` has `tag`; false at the end. */
  isAt(offset: number, end: number, tag: number): boolean {
    return offset < end && this.data[offset] === tag;
  }

  /** Throws unless an element was read to its end. */
  close(offset: number, end: number): void {
    if (offset !== end) throw new AttestationError("DerTrailing", `${end - offset} bytes at ${offset}`);
  }

  /** Opens an INTEGER that is not negative and in its shortest form. */
  openUint(offset: number, end: number): Span {
    const span = this.open(offset, end, Tag.Integer);
    const { start, next } = span;
    const first = this.data[start] ?? 0;
    const shortest = first !== 0 || next - start === 1 || (this.data[start + 1] ?? 0) >= 0x80;
    if (start === next || first >= 0x80 || !shortest) throw new AttestationError("DerValueInvalid", `at ${offset}`);
    return span;
  }

  /** An INTEGER from 0 to 2^(8 * maxBytes) - 1. */
  readUint(offset: number, end: number, maxBytes = 32): { value: bigint; next: number } {
    const { start: first, next } = this.openUint(offset, end);
    const start = this.data[first] === 0 && next - first > 1 ? first + 1 : first;
    if (next - start > maxBytes) throw new AttestationError("DerValueInvalid", `at ${offset}`);
    let value = 0n;
    for (let i = start; i < next; i++) value = (value << 8n) | BigInt(this.data[i] ?? 0);
    return { value, next };
  }

  readBool(offset: number, end: number): { value: boolean; next: number } {
    const { start, next } = this.open(offset, end, Tag.Boolean);
    const octet = this.data[start];
    if (next - start !== 1 || (octet !== 0 && octet !== 0xff)) {
      throw new AttestationError("DerValueInvalid", `at ${offset}`);
    }
    return { value: octet === 0xff, next };
  }

  /** An OBJECT IDENTIFIER, its contents in hexadecimal. */
  readOid(offset: number, end: number): { oid: string; next: number } {
    const { start, next } = this.open(offset, end, Tag.Oid);
    let begins = true;
    let valid = start !== next;
    for (let i = start; i < next; i++) {
      const octet = this.data[i] ?? 0;
      valid &&= !begins || octet !== 0x80;
      begins = octet < 0x80;
    }
    if (!valid || !begins) throw new AttestationError("DerValueInvalid", `at ${offset}`);
    return { oid: hexOf(this.data.subarray(start, next)), next };
  }

  /** Opens a BIT STRING of whole bytes; `start` is past its count of unused bits. */
  openBits(offset: number, end: number): Span {
    const { start, next } = this.open(offset, end, Tag.BitString);
    if (start === next || this.data[start] !== 0) throw new AttestationError("DerValueInvalid", `at ${offset}`);
    return { start: start + 1, next };
  }

  /** A UTCTime (1950 to 2049) or GeneralizedTime (2050 and later) as RFC 5280 has them, in Unix seconds from 1970. */
  readTime(offset: number, end: number): { time: number; next: number } {
    const short = this.isAt(offset, end, Tag.UtcTime);
    const { start, next } = this.open(offset, end, short ? Tag.UtcTime : Tag.GeneralizedTime);
    const text = String.fromCharCode(...this.data.subarray(start, Math.min(next, start + 16)));
    const match = (short ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
      text,
    );
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? []).slice(1).map(Number);
    const full = short ? year + (year < 50 ? 2000 : 1900) : year;
    const time = Date.UTC(full, month - 1, day, hour, minute, second);
    const back = new Date(time);
    const same =
      back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
    if (match === null || full < 1970 || (!short && full < 2050) || !same) {
      throw new AttestationError("DerValueInvalid", `at ${offset}`);
    }
    return { time: time / 1000, next };
  }
}

/** Bytes in hexadecimal, without 0x. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Bytes of hexadecimal text. @throws {AttestationError} HexInvalid. */
export function bytesOf(hex: string): Uint8Array {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new AttestationError("HexInvalid", `"${hex.slice(0, 20)}…"`);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
