import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { curves } from "snarkjs";
import { z } from "zod";

import type { Progress } from "../emit/circom/compile.ts";
import { readKeyFile } from "../prove/backends/key-file.ts";
import { ProvingKeyError } from "../prove/errors.ts";
import { ceremonyManifestSchema } from "./ceremony/manifest.ts";
import { SetupInputError } from "./errors.ts";
import { SCALAR_MODULUS } from "./field.ts";
import { buildThreadedFixedBase } from "./fixed-base-threads.ts";
import type { FixedBase } from "./fixed-base.ts";
import { parseR1cs, readR1csBytes, type R1cs } from "./r1cs.ts";
import { developmentSecrets, domainPower, keyScalars, type KeyScalars, type SetupSecrets } from "./scalars.ts";
import { verifyingKeyHash } from "./verifying-key-hash.ts";
import { parseVerifyingKey, toSnarkjs, verifyingKeyOf, type VerifyingKey } from "./verifying-key.ts";
import { type KeyPoints, writeZkey } from "./zkey.ts";

/** Options of {@link setupDevelopment}. */
export interface DevelopmentSetupOptions {
  /** Any text or bytes; the same seed and circuit give the same key. Whoever has it can forge proofs. */
  readonly seed: string | Uint8Array;
  /** Folder in which the setup gets a folder of its own. */
  readonly outDir: string;
  /** Digest of the integer graph that the circuit was emitted from, for the manifest. */
  readonly graphDigest?: `0x${string}`;
  readonly onProgress?: (progress: Progress) => void;
}

const hex32 = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)]);
const developmentManifestSchema = z.strictObject({
  format: z.literal("assay.setup/1"),
  setup: z.literal("development"),
  /** SHA-256 of the seed. */
  seedHash: hex32,
  /** SHA-256 of the r1cs file. */
  r1csDigest: hex32,
  /** As the caller gave it. */
  graphDigest: hex32.optional(),
  verifyingKeyHash: hex32,
});
const manifestSchema = z.discriminatedUnion("setup", [developmentManifestSchema, ceremonyManifestSchema]);

/** What is known of how a key was made; `setup` says whether its maker can forge proofs. */
export type SetupManifest = Readonly<z.infer<typeof manifestSchema>>;

/** A proving key with its verifying key and manifest. */
export interface Setup {
  readonly folder: string;
  readonly zkeyPath: string;
  /** The verifying key in snarkjs's JSON form. */
  readonly verifyingKeyPath: string;
  readonly verifyingKey: VerifyingKey;
  readonly manifest: SetupManifest;
}

/**
 * Makes Groth16 keys for a circuit from a seed, without powers of tau, in seconds. Finds them again when they were made
 * before with the same seed, and makes them again where a file of them is missing or cut short; safe to interrupt.
 *
 * These keys are for development only: this process knew the secrets, so it could have proven anything. Verifier
 * contracts made from them refuse to be deployed on chains that are not local.
 *
 * @throws {R1csInvalidError} when the constraints cannot be read.
 * @throws {SetupInputError} when the seed is empty or the circuit too large.
 */
export async function setupDevelopment(r1csPath: string, options: DevelopmentSetupOptions): Promise<Setup> {
  const { outDir, onProgress } = options;
  const seed = typeof options.seed === "string" ? new TextEncoder().encode(options.seed) : options.seed;
  if (seed.length === 0) throw new SetupInputError("the seed is empty; give any text");
  const bytes = await readR1csBytes(r1csPath);
  const r1csDigest = sha256(bytes);
  const seedHash = sha256(seed);
  const name = sha256(Buffer.from(`assay.setup/1 ${hex(r1csDigest)} ${hex(seedHash)} ${options.graphDigest ?? "-"}`));
  const folder = join(outDir, name.toString("hex").slice(0, 32));
  const found = await whole(folder);
  if (found !== undefined) {
    onProgress?.({ step: "found in the cache", done: 1, total: 1 });
    return found;
  }

  const r1cs = parseR1cs(bytes, r1csPath);
  const { zkey, verifyingKey } = await makeKeys(r1cs, developmentSecrets(seed, r1csDigest), onProgress);
  const manifest: SetupManifest = {
    format: "assay.setup/1",
    setup: "development",
    seedHash: hex(seedHash),
    r1csDigest: hex(r1csDigest),
    ...(options.graphDigest === undefined ? {} : { graphDigest: hex32.parse(options.graphDigest) }),
    verifyingKeyHash: verifyingKeyHash(verifyingKey),
  };
  const work = `${folder}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(work, { recursive: true });
    await writeFile(join(work, "model.zkey"), zkey);
    await writeFile(join(work, "verifying-key.json"), `${JSON.stringify(toSnarkjs(verifyingKey), null, 2)}\n`);
    await writeFile(join(work, "setup.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    // What is there is damaged, unless another process made the same keys meanwhile.
    if ((await whole(folder)) === undefined) await rm(folder, { recursive: true, force: true });
    await rename(work, folder).catch(async (error: unknown) => {
      // Another process made the same keys first.
      if ((await readSetup(folder)) === undefined) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return (await readSetup(folder)) as Setup;
}

/** The setup in a folder of the cache; `undefined` where there is none, or a file of it is not of its form. */
async function whole(folder: string): Promise<Setup | undefined> {
  try {
    const setup = await readSetup(folder);
    if (setup !== undefined) await readKeyFile(setup.zkeyPath, "groth16");
    return setup;
  } catch (error) {
    if (error instanceof SetupInputError || error instanceof ProvingKeyError) return undefined;
    throw error;
  }
}

/**
 * Reads a setup from its folder, or gives `undefined` where there is none.
 *
 * @throws {SetupInputError} when the manifest or the verifying key is damaged, or the key not the one that the manifest
 * names.
 */
export async function readSetup(folder: string): Promise<Setup | undefined> {
  const text = await readFile(join(folder, "setup.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const fail = (why: string, cause?: unknown): never => {
    throw new SetupInputError(`${folder}: ${why}; delete the folder and set up again`, { cause });
  };
  const json = (content: string): unknown => {
    try {
      return JSON.parse(content);
    } catch (cause) {
      return fail("a file is not JSON", cause);
    }
  };
  const { data: manifest, error } = manifestSchema.safeParse(json(text));
  if (manifest === undefined) return fail("setup.json is damaged", error);
  const verifyingKeyPath = join(folder, "verifying-key.json");
  const key = await readFile(verifyingKeyPath, "utf8").catch((cause: unknown) => fail("has no verifying key", cause));
  const verifyingKey = parseVerifyingKey(json(key));
  if (verifyingKeyHash(verifyingKey) !== manifest.verifyingKeyHash) {
    return fail("the verifying key does not match setup.json");
  }
  return { folder, zkeyPath: join(folder, "model.zkey"), verifyingKeyPath, verifyingKey, manifest };
}

/** Makes a proving and a verifying key from known secrets. */
export async function makeKeys(
  r1cs: R1cs,
  secrets: SetupSecrets,
  onProgress?: (progress: Progress) => void,
): Promise<{ readonly zkey: Uint8Array; readonly verifyingKey: VerifyingKey }> {
  const log = domainPower(r1cs);
  const total = 3 * r1cs.wires + r1cs.wires + (1 << log);
  const report = (step: string, done: number): void => onProgress?.({ step, done, total });
  report("evaluating polynomials", 0);
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const root = curve.Fr.toObject(curve.Fr.w[log + 1] as Uint8Array);
  const scalars = keyScalars(r1cs, secrets, root);
  const base = await buildThreadedFixedBase();
  try {
    const key = await keyPoints(base, secrets, scalars, (step, done) => report(step, done));
    return { zkey: writeZkey(r1cs, log, key), verifyingKey: verifyingKeyOf(key, curve) };
  } finally {
    await base.close();
  }
}

/** All points of a key; `report` is told how many are done. */
async function keyPoints(
  base: FixedBase,
  secrets: SetupSecrets,
  scalars: KeyScalars,
  report: (step: string, done: number) => void,
): Promise<KeyPoints> {
  let before = 0;
  const points = async (group: "g1" | "g2", values: readonly bigint[], step: string): Promise<Uint8Array> => {
    const result = await base.multiply(group, values, (done) => report(step, before + done));
    before += values.length;
    return result;
  };
  const single = async (group: "g1" | "g2", value: bigint): Promise<Uint8Array> =>
    await multiplyOne(base, group, value);
  return {
    alpha1: await single("g1", secrets.alpha),
    beta1: await single("g1", secrets.beta),
    beta2: await single("g2", secrets.beta),
    gamma2: await single("g2", secrets.gamma),
    delta1: await single("g1", secrets.delta),
    delta2: await single("g2", secrets.delta),
    ic: await points("g1", scalars.ic, "points of public words"),
    a: await points("g1", scalars.a, "points of A"),
    b1: await points("g1", scalars.b, "points of B in G1"),
    b2: await points("g2", scalars.b, "points of B in G2"),
    c: await points("g1", scalars.c, "points of private wires"),
    h: await points("g1", scalars.h, "points of the quotient"),
  };
}

async function multiplyOne(base: FixedBase, group: "g1" | "g2", value: bigint): Promise<Uint8Array> {
  if (value <= 0n || value >= SCALAR_MODULUS) throw new SetupInputError("a secret is not in [1, r); take another seed");
  return await base.multiply(group, [value]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function hex(bytes: Buffer): `0x${string}` {
  return `0x${bytes.toString("hex")}`;
}
