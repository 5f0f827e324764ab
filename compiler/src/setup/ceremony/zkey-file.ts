import { BASE_MODULUS, SCALAR_MODULUS } from "../field.ts";
import type { G1Point, G2Point, VerifyingKey } from "../verifying-key.ts";
import { CeremonyFileError } from "./errors.ts";
import { G1_BYTES, G2_BYTES, isG1OrInfinity, readG1, readG2, uncompressed } from "./points.ts";
import { type CeremonyRecord, MAX_RECORD_BYTES, parseRecord } from "./record.ts";
import { readExactly, type Section, type SectionFile, withSections } from "./sections.ts";

/** A proving key as far as it can be read without circuit and powers of tau. */
export interface CeremonyKey extends CeremonyRecord {
  readonly wires: number;
  /** Public wires, the constant not counted. */
  readonly publics: number;
  /** log2 of the domain. */
  readonly power: number;
  readonly verifyingKey: VerifyingKey;
}

/** Largest key, the limit of a model folder's files, too. */
export const MAX_ZKEY_BYTES = 1 << 30;

const REMEDY = "get the file again from whom it came";
const HEADER_BYTES = 2 * 36 + 12 + 3 * G1_BYTES + 3 * G2_BYTES;
const GENERATOR = uncompressed([1n, 2n]);
/** Points checked between two reads of the file. */
const CHUNK = 1 << 13;

/**
 * Reads a `.zkey` of a Groth16 ceremony over BN254: sections of the lengths that follow from its header, points that are
 * on their curves, a record whose hashes follow from each other and end in the key's delta.
 *
 * @throws {CeremonyFileError} when it is over 1 GiB, cut short or damaged where that can be seen.
 */
export async function readCeremonyKey(path: string): Promise<CeremonyKey> {
  const fail = (why: string): never => {
    throw new CeremonyFileError(`${path}: ${why}; ${REMEDY}`);
  };
  return await withSections(path, { magic: "zkey", maxBytes: MAX_ZKEY_BYTES, remedy: REMEDY }, async (file) => {
    const section = (id: number): Section => file.sections.get(id) ?? fail(`has no section ${id}`);
    const bytes = async ({ start, length }: Section): Promise<Buffer> =>
      await readExactly(file.handle, path, start, length);
    if (section(1).length !== 4 || (await bytes(section(1))).readUInt32LE() !== 1) fail("is not a key for Groth16");
    if (section(2).length !== HEADER_BYTES) fail(`its header has ${section(2).length} bytes, not ${HEADER_BYTES}`);
    const header = await bytes(section(2));
    if (modulus(header, 0) !== BASE_MODULUS || modulus(header, 36) !== SCALAR_MODULUS)
      fail("is not of the curve BN254");
    const [wires, publics, domain] = [72, 76, 80].map((at) => header.readUInt32LE(at)) as [number, number, number];
    const power = Math.log2(domain);
    if (!Number.isInteger(power) || publics >= wires) fail("its header's numbers of wires or rows are impossible");
    const coefficients = (section(4).length - 4) / 44;
    if (!Number.isInteger(coefficients) || coefficients < 0) fail("its section of coefficients has no whole entries");
    for (const [id, length] of [
      [3, (publics + 1) * G1_BYTES],
      [5, wires * G1_BYTES],
      [6, wires * G1_BYTES],
      [7, wires * G2_BYTES],
      [8, (wires - publics - 1) * G1_BYTES],
      [9, domain * G1_BYTES],
    ] as const) {
      if (section(id).length !== length) fail(`section ${id} has ${section(id).length} bytes, not ${length}`);
    }
    if (section(10).length > MAX_RECORD_BYTES) fail("its record of contributions is too long");
    const record = parseRecord(await bytes(section(10)), fail);
    const { verifyingKey, delta1 } = headerPoints(header, await bytes(section(3)), fail);
    if (!(record.delta1 ?? GENERATOR).equals(uncompressed(delta1)))
      fail("its delta is not that of its last contribution");
    // What contributions change; the rest is compared byte for byte with the first key.
    for (const id of [8, 9]) await checkPoints(file, section(id), fail);
    return { ...record, wires, publics, power, verifyingKey };
  });
}

/** alpha1, beta1, beta2, gamma2, delta1, delta2 behind the header's numbers, and the points of the public words. */
function headerPoints(
  header: Buffer,
  ic: Buffer,
  fail: (why: string) => never,
): { readonly verifyingKey: VerifyingKey; readonly delta1: G1Point } {
  const one = (bytes: Buffer, at: number): G1Point => readG1(bytes, at) ?? fail("has a point that is not on the curve");
  const two = (at: number): G2Point => {
    const [x0, x1, y0, y1] = readG2(header, at) ?? fail("has a point that is not in its group");
    return [x1, x0, y1, y0];
  };
  const at = HEADER_BYTES - 3 * G1_BYTES - 3 * G2_BYTES;
  one(header, at + G1_BYTES);
  const verifyingKey = {
    alpha: one(header, at),
    beta: two(at + 2 * G1_BYTES),
    gamma: two(at + 2 * G1_BYTES + G2_BYTES),
    delta: two(at + 3 * G1_BYTES + 2 * G2_BYTES),
    ic: Array.from({ length: ic.length / G1_BYTES }, (_, index) => one(ic, index * G1_BYTES)),
  };
  return { verifyingKey, delta1: one(header, at + 2 * G1_BYTES + 2 * G2_BYTES) };
}

async function checkPoints(file: SectionFile, section: Section, fail: (why: string) => never): Promise<void> {
  const end = section.start + section.length;
  for (let start = section.start; start < end; start += CHUNK * G1_BYTES) {
    const bytes = await readExactly(file.handle, file.path, start, Math.min(CHUNK * G1_BYTES, end - start));
    for (let at = 0; at < bytes.length; at += G1_BYTES) {
      if (!isG1OrInfinity(bytes, at)) fail(`the point at byte ${start + at} is not on the curve`);
    }
  }
}

function modulus(header: Buffer, at: number): bigint {
  if (header.readUInt32LE(at) !== 32) return 0n;
  return BigInt(
    `0x${Buffer.from(header.subarray(at + 4, at + 36))
      .reverse()
      .toString("hex")}`,
  );
}
