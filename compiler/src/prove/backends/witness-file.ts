import { SCALAR_MODULUS } from "../../setup/field.ts";
import { WitnessFileError } from "../errors.ts";

/** Bytes before the wires: magic, version, a section with the field and one with the wires. */
const HEADER = 76;

/** Bytes of a `wtns` file of so many wires. */
export function witnessBytes(wires: number): number {
  return HEADER + 32 * wires;
}

/**
 * Checks the form of a `wtns` file, that it has the wires of the key, and that its public wires are the statement's words.
 *
 * Not checked: that it satisfies the constraints. A proof of one that does not is refused when it is verified.
 *
 * @throws {WitnessFileError} when it is anything else.
 */
export function checkWitnessFile(file: Uint8Array, wires: number, words: readonly bigint[]): void {
  const fail = (why: string): never => {
    throw new WitnessFileError(`witness: ${why}; make it with the witness program of the same circuit`);
  };
  const expected = witnessBytes(wires);
  if (file.length !== expected) fail(`${file.length} bytes; ${wires} wires take ${expected}`);
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const section = (at: number, id: number, length: number): boolean =>
    bytes.readUInt32LE(at) === id && bytes.readBigUInt64LE(at + 4) === BigInt(length);
  if (bytes.toString("latin1", 0, 4) !== "wtns" || bytes.readUInt32LE(4) !== 2 || bytes.readUInt32LE(8) !== 2)
    fail("is not a wtns file of version 2");
  if (!section(12, 1, 40) || bytes.readUInt32LE(24) !== 32) fail("its header is damaged");
  if (element(bytes, 28) !== SCALAR_MODULUS) fail("is not of BN254's field");
  if (bytes.readUInt32LE(60) !== wires || !section(64, 2, 32 * wires)) fail("its number of wires is another");
  if (wires <= words.length || element(bytes, HEADER) !== 1n) fail("its first wire is not the constant 1");
  for (let wire = 1; wire < wires; wire++) {
    // Only the highest bytes can show that an element is not in the field, and nearly always do.
    if ((bytes[HEADER + 32 * wire + 31] as number) >= 0x30 && element(bytes, HEADER + 32 * wire) >= SCALAR_MODULUS)
      fail(`wire ${wire} is not in the field`);
  }
  for (const [index, word] of words.entries()) {
    if (element(bytes, HEADER + 32 * (index + 1)) !== word) fail(`public word ${index} is not the statement's`);
  }
}

function element(bytes: Buffer, at: number): bigint {
  return (
    bytes.readBigUInt64LE(at) |
    (bytes.readBigUInt64LE(at + 8) << 64n) |
    (bytes.readBigUInt64LE(at + 16) << 128n) |
    (bytes.readBigUInt64LE(at + 24) << 192n)
  );
}
