import { stat } from "node:fs/promises";

import { CeremonyFileError } from "../../setup/ceremony/errors.ts";
import { readExactly, type SectionFile, withSections } from "../../setup/ceremony/sections.ts";
import { BASE_MODULUS, SCALAR_MODULUS } from "../../setup/field.ts";
import { ArtefactMismatchError, ProvingKeyError } from "../errors.ts";
import { PROOF_SYSTEMS, type ProofSystem } from "./systems.ts";

/** A proving key's file whose form was checked. */
export interface KeyFile {
  readonly path: string;
  readonly system: ProofSystem;
  /** Wires that a witness has, the constant included. */
  readonly wires: number;
  /** Public wires, the constant not counted. */
  readonly publics: number;
  /** Size of the evaluation domain. */
  readonly domain: number;
  readonly bytes: number;
  /** Changes when the file is written again. */
  readonly identity: string;
}

/** Largest proving key, in bytes. */
const MAX_BYTES = 2 ** 33;
/** Rows of the largest domain: 2^28 is the field's. */
const MAX_DOMAIN = 2 ** 28;
const MODULI = 72;
const REMEDY = "set up again";

/**
 * Reads a `.zkey`'s header, and checks that it is over BN254 and that its sections have the lengths that follow from it,
 * so that nobody allocates by a number that a hostile file made up.
 *
 * Not checked: its points and polynomials. A proof made with damaged ones does not verify, and is not handed out.
 *
 * @throws {ProvingKeyError} when it is missing, cut short, damaged, or not the key that was asked for.
 */
export async function readKeyFile(path: string, expected?: ProofSystem): Promise<KeyFile> {
  try {
    return await withSections(path, { magic: "zkey", maxBytes: MAX_BYTES, remedy: REMEDY }, async (file) => {
      const key = await read(file);
      if (expected !== undefined && key.system !== expected) {
        fail(path, `is a key for ${key.system}, not for ${expected}`);
      }
      return { ...key, identity: await identityOf(path) };
    });
  } catch (cause) {
    if (cause instanceof CeremonyFileError) throw new ProvingKeyError(cause.message, { cause });
    throw cause;
  }
}

/**
 * That the file is still the one that was read.
 *
 * @throws {ArtefactMismatchError} when it was replaced, written or removed.
 */
export async function requireUnchanged({ path, identity }: KeyFile): Promise<void> {
  if ((await identityOf(path)) === identity) return;
  throw new ArtefactMismatchError(`${path}: the proving key changed since it was opened; open the model again`);
}

async function identityOf(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info === undefined ? "missing" : `${info.dev}:${info.ino}:${info.size}:${info.mtimeNs}`;
}

function fail(path: string, why: string): never {
  throw new ProvingKeyError(`${path}: ${why}; ${REMEDY}`);
}

async function read(file: SectionFile): Promise<Omit<KeyFile, "identity">> {
  const { path, handle, sections, size } = file;
  const lengthOf = (id: number): number => sections.get(id)?.length ?? fail(path, `has no section ${id}`);
  const bytesOf = async (id: number, most: number): Promise<Buffer> => {
    const length = lengthOf(id);
    if (length > most) fail(path, `section ${id} has ${length} bytes, and at most ${most} are its`);
    return await readExactly(handle, path, sections.get(id)?.start ?? 0, length);
  };
  if (lengthOf(1) !== 4) fail(path, "does not say of which proof system it is");
  const number = (await bytesOf(1, 4)).readUInt32LE();
  const system = PROTOCOLS.get(number);
  if (system === undefined) return fail(path, `is of proof system ${number}, not ${PROOF_SYSTEMS.join(", ")}`);
  const header = await bytesOf(2, 4096);
  if (header.length !== HEADERS[system]) {
    fail(path, `its header has ${header.length} bytes, not ${HEADERS[system]}: another curve, or damaged`);
  }
  if (modulus(header, 0) !== BASE_MODULUS || modulus(header, 36) !== SCALAR_MODULUS) {
    fail(path, "is not of the curve BN254");
  }
  const [wires, publics, domain] = [0, 4, 8].map((at) => header.readUInt32LE(MODULI + at)) as [number, number, number];
  if (domain < 2 || domain > MAX_DOMAIN || !Number.isInteger(Math.log2(domain)) || publics >= wires) {
    fail(path, "its header's numbers of wires or rows are impossible");
  }
  const [additions, rows] =
    system === "groth16" ? [0, 0] : [header.readUInt32LE(MODULI + 12), header.readUInt32LE(MODULI + 16)];
  if (additions >= wires || rows > domain) fail(path, "its header's numbers of gates are impossible");
  for (const [id, length] of sectionLengths(system, { wires, publics, domain, additions, rows })) {
    if (lengthOf(id) !== length) fail(path, `section ${id} has ${lengthOf(id)} bytes, not ${length}`);
  }
  if (system === "groth16" && (lengthOf(4) < 4 || (lengthOf(4) - 4) % 44 !== 0)) {
    fail(path, "its section of coefficients has no whole entries");
  }
  return { path, system, wires: wires - additions, publics, domain, bytes: size };
}

const [FR, G1, G2] = [32, 64, 128];

/** Numbers of the systems in the format. */
const PROTOCOLS: ReadonlyMap<number, ProofSystem> = new Map([
  [1, "groth16"],
  [2, "plonk"],
  [10, "fflonk"],
]);

/** Bytes of the header, by system: two moduli, counts, then scalars and points. */
const HEADERS: Readonly<Record<ProofSystem, number>> = {
  groth16: MODULI + 12 + 3 * G1 + 3 * G2,
  plonk: MODULI + 20 + 2 * FR + 8 * G1 + G2,
  fflonk: MODULI + 20 + 6 * FR + G1 + G2,
};

interface Counts {
  readonly wires: number;
  readonly publics: number;
  readonly domain: number;
  readonly additions: number;
  readonly rows: number;
}

function sectionLengths(
  system: ProofSystem,
  { wires, publics, domain, additions, rows }: Counts,
): readonly (readonly [id: number, length: number])[] {
  if (system === "groth16") {
    return [
      [3, (publics + 1) * G1],
      [5, wires * G1],
      [6, wires * G1],
      [7, wires * G2],
      [8, (wires - publics - 1) * G1],
      [9, domain * G1],
    ];
  }
  // A polynomial is kept by its coefficients and its values on a domain four times as large.
  const polynomial = 5 * domain * FR;
  const lagrange = Math.max(publics, 1) * polynomial;
  const maps = [4, 5, 6].map((id) => [id, 4 * rows] as const);
  const selectors = [7, 8, 9, 10, 11].map((id) => [id, polynomial] as const);
  const shared = [[3, additions * (8 + 2 * FR)] as const, ...maps, ...selectors];
  return system === "plonk"
    ? [...shared, [12, 3 * polynomial], [13, lagrange], [14, (domain + 6) * G1]]
    : [
        ...shared,
        [12, polynomial],
        [13, polynomial],
        [14, polynomial],
        [15, lagrange],
        [16, (9 * domain + 18) * G1],
        [17, 8 * domain * FR],
      ];
}

function modulus(header: Buffer, at: number): bigint {
  if (header.readUInt32LE(at) !== 32) return 0n;
  return BigInt(
    `0x${Buffer.from(header.subarray(at + 4, at + 36))
      .reverse()
      .toString("hex")}`,
  );
}
