import { readFile, stat } from "node:fs/promises";

import { z } from "zod";

import { BASE_MODULUS, SCALAR_MODULUS } from "../../setup/field.ts";
import { parseVerifyingKey, toSnarkjs } from "../../setup/verifying-key.ts";
import { ProvingKeyError } from "../errors.ts";
import type { ProofSystem } from "./systems.ts";

/** A verifying key of any of the proof systems. */
export interface SystemKey<S extends ProofSystem = ProofSystem> {
  readonly system: S;
  /** Number of public words. */
  readonly publics: number;
  /** snarkjs's JSON form. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Largest verifying key's file, in bytes: 65,536 public words. */
const MAX_BYTES = 1 << 24;

const below = (modulus: bigint) =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,77})$/)
    .refine((value) => BigInt(value) < modulus, "not in its field");
const coordinate = below(BASE_MODULUS);
const scalar = below(SCALAR_MODULUS);
// A selector that no row uses commits to 0, which is the point at infinity.
const g1 = z.union([
  z.tuple([coordinate, coordinate, z.literal("1")]),
  z.tuple([z.literal("0"), z.literal("1"), z.literal("0")]),
]);
const pair = z.tuple([coordinate, coordinate]);
const g2 = z.tuple([pair, pair, z.tuple([z.literal("1"), z.literal("0")])]);
const common = {
  curve: z.literal("bn128"),
  nPublic: z
    .int()
    .min(0)
    .max(1 << 16),
  power: z.int().min(3).max(28),
  k1: scalar,
  k2: scalar,
  w: scalar,
  X_2: g2,
};
const universal = z.discriminatedUnion("protocol", [
  z.strictObject({
    ...common,
    protocol: z.literal("plonk"),
    Qm: g1,
    Ql: g1,
    Qr: g1,
    Qo: g1,
    Qc: g1,
    S1: g1,
    S2: g1,
    S3: g1,
  }),
  z.strictObject({
    ...common,
    protocol: z.literal("fflonk"),
    w3: scalar,
    w4: scalar,
    w8: scalar,
    wr: scalar,
    C0: g1,
  }),
]);

/**
 * Reads a verifying key in snarkjs's JSON form; its `protocol` says of which system it is.
 *
 * Not checked: that points are on their curves. Verifying refuses a proof under a key whose points are not.
 *
 * @throws {ProvingKeyError} when it is not a key over BN254 of one of the three systems.
 */
export function parseSystemKey(json: unknown): SystemKey {
  const fail = (why: string, cause?: unknown): never => {
    throw new ProvingKeyError(`verifying key: ${why}; export it again from the proving key`, { cause });
  };
  if (typeof json === "object" && json !== null && "protocol" in json && json.protocol === "groth16") {
    try {
      const key = parseVerifyingKey(json);
      return { system: "groth16", publics: key.ic.length - 1, json: { ...toSnarkjs(key) } };
    } catch (error) {
      return fail((error as Error).message.replace(/^verifying key: /, ""), error);
    }
  }
  const result = universal.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    return fail(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  return { system: result.data.protocol, publics: result.data.nPublic, json: result.data };
}

/**
 * Reads a verifying key's file.
 *
 * @throws {ProvingKeyError} when it is missing, over 16 MiB, or no such key.
 */
export async function readSystemKey(path: string): Promise<SystemKey> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile())
    throw new ProvingKeyError(`${path}: there is no verifying key; set up again`);
  if (info.size > MAX_BYTES) throw new ProvingKeyError(`${path}: ${info.size} bytes; at most ${MAX_BYTES} are read`);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new ProvingKeyError(`${path}: is not JSON; export the verifying key again`, { cause });
  }
  return parseSystemKey(json);
}
