import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { Progress } from "../emit/circom/compile.ts";
import { readSystemKey, type SystemKey } from "../prove/backends/system-key.ts";
import { innerKey } from "../prove/model.ts";
import { hashFile } from "./ceremony/files.ts";
import { findPtau, type PtauSource } from "./ceremony/find-ptau.ts";
import { runStep } from "./ceremony/steps.ts";
import { SetupInputError } from "./errors.ts";
import { gateCount, universalPower } from "./gates.ts";
import { powersSecrets, writePowers } from "./powers.ts";
import { readR1cs } from "./r1cs.ts";

/** Proof systems whose keys follow from any powers of tau, without a ceremony for the circuit. */
export type UniversalSystem = "plonk" | "fflonk";

/** Options of {@link setupUniversal}. */
export interface UniversalSetupOptions {
  readonly system: UniversalSystem;
  /** Folder in which the setup gets a folder of its own. */
  readonly outDir: string;
  /**
   * A seed for powers of tau that are made here, for development: whoever has it can forge proofs. Or a ceremony's file,
   * as `findPtau` finds it.
   */
  readonly tau: { readonly seed: string | Uint8Array } | { readonly ptau: Omit<PtauSource, "onProgress" | "signal"> };
  /** Digest of the integer graph that the circuit was emitted from, for the manifest. */
  readonly graphDigest?: `0x${string}`;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

const hex32 = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)]);
const common = {
  format: z.literal("assay.universal-setup/1"),
  system: z.enum(["plonk", "fflonk"]),
  r1csDigest: hex32,
  graphDigest: hex32.optional(),
  /** SHA-256 of the proving key. */
  zkeyDigest: hex32,
};
const manifestSchema = z.discriminatedUnion("setup", [
  /** `seedHash` is the SHA-256 of the seed. */
  z.strictObject({ ...common, setup: z.literal("development"), seedHash: hex32 }),
  z.strictObject({
    ...common,
    setup: z.literal("powers-of-tau"),
    blake2b512: z.string().regex(/^[0-9a-f]{128}$/),
    pinned: z.boolean(),
  }),
]);

/** What is known of how universal keys were made. */
export type UniversalManifest = Readonly<z.infer<typeof manifestSchema>>;

/** Keys of a universal setup. */
export interface UniversalSetup {
  readonly folder: string;
  readonly zkeyPath: string;
  readonly verifyingKey: SystemKey<UniversalSystem>;
  readonly manifest: UniversalManifest;
}

/**
 * Makes PLONK or fflonk keys for a circuit with snarkjs, in a process of its own; finds them again when they were made
 * before from the same circuit and powers. Safe to interrupt.
 *
 * Proofs under these keys are checked off chain: no contract of Assay's takes them.
 *
 * @throws {R1csInvalidError} when the constraints cannot be read.
 * @throws {SetupInputError} when the seed is empty, or the circuit is too large.
 * @throws {CircuitTooLargeError | PtauHashError | PtauDownloadError} when powers of tau are missing or not the pinned ones.
 * @throws the signal's reason when it ends the work.
 */
export async function setupUniversal(r1csPath: string, options: UniversalSetupOptions): Promise<UniversalSetup> {
  const { system, outDir, tau, graphDigest, onProgress, signal } = options;
  const report = (step: string, done: number): void => onProgress?.({ step, done, total: 3 });
  report("reading constraints", 0);
  const r1cs = await readR1cs(r1csPath);
  const r1csDigest = `0x${await hashFile(r1csPath, "sha256")}` as const;
  const domain = universalPower(system, gateCount(r1cs));
  // fflonk commits to polynomials of up to nine times the domain, with 18 coefficients for blinding.
  const points = system === "plonk" ? 2 ** domain + 6 : 9 * 2 ** domain + 18;
  const power = system === "plonk" ? domain : domain + 3;

  const progress = onProgress === undefined ? {} : { onProgress };
  const stopping = signal === undefined ? {} : { signal };
  const source = "seed" in tau ? undefined : await findPtau(power, { ...tau.ptau, ...progress, ...stopping });
  const origin =
    source === undefined
      ? ({ setup: "development", seedHash: sha256((tau as { seed: string | Uint8Array }).seed) } as const)
      : ({ setup: "powers-of-tau", blake2b512: source.blake2b512, pinned: source.pinned } as const);
  const name = sha256(JSON.stringify(["assay.universal-setup/1", system, r1csDigest, graphDigest ?? null, origin]));
  const folder = join(outDir, name.slice(2, 34));
  const found = await readUniversal(folder);
  if (found !== undefined) {
    report("found in the cache", 3);
    return found;
  }

  const work = `${folder}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(work, { recursive: true });
    let ptau = source?.path;
    if (ptau === undefined) {
      ptau = join(work, "powers.ptau");
      const universal = { points, domain: system === "plonk" ? domain : 0 };
      await writePowers(ptau, powersSecrets((tau as { seed: string | Uint8Array }).seed), {
        power,
        universal,
        ...progress,
        ...stopping,
      });
    }
    report(`making ${system} keys`, 1);
    const zkey = join(work, "model.zkey");
    const answer = await runStep({ step: "universal", system, r1cs: r1csPath, ptau, to: zkey }, stopping);
    if (!answer.ok)
      throw new SetupInputError(`snarkjs made no ${system} keys: ${answer.why}; compile the circuit again`);
    if (source === undefined) await rm(ptau);
    report("exporting the verifying key", 2);
    const { json } = await innerKey(zkey);
    const manifest: UniversalManifest = {
      format: "assay.universal-setup/1",
      system,
      r1csDigest,
      ...(graphDigest === undefined ? {} : { graphDigest: hex32.parse(graphDigest) }),
      zkeyDigest: `0x${await hashFile(zkey, "sha256")}`,
      ...origin,
    };
    await writeFile(join(work, "verifying-key.json"), `${JSON.stringify(json, null, 2)}\n`);
    await writeFile(join(work, "setup.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(work, folder).catch(async (error: unknown) => {
      // Another process made the same keys first.
      if ((await readUniversal(folder)) === undefined) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  report("set up", 3);
  return (await readUniversal(folder)) as UniversalSetup;
}

/**
 * Reads a universal setup from its folder, or gives `undefined` where there is none.
 *
 * @throws {SetupInputError} when keys and manifest do not belong together.
 */
export async function readUniversal(folder: string): Promise<UniversalSetup | undefined> {
  const text = await readFile(join(folder, "setup.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const fail = (why: string): never => {
    throw new SetupInputError(`${folder}: ${why}; delete the folder and set up again`);
  };
  let manifest: UniversalManifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(text));
  } catch {
    return fail("setup.json is damaged");
  }
  const zkeyPath = join(folder, "model.zkey");
  const verifyingKey = await readSystemKey(join(folder, "verifying-key.json"));
  if (verifyingKey.system !== manifest.system) return fail("the verifying key is of another proof system");
  if (`0x${await hashFile(zkeyPath, "sha256")}` !== manifest.zkeyDigest) {
    return fail("the proving key is not the one that setup.json names");
  }
  return { folder, zkeyPath, verifyingKey: verifyingKey as SystemKey<UniversalSystem>, manifest };
}

function sha256(data: string | Uint8Array): `0x${string}` {
  return `0x${createHash("sha256").update(data).digest("hex")}`;
}
