import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readSetup, type Setup } from "../development.ts";
import { verifyingKeyHash } from "../verifying-key-hash.ts";
import { toSnarkjs } from "../verifying-key.ts";
import type { CeremonyCircuit } from "./circuit.ts";
import { CeremonyFileError, CeremonyInvalidError, CeremonyOrderError } from "./errors.ts";
import { hashFile } from "./files.ts";
import { type CeremonyManifest, ceremonyManifestSchema } from "./manifest.ts";
import { type VerifiedCeremony, verifyCeremony } from "./verify.ts";

/** Options of {@link finaliseCeremony}. */
export interface FinaliseOptions {
  /** Folder in which the setup gets a folder of its own. */
  readonly outDir: string;
  /** Digest of the integer graph that the circuit was emitted from, for the manifest. */
  readonly graphDigest?: `0x${string}`;
  /** Take a key whose ceremony was not closed by a beacon. Default false. */
  readonly withoutBeacon?: boolean;
}

/**
 * Verifies a ceremony and writes its key as a setup: the folder that `setupDevelopment` writes, too, with
 * `setup: "ceremony"` in its manifest and the ceremony's transcript. Finds it again when it is there; safe to interrupt.
 *
 * @throws {CeremonyOrderError} when nobody contributed, the beacon is missing, or something follows it.
 * @throws {CeremonyInvalidError} when delta is gamma, which makes every proof forgeable.
 * @throws what {@link verifyCeremony} throws.
 */
export async function finaliseCeremony(
  circuit: CeremonyCircuit,
  zkeyPath: string,
  { outDir, graphDigest, withoutBeacon = false }: FinaliseOptions,
): Promise<Setup> {
  const zkeyDigest = await hashFile(zkeyPath, "sha256");
  const ceremony = await verifyCeremony(circuit, zkeyPath);
  requireComplete(zkeyPath, ceremony, withoutBeacon);
  const manifest = ceremonyManifestSchema.parse({
    ...ceremonyManifest(ceremony, zkeyDigest),
    ...(graphDigest === undefined ? {} : { graphDigest }),
  });
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const folder = join(outDir, createHash("sha256").update(text).digest("hex").slice(0, 32));
  const found = await readSetup(folder);
  if (found !== undefined) return found;

  const work = `${folder}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(work, { recursive: true });
    await copyFile(zkeyPath, join(work, "model.zkey"));
    if ((await hashFile(join(work, "model.zkey"), "sha256")) !== zkeyDigest) {
      throw new CeremonyFileError(`${zkeyPath}: changed while it was verified; leave it alone and finalise again`);
    }
    await writeFile(join(work, "verifying-key.json"), `${JSON.stringify(toSnarkjs(ceremony.verifyingKey), null, 2)}\n`);
    await writeFile(join(work, "setup.json"), text);
    await rename(work, folder).catch(async (error: unknown) => {
      // Another process made the same setup first.
      if ((await readSetup(folder)) === undefined) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return (await readSetup(folder)) as Setup;
}

function requireComplete(path: string, ceremony: VerifiedCeremony, withoutBeacon: boolean): void {
  const { contributions, complete, verifyingKey } = ceremony;
  const kinds = contributions.map(({ kind }) => kind);
  if (!kinds.includes("contribution")) {
    throw new CeremonyOrderError(
      `${path} has no contribution, so everybody knows its secret and can forge proofs; run \`zkml ceremony contribute\``,
    );
  }
  const { gamma, delta } = verifyingKey;
  if (gamma.every((word, index) => word === delta[index])) {
    throw new CeremonyInvalidError(
      `${path}: its contributions cancel out, and everybody can forge proofs; begin again`,
    );
  }
  if (complete || (withoutBeacon && !kinds.includes("beacon"))) return;
  throw new CeremonyOrderError(
    kinds.includes("beacon")
      ? `${path} goes on after a beacon, which must be its last step; finalise the key that the beacon made`
      : `${path} was not closed by a beacon; run \`zkml ceremony beacon\`, or say --without-beacon`,
  );
}

/** What a setup's manifest says of a verified ceremony. */
export function ceremonyManifest(ceremony: VerifiedCeremony, zkeyDigest: string): CeremonyManifest {
  const { r1csDigest, verifyingKey, circuitHash, ptau, contributions } = ceremony;
  const last = contributions.at(-1);
  return {
    format: "assay.setup/1",
    setup: "ceremony",
    r1csDigest,
    verifyingKeyHash: verifyingKeyHash(verifyingKey),
    zkeyDigest: `0x${zkeyDigest}`,
    circuitHash,
    ptau: { blake2b512: ptau.blake2b512, power: ptau.power, pinned: ptau.pinned },
    contributions: contributions
      .filter(({ kind }) => kind === "contribution")
      .map(({ name, hash }) => ({ name, hash })),
    ...(last?.beacon === undefined ? {} : { beacon: { name: last.name, hash: last.hash, ...last.beacon } }),
  };
}
