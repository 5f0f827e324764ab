import { BASE_MODULUS } from "../field.ts";
import { CeremonyFileError, CircuitTooLargeError, PtauHashError } from "./errors.ts";
import { hashFile } from "./files.ts";
import { MAX_PTAU_POWER, PINNED_PTAU, ptauName } from "./pinned.ts";
import { readExactly, withSections } from "./sections.ts";

/** Powers of tau whose form and hash were checked. */
export interface Ptau {
  readonly path: string;
  /** Largest domain is 2^power. */
  readonly power: number;
  /** Hash of the whole file, in lower-case hex. */
  readonly blake2b512: string;
  /** Whether that is the hash of a file of the perpetual powers of tau. */
  readonly pinned: boolean;
}

/** Room for the header, the table of sections and the record of phase 1's contributions (54: about 70 kB). */
const RECORD_BYTES = 1 << 20;

const REMEDY = "download the file again, or give another with --ptau";

/** Most bytes that a prepared file of 2^`power` has. */
export function ptauMaxBytes(power: number): number {
  const lengths = [...sectionLengths(power).values()];
  return lengths.reduce((sum, length) => sum + length, RECORD_BYTES);
}

/**
 * Reads a prepared powers-of-tau file's header, checks its form, and hashes the whole file. Its name plays no part.
 *
 * Not checked: the points themselves, of a file that is not pinned; whoever made it may know tau.
 *
 * @param needed Least power that will do.
 * @param unpinned Take a file that is not in the table of the perpetual powers of tau.
 * @throws {CeremonyFileError} when it is cut short, not prepared for phase 2, or of another curve.
 * @throws {CircuitTooLargeError} when its power is below `needed`.
 * @throws {PtauHashError} when its hash is not pinned and `unpinned` was not said.
 */
export async function openPtau(path: string, needed: number, unpinned: boolean): Promise<Ptau> {
  const power = await readPower(path);
  if (power < needed) {
    throw new CircuitTooLargeError(
      `${path}: holds 2^${power} powers of tau and the circuit needs 2^${needed}; take ${
        needed <= MAX_PTAU_POWER ? ptauName(needed) : "a smaller model"
      }`,
    );
  }
  const blake2b512 = await hashFile(path, "blake2b512");
  const expected = PINNED_PTAU.get(power);
  const pinned = blake2b512 === expected;
  if (!pinned && !unpinned) {
    throw new PtauHashError(
      `${path}: its BLAKE2b-512 is ${blake2b512}, and ${ptauName(power)} has ${expected ?? "none that is known"}; ` +
        "download it again, or say --unpinned-ptau when it is of a ceremony that you trust",
    );
  }
  return { path, power, blake2b512, pinned };
}

async function readPower(path: string): Promise<number> {
  const limits = { magic: "ptau", maxBytes: ptauMaxBytes(MAX_PTAU_POWER), remedy: REMEDY };
  return await withSections(path, limits, async ({ handle, sections }) => {
    const fail = (why: string): never => {
      throw new CeremonyFileError(`${path}: ${why}; ${REMEDY}`);
    };
    const header = sections.get(1) ?? fail("has no header");
    if (header.length !== 44) fail(`its header has ${header.length} bytes, not 44`);
    const bytes = await readExactly(handle, path, header.start, header.length);
    const modulus = BigInt(`0x${Buffer.from(bytes.subarray(4, 36)).reverse().toString("hex")}`);
    if (bytes.readUInt32LE(0) !== 32 || modulus !== BASE_MODULUS) fail("is not of the curve BN254");
    const power = bytes.readUInt32LE(36);
    if (power < 1 || power > MAX_PTAU_POWER) fail(`its power is ${power}, not one from 1 to ${MAX_PTAU_POWER}`);
    if (!sections.has(12)) fail("is not prepared for phase 2 (snarkjs powersoftau prepare phase2)");
    for (const [id, length] of sectionLengths(power)) {
      const found = sections.get(id)?.length;
      if (found !== length) fail(`section ${id} has ${found ?? "no"} bytes, and 2^${power} powers take ${length}`);
    }
    if ((sections.get(7)?.length ?? 0) > RECORD_BYTES) fail("its record of contributions is too long");
    return power;
  });
}

/** Bytes of each section whose length follows from the power. */
function sectionLengths(power: number): ReadonlyMap<number, number> {
  const size = 2 ** power;
  return new Map([
    [1, 44],
    [2, (2 * size - 1) * 64],
    [3, size * 128],
    [4, size * 64],
    [5, size * 64],
    [6, 128],
    // Lagrange bases of every domain up to 2^power; of tau in G1, up to twice that.
    [12, (4 * size - 1) * 64],
    [13, (2 * size - 1) * 128],
    [14, (2 * size - 1) * 64],
    [15, (2 * size - 1) * 64],
  ]);
}
