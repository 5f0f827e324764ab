import { z } from "zod";

import { BASE_MODULUS, SCALAR_MODULUS } from "../../setup/field.ts";
import { ProofInputError, ProverFailedError } from "../errors.ts";
import { proofFromEvm, proofToEvm, type EvmProof } from "../evm.ts";
import { PROOF_LENGTHS, PROOF_PARTS, type ProofSystem } from "./systems.ts";

const digits = z.string().regex(/^(0|[1-9]\d{0,77})$/, "a decimal number");
const below = (modulus: bigint) => digits.refine((value) => BigInt(value) < modulus, "not in its field");
const coordinate = below(BASE_MODULUS);
const scalar = below(SCALAR_MODULUS);
const point = z.tuple([coordinate, coordinate, z.literal("1")]);
const groth16 = z.object({
  pi_a: point,
  pi_b: z.tuple([
    z.tuple([coordinate, coordinate]),
    z.tuple([coordinate, coordinate]),
    z.tuple([z.literal("1"), z.literal("0")]),
  ]),
  pi_c: point,
});

/**
 * A proof in snarkjs's JSON form as words: for Groth16 in the order of `IZkVerifier`, for the others the coordinates of
 * their points, then their scalars. `json` may come from anybody.
 *
 * @throws {ProverFailedError} when it is not a proof of that system, or a point is at infinity.
 */
export function proofWords(system: ProofSystem, json: unknown): bigint[] {
  const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new ProverFailedError(
      `the prover did not give a ${system} proof: ${issue?.path.join(".")}: ${issue?.message}; check the prover's version`,
    );
  };
  if (system === "groth16") return [...proofToEvm(parse(groth16, json))];
  const { points, scalars } = PROOF_PARTS[system];
  const parts =
    system === "fflonk"
      ? parse(
          z.object({ polynomials: z.record(z.string(), z.unknown()), evaluations: z.record(z.string(), z.unknown()) }),
          json,
        )
      : undefined;
  const flat = parse(z.record(z.string(), z.unknown()), parts === undefined ? json : parts.polynomials);
  const values = parts === undefined ? flat : parts.evaluations;
  return [
    ...points.flatMap((name) => parse(point, flat[name]).slice(0, 2).map(BigInt)),
    ...scalars.map((name) => BigInt(parse(scalar, values[name]))),
  ];
}

/**
 * The reverse of {@link proofWords}.
 *
 * @throws {ProofInputError} when the number of words is another, or one is not in its field.
 */
export function proofJson(system: ProofSystem, words: readonly bigint[]): Readonly<Record<string, unknown>> {
  const expected = PROOF_LENGTHS[system];
  if (words.length !== expected) {
    throw new ProofInputError(`a ${system} proof has ${expected} words, and ${words.length} are given`);
  }
  const points = system === "groth16" ? expected : 2 * PROOF_PARTS[system].points.length;
  for (const [index, word] of words.entries()) {
    const modulus = index < points ? BASE_MODULUS : SCALAR_MODULUS;
    if (word < 0n || word >= modulus)
      throw new ProofInputError(`proof element ${index} is not in [0, ${index < points ? "q" : "r"})`);
  }
  if (system === "groth16") return { ...proofFromEvm(words as unknown as EvmProof) };
  const parts = PROOF_PARTS[system];
  const at = (index: number): string => String(words[index]);
  const curves = Object.fromEntries(parts.points.map((name, i) => [name, [at(2 * i), at(2 * i + 1), "1"]]));
  const values = Object.fromEntries(parts.scalars.map((name, i) => [name, at(points + i)]));
  const kind = { protocol: system, curve: "bn128" };
  return system === "fflonk"
    ? { polynomials: curves, evaluations: values, ...kind }
    : { ...curves, ...values, ...kind };
}
