import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

import { curves } from "snarkjs";

import type { Progress } from "../emit/circom/compile.ts";
import { SetupInputError } from "./errors.ts";
import { BASE_MODULUS, inverse, power as exponent, SCALAR_MODULUS, toScalar } from "./field.ts";
import { buildThreadedFixedBase } from "./fixed-base-threads.ts";
import { lagrange, type SetupSecrets } from "./scalars.ts";

/** The numbers behind powers of tau. Whoever knows them can prove anything under keys made from the powers. */
export type PowersSecrets = Pick<SetupSecrets, "tau" | "alpha" | "beta">;

/** Options of {@link writePowers}. */
export interface PowersOptions {
  /** The file is for domains of up to 2^power; 1 to 20. */
  readonly power: number;
  /**
   * Leaves out what universal setups (PLONK, fflonk) do not read, which is most: alpha, beta, the powers in G2 after tau,
   * powers in G1 from `points` on, and Lagrange bases above 2^`domain`. Left out: the whole file.
   */
  readonly universal?: { readonly points: number; readonly domain: number };
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

const MAX_POWER = 20;

/** Secrets of development powers of tau, the same for the same seed. */
export function powersSecrets(seed: string | Uint8Array): PowersSecrets {
  const bytes = typeof seed === "string" ? new TextEncoder().encode(seed) : seed;
  if (bytes.length === 0) throw new SetupInputError("the seed is empty; give any text");
  const draw = (label: string): bigint => {
    const hash = createHash("sha512").update(`assay development powers of tau: ${label}\0`).update(bytes);
    return toScalar(BigInt(`0x${hash.digest("hex")}`));
  };
  return { tau: draw("tau"), alpha: draw("alpha"), beta: draw("beta") };
}

/**
 * Writes a powers-of-tau file in snarkjs's format, prepared for phase 2, from known secrets: for development only. Its
 * record of contributions is empty, and `ceremony` refuses it.
 *
 * Not safe to interrupt: give a path that nobody reads until this returns.
 *
 * @throws {SetupInputError} when the power is not 1 to 20, or a secret cannot be used.
 */
export async function writePowers(path: string, secrets: PowersSecrets, options: PowersOptions): Promise<void> {
  const { power, universal, onProgress, signal } = options;
  if (!Number.isInteger(power) || power < 1 || power > MAX_POWER) {
    throw new SetupInputError(`development powers of tau are for 2^1 to 2^${MAX_POWER} rows, not 2^${power}`);
  }
  for (const [name, value] of Object.entries(secrets) as [string, bigint][]) {
    if (value <= 0n || value >= SCALAR_MODULUS)
      throw new SetupInputError(`${name} is not in [1, r); take another seed`);
  }
  const { tau, alpha, beta } = secrets;
  const size = 2 ** power;
  const g1 = universal?.points ?? 2 * size - 1;
  if (g1 > 2 * size - 1 || (universal?.domain ?? 0) > power) {
    throw new SetupInputError(`2^${power} powers of tau do not hold ${g1} points; take a greater power`);
  }
  const powers = [1n];
  while (powers.length < g1) powers.push(((powers.at(-1) as bigint) * tau) % SCALAR_MODULUS);
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const bases = (most: number): bigint[] =>
    Array.from({ length: most + 1 }, (_, log) =>
      log === 0 ? [1n] : lagrange(tau, curve.Fr.toObject(curve.Fr.w[log] as Uint8Array), log),
    ).flat();
  const times = (values: readonly bigint[], by: bigint): bigint[] =>
    values.map((value) => (value * by) % SCALAR_MODULUS);
  const low = powers.slice(0, size);
  const upTo = universal === undefined ? bases(power) : [];
  const jobs: readonly (readonly [section: number, group: "g1" | "g2", scalars: readonly bigint[]])[] =
    universal === undefined
      ? [
          [2, "g1", powers],
          [3, "g2", low],
          [4, "g1", times(low, alpha)],
          [5, "g1", times(low, beta)],
          [6, "g2", [beta]],
          [12, "g1", [...upTo, ...truncated(tau, curve.Fr.toObject(curve.Fr.w[power + 1] as Uint8Array), power + 1)]],
          [13, "g2", upTo],
          [14, "g1", times(upTo, alpha)],
          [15, "g1", times(upTo, beta)],
        ]
      : [
          [2, "g1", powers],
          [3, "g2", [1n, tau]],
          [12, "g1", bases(universal.domain)],
        ];
  const total = jobs.reduce((sum, [, , scalars]) => sum + scalars.length, 0);
  const base = await buildThreadedFixedBase(signal === undefined ? {} : { signal });
  const file = await open(path, "wx");
  try {
    await file.write(Buffer.concat([Buffer.from("ptau"), uint32(1), uint32(jobs.length + 2)]));
    const header = Buffer.concat([
      uint32(32),
      Buffer.from(BASE_MODULUS.toString(16).padStart(64, "0"), "hex").reverse(),
    ]);
    await section(file, 1, Buffer.concat([header, uint32(power), uint32(power)]));
    await section(file, 7, uint32(0));
    let before = 0;
    for (const [id, group, scalars] of jobs) {
      signal?.throwIfAborted();
      const points = await base.multiply(group, scalars, (done) => {
        onProgress?.({ step: "powers of tau", done: before + done, total });
      });
      before += scalars.length;
      await section(file, id, points);
    }
  } finally {
    await file.close();
    await base.close();
  }
}

/**
 * Lagrange bases of the domain twice as large, without their highest coefficient, as every prepared file has them: powers
 * of tau end one short of it. Provers never use it, because the quotient's polynomial has no such term.
 */
function truncated(tau: bigint, root: bigint, log: number): bigint[] {
  const size = 2 ** log;
  const top = (exponent(tau, BigInt(size - 1)) * inverse(BigInt(size))) % SCALAR_MODULUS;
  let point = 1n;
  return lagrange(tau, root, log).map((value) => {
    const rest = toScalar(value - point * top);
    point = (point * root) % SCALAR_MODULUS;
    return rest;
  });
}

async function section(file: FileHandle, id: number, content: Uint8Array): Promise<void> {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(id, 0);
  head.writeBigUInt64LE(BigInt(content.length), 4);
  await file.writeFile(head);
  await file.writeFile(content);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
