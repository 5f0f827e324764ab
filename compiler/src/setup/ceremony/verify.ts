import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { VerifyingKey } from "../verifying-key.ts";
import { type CeremonyCircuit, openCircuit } from "./circuit.ts";
import { CeremonyFailedError, CeremonyInvalidError } from "./errors.ts";
import type { Ptau } from "./ptau.ts";
import type { Contribution } from "./record.ts";
import { runStep, type StepOptions } from "./steps.ts";
import { type CeremonyKey, readCeremonyKey } from "./zkey-file.ts";

/** A key that follows from its circuit, its powers of tau and its contributions, and how. */
export interface VerifiedCeremony {
  readonly circuitHash: string;
  readonly r1csDigest: `0x${string}`;
  readonly ptau: Ptau;
  /** In the order in which they were made. Names are not part of what is checked. */
  readonly contributions: readonly Contribution[];
  /** Whether there is a contribution, then a beacon, and nothing after it. */
  readonly complete: boolean;
  readonly verifyingKey: VerifyingKey;
}

/**
 * Checks a key from the beginning: makes the ceremony's first key again from circuit and powers of tau, then checks that
 * every contribution builds on the one before it, that beacons are what they say, and that the key's points follow.
 *
 * Not checked: that contributors forgot their secrets, that names are theirs (ask them for the hash), that nobody could
 * choose the beacon. The check of the key's two large sections draws random 32-bit factors, so it errs with chance 2^-32.
 *
 * @throws {CeremonyFileError} when the key is cut short or malformed.
 * @throws {CeremonyInvalidError} when it is of another circuit or other powers of tau, or does not follow.
 * @throws what opening circuit and powers of tau throws.
 */
export async function verifyCeremony(circuit: CeremonyCircuit, zkeyPath: string): Promise<VerifiedCeremony> {
  const key = await readCeremonyKey(zkeyPath);
  const { r1csPath, r1csDigest, wires, publics, power, ptau } = await openCircuit(circuit);
  if (key.wires !== wires || key.publics !== publics || key.power !== power) {
    throw otherCircuit(zkeyPath, r1csPath, `${key.wires} wires, ${key.publics} public, for ${wires} and ${publics}`);
  }
  const { onProgress, signal } = circuit;
  const options: StepOptions = {
    onStep: (step) => onProgress?.({ step, done: 0, total: 1 }),
    ...(signal === undefined ? {} : { signal }),
  };
  const work = await mkdtemp(join(tmpdir(), "assay-ceremony-"));
  try {
    const init = join(work, "init.zkey");
    const made = await runStep({ step: "new", r1cs: r1csPath, ptau: ptau.path, to: init }, options);
    if (!made.ok)
      throw new CeremonyFailedError(`${r1csPath} with ${ptau.path}: ${made.why}; compile the circuit again`);
    if (made.hash !== key.circuitHash) {
      throw otherCircuit(zkeyPath, r1csPath, `circuit hash ${key.circuitHash} for ${made.hash}`);
    }
    const checked = await runStep({ step: "verify", init, ptau: ptau.path, zkey: zkeyPath }, options);
    if (!checked.ok) {
      throw new CeremonyInvalidError(
        `${zkeyPath} does not follow from its contributions (${checked.why}); do not use it, go back to the last key ` +
          "that verifies",
      );
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const { circuitHash, contributions, verifyingKey } = key;
  return { circuitHash, r1csDigest, ptau, contributions, complete: isComplete(key), verifyingKey };
}

function isComplete({ contributions }: Pick<CeremonyKey, "contributions">): boolean {
  const kinds = contributions.map(({ kind }) => kind);
  return kinds.length >= 2 && kinds.indexOf("beacon") === kinds.length - 1;
}

function otherCircuit(zkeyPath: string, r1csPath: string, how: string): CeremonyInvalidError {
  return new CeremonyInvalidError(
    `${zkeyPath} is not of the circuit ${r1csPath}, or of other powers of tau (${how}); give the files that the ceremony ` +
      "began with",
  );
}
