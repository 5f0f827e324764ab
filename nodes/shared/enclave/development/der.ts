/** The contents of a DER INTEGER that is not negative: big-endian, shortest, with a zero byte before a set top bit. */
export function encodeUnsigned(value: bigint): ArrayBuffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even, "hex");
  return new Uint8Array(bytes).buffer;
}

/**
 * A DER SEQUENCE of elements that are encoded already. (The ASN.1 library would encode them anew.)
 *
 * @throws {RangeError} when the contents have 65,536 bytes or more.
 */
export function encodeSequence(elements: readonly Uint8Array[]): Uint8Array {
  const contents = Buffer.concat(elements);
  const length = contents.length;
  if (length > 0xffff) throw new RangeError(`the contents have ${length} bytes; the most is 65535`);
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(0x30, ...head), contents]);
}
