import { createHash } from "node:crypto";

import { G1_BYTES, G2_BYTES, readG1, readG2, uncompressed } from "./points.ts";

/** One step of a ceremony, as a key's record has it. */
export interface Contribution {
  /** A `beacon` is a public value that nobody could choose; anybody can do its step again. */
  readonly kind: "contribution" | "beacon";
  /** As it stands in the file: not part of any hash, so whoever passed the file on could have changed it. May be empty. */
  readonly name: string;
  /** BLAKE2b-512 of the step's public key, what snarkjs prints as the contribution hash; lower-case hex. */
  readonly hash: string;
  /** Of a beacon: the value in hex, and n, where SHA-256 is applied 2^n times. */
  readonly beacon?: { readonly value: string; readonly iterations: number };
}

/** A key's record of its ceremony. */
export interface CeremonyRecord {
  /** snarkjs's digest of the first key, which follows from circuit and powers of tau; lower-case hex. */
  readonly circuitHash: string;
  /** In the order in which they were made. */
  readonly contributions: readonly Contribution[];
  /** The last step's delta in G1, uncompressed; undefined before the first. */
  readonly delta1: Buffer | undefined;
}

/** A beacon is applied 2^n times; checking takes as long, so n has a limit. 2^24 takes about half a minute. */
export const MIN_BEACON_ITERATIONS = 10;
export const MAX_BEACON_ITERATIONS = 24;

/** Most steps of a ceremony. */
const MAX_CONTRIBUTIONS = 10_000;
/** Longest record: name and beacon have a length of one byte. */
export const MAX_RECORD_BYTES = 68 + MAX_CONTRIBUTIONS * (3 * G1_BYTES + G2_BYTES + 64 + 8 + 2 * 257 + 2);

/**
 * Reads section 10 of a key, the record of its ceremony: every point is on its curve and in its subgroup, and every
 * step's transcript is the hash of the steps before it.
 *
 * Not checked here: that a step's public key is of one secret, and that the key's points follow from it (`verifyCeremony`).
 *
 * @param fail Throws the error that names the file.
 */
export function parseRecord(bytes: Buffer, fail: (why: string) => never): CeremonyRecord {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) fail("its record of contributions is cut short");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const circuitHash = take(64);
  const count = take(4).readUInt32LE();
  if (count > MAX_CONTRIBUTIONS) fail(`its record has ${count} contributions; at most ${MAX_CONTRIBUTIONS} are read`);
  const before = createHash("blake2b512").update(circuitHash);
  const contributions: Contribution[] = [];
  let delta1: Buffer | undefined;
  for (let index = 1; index <= count; index++) {
    const point = (): Buffer => {
      const found = readG1(take(G1_BYTES));
      return uncompressed(found ?? fail(`contribution ${index} has a point that is not on the curve`));
    };
    const [delta, s, sx] = [point(), point(), point()];
    const spx = readG2(take(G2_BYTES)) ?? fail(`contribution ${index} has a point that is not in its group`);
    const transcript = take(64);
    const publicKey = Buffer.concat([delta, s, sx, uncompressed(spx), transcript]);
    if (!before.copy().update(s).update(sx).digest().equals(transcript)) {
      fail(`contribution ${index} does not follow from those before it`);
    }
    before.update(publicKey);
    delta1 = delta;
    const hash = createHash("blake2b512").update(publicKey).digest("hex");
    const type = take(4).readUInt32LE();
    const parameters = parseParameters(take(take(4).readUInt32LE()), index, fail);
    contributions.push(contributionOf(type, parameters, hash, index, fail));
  }
  if (at !== bytes.length) fail("has bytes after its record of contributions");
  return { circuitHash: circuitHash.toString("hex"), contributions, delta1 };
}

interface Parameters {
  readonly name?: Buffer;
  readonly iterations?: number;
  readonly value?: Buffer;
}

/** Parameters stand in the order of their numbers: 1 name, 2 iterations, 3 value of the beacon. */
function parseParameters(bytes: Buffer, index: number, fail: (why: string) => never): Parameters {
  let at = 0;
  let last = 0;
  const byte = (): number => bytes[at++] ?? fail(`contribution ${index} has parameters that are cut short`);
  const text = (): Buffer => {
    const length = byte();
    at += length;
    if (at > bytes.length) fail(`contribution ${index} has parameters that are cut short`);
    return bytes.subarray(at - length, at);
  };
  let found: Parameters = {};
  while (at < bytes.length) {
    const id = byte();
    if (id <= last || id > 3) fail(`contribution ${index} has parameters that are not known or not in order`);
    last = id;
    if (id === 1) found = { ...found, name: text() };
    else if (id === 2) found = { ...found, iterations: byte() };
    else found = { ...found, value: text() };
  }
  return found;
}

function contributionOf(
  type: number,
  { name = Buffer.alloc(0), iterations, value }: Parameters,
  hash: string,
  index: number,
  fail: (why: string) => never,
): Contribution {
  const step = { name: new TextDecoder().decode(name), hash };
  if (type === 0 && iterations === undefined && value === undefined) return { kind: "contribution", ...step };
  if (type !== 1 || iterations === undefined || value === undefined || value.length === 0) {
    return fail(`contribution ${index} is neither a contribution nor a beacon`);
  }
  if (iterations < MIN_BEACON_ITERATIONS || iterations > MAX_BEACON_ITERATIONS) {
    fail(`contribution ${index} is a beacon of 2^${iterations} hashes, not of 2^10 to 2^${MAX_BEACON_ITERATIONS}`);
  }
  return { kind: "beacon", ...step, beacon: { value: value.toString("hex"), iterations } };
}
