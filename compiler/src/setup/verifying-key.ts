import type { Curve, Groth16VerifyingKey } from "snarkjs";
import { z } from "zod";

import { SetupInputError } from "./errors.ts";
import { BASE_MODULUS } from "./field.ts";
import type { KeyPoints } from "./zkey.ts";

/** A point of G1: x, y. */
export type G1Point = readonly [x: bigint, y: bigint];
/** A point of G2 in the order of the precompiles: x1, x0, y1, y0, the imaginary part first. */
export type G2Point = readonly [x1: bigint, x0: bigint, y1: bigint, y0: bigint];

/** A Groth16 verifying key over BN254. */
export interface VerifyingKey {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** One point for the constant and one for each public word. */
  readonly ic: readonly G1Point[];
}

/** Most public words that are read from outside. */
const MAX_WORDS = 1 << 16;

const coordinate = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt)
  .refine((value) => value < BASE_MODULUS, "not below the base field's modulus");
const one = z.literal("1");
const g1 = z.tuple([coordinate, coordinate, one]);
const pair = z.tuple([coordinate, coordinate]);
const g2 = z.tuple([pair, pair, z.tuple([one, z.literal("0")])]);
const keySchema = z.object({
  protocol: z.literal("groth16"),
  curve: z.literal("bn128"),
  nPublic: z.int().min(0).max(MAX_WORDS),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.array(g1).max(MAX_WORDS + 1),
});

/**
 * Reads a verifying key in snarkjs's JSON form.
 *
 * Not checked: that the points are on their curves; the precompiles refuse those that are not.
 *
 * @throws {SetupInputError} when it is not a Groth16 key over BN254 or a point is at infinity.
 */
export function parseVerifyingKey(json: unknown): VerifyingKey {
  const result = keySchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new SetupInputError(
      `verifying key: ${issue?.path.join(".")}: ${issue?.message}; export it again from the zkey`,
    );
  }
  const { vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC, nPublic } = result.data;
  if (IC.length !== nPublic + 1) {
    throw new SetupInputError(`verifying key: IC has ${IC.length} points for ${nPublic} public words; export it again`);
  }
  const two = ([[x0, x1], [y0, y1]]: z.infer<typeof g2>): G2Point => [x1, x0, y1, y0];
  return {
    alpha: [vk_alpha_1[0], vk_alpha_1[1]],
    beta: two(vk_beta_2),
    gamma: two(vk_gamma_2),
    delta: two(vk_delta_2),
    ic: IC.map(([x, y]) => [x, y]),
  };
}

/** A verifying key in snarkjs's JSON form. */
export function toSnarkjs(key: VerifyingKey): Groth16VerifyingKey {
  const one = ([x, y]: G1Point): string[] => [String(x), String(y), "1"];
  const two = ([x1, x0, y1, y0]: G2Point): string[][] => [
    [String(x0), String(x1)],
    [String(y0), String(y1)],
    ["1", "0"],
  ];
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: key.ic.length - 1,
    vk_alpha_1: one(key.alpha),
    vk_beta_2: two(key.beta),
    vk_gamma_2: two(key.gamma),
    vk_delta_2: two(key.delta),
    IC: key.ic.map(one),
  };
}

/** The verifying key among a proving key's points. */
export function verifyingKeyOf(points: KeyPoints, curve: Pick<Curve, "G1" | "G2">): VerifyingKey {
  const one = (bytes: Uint8Array): G1Point => {
    const [x, y] = curve.G1.toObject(bytes) as readonly bigint[];
    return [x as bigint, y as bigint];
  };
  const two = (bytes: Uint8Array): G2Point => {
    const [x, y] = curve.G2.toObject(bytes) as readonly (readonly bigint[])[];
    return [x?.[1] as bigint, x?.[0] as bigint, y?.[1] as bigint, y?.[0] as bigint];
  };
  const ic = Array.from({ length: points.ic.length / 64 }, (_, i) => one(points.ic.slice(64 * i, 64 * (i + 1))));
  return {
    alpha: one(points.alpha1),
    beta: two(points.beta2),
    gamma: two(points.gamma2),
    delta: two(points.delta2),
    ic,
  };
}
