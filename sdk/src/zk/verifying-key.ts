import { concat, keccak256, toBeHex } from "ethers";
import { z } from "zod";

import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { firstIssue } from "../core/zod-issue.ts";
import { ZkFormatError } from "./error.ts";
import { BASE_FIELD, g1Point, type G1Point, g2Point, type G2Point } from "./points.ts";
import { WORD_BYTES } from "./public-words.ts";

/** Most public words a statement can need: context, the longest input and the longest output. */
const MAX_WORDS = Math.ceil((WORD_BYTES + 2 * MAX_PAYLOAD_BYTES) / WORD_BYTES);

const word = z.string().regex(/^(0|[1-9][0-9]{0,76})$/);
const g1 = z.tuple([word, word, z.literal("1")]);
const g2 = z.tuple([z.tuple([word, word]), z.tuple([word, word]), z.tuple([z.literal("1"), z.literal("0")])]);

// snarkjs writes more fields; only these carry the key.
const keySchema = z.object({
  protocol: z.literal("groth16"),
  curve: z.enum(["bn128", "bn254"]),
  nPublic: z.number().int().min(0).max(MAX_WORDS),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z
    .array(g1)
    .min(1)
    .max(MAX_WORDS + 1),
});

const proofSchema = z.object({
  protocol: z.literal("groth16"),
  curve: z.enum(["bn128", "bn254"]),
  pi_a: g1,
  pi_b: g2,
  pi_c: g1,
});

/** A Groth16 verifying key over BN254 whose points were all checked. */
export interface VerifyingKey {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** First point of IC. */
  readonly constant: G1Point;
  /** The other points of IC, one for each public word. */
  readonly perWord: readonly G1Point[];
  /** Keccak-256 of alpha, beta, gamma, delta, IC as 32-byte words in precompile order; what the contracts report. */
  readonly hash: string;
}

/**
 * The verifying key in snarkjs's JSON form (`verification_key.json`, parsed).
 * @throws {ZkFormatError} when a field is missing or of the wrong form, or a point is not on its curve or not in its
 * subgroup, or is infinity.
 */
export function parseVerifyingKey(json: unknown): VerifyingKey {
  const parsed = keySchema.safeParse(json);
  if (!parsed.success) {
    throw new ZkFormatError("ASY-ZK-001", `The verifying key is not snarkjs's: ${firstIssue(parsed.error)}.`);
  }
  const { vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC, nPublic } = parsed.data;
  const [constant, ...perWord] = IC.map((point, index) => keyG1(`IC[${index}]`, point));
  if (constant === undefined || perWord.length !== nPublic) {
    throw new ZkFormatError("ASY-ZK-001", `IC has ${IC.length} points for ${nPublic} public words; it needs one more.`);
  }
  const words = [
    ...g1Words(vk_alpha_1),
    ...g2Words(vk_beta_2),
    ...g2Words(vk_gamma_2),
    ...g2Words(vk_delta_2),
    ...IC.flatMap(g1Words),
  ];
  return {
    alpha: keyG1("vk_alpha_1", vk_alpha_1),
    beta: keyG2("vk_beta_2", vk_beta_2),
    gamma: keyG2("vk_gamma_2", vk_gamma_2),
    delta: keyG2("vk_delta_2", vk_delta_2),
    constant,
    perWord,
    hash: keccak256(concat(words.map((value) => toBeHex(value, 32)))),
  };
}

/**
 * Keccak-256 of a verifying key as `IZkVerifier.verifyingKeyHash` gives it.
 * @throws {ZkFormatError} when `parseVerifyingKey` does.
 */
export function verifyingKeyHash(json: unknown): string {
  return parseVerifyingKey(json).hash;
}

/**
 * The 8 words of a proof in snarkjs's JSON form, in the order of the precompiles: a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y.
 * Not checked here: that the points are on their curves.
 * @throws {ZkFormatError} when a field is missing or a coordinate is not below the base field modulus.
 */
export function groth16ProofWords(json: unknown): bigint[] {
  const parsed = proofSchema.safeParse(json);
  if (!parsed.success) {
    throw new ZkFormatError("ASY-ZK-002", `The proof is not snarkjs's: ${firstIssue(parsed.error)}.`);
  }
  const { pi_a, pi_b, pi_c } = parsed.data;
  const words = [...g1Words(pi_a), ...g2Words(pi_b), ...g1Words(pi_c)];
  const index = words.findIndex((value) => value >= BASE_FIELD);
  if (index === -1) return words;
  throw new ZkFormatError("ASY-ZK-002", `Coordinate ${index} of the proof is not below the base field modulus.`);
}

function g1Words([x, y]: z.infer<typeof g1>): bigint[] {
  return [BigInt(x), BigInt(y)];
}

// snarkjs writes the real part first.
function g2Words([[x0, x1], [y0, y1]]: z.infer<typeof g2>): [bigint, bigint, bigint, bigint] {
  return [BigInt(x1), BigInt(x0), BigInt(y1), BigInt(y0)];
}

function keyG1(name: string, json: z.infer<typeof g1>): G1Point {
  return usable(name, g1Point(BigInt(json[0]), BigInt(json[1])));
}

function keyG2(name: string, json: z.infer<typeof g2>): G2Point {
  return usable(name, g2Point(...g2Words(json)));
}

function usable<P extends { is0(): boolean }>(name: string, point: P | undefined): P {
  if (point !== undefined && !point.is0()) return point;
  throw new ZkFormatError("ASY-ZK-001", `${name} is not a point of its group; take the key from the circuit's setup.`);
}
