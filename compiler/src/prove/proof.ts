import { groth16, type Groth16Proof } from "snarkjs";

import { borrowCurve, returnCurve } from "../setup/curve.ts";
import { BASE_MODULUS, SCALAR_MODULUS } from "../setup/field.ts";
import { toSnarkjs, type VerifyingKey } from "../setup/verifying-key.ts";
import { ProofInputError } from "./errors.ts";

/** The eight coordinates of a proof in the order of `IZkVerifier`: a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y. */
export type EvmProof = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** Reorders a proof of snarkjs for the precompiles. */
export function proofToEvm({ pi_a, pi_b, pi_c }: Pick<Groth16Proof, "pi_a" | "pi_b" | "pi_c">): EvmProof {
  const at = (values: readonly string[] | undefined, index: number): bigint => BigInt(values?.[index] as string);
  return [
    at(pi_a, 0),
    at(pi_a, 1),
    at(pi_b[0], 1),
    at(pi_b[0], 0),
    at(pi_b[1], 1),
    at(pi_b[1], 0),
    at(pi_c, 0),
    at(pi_c, 1),
  ];
}

/** The reverse of {@link proofToEvm}. */
export function proofFromEvm([ax, ay, bx1, bx0, by1, by0, cx, cy]: EvmProof): Groth16Proof {
  return {
    pi_a: [String(ax), String(ay), "1"],
    pi_b: [
      [String(bx0), String(bx1)],
      [String(by0), String(by1)],
      ["1", "0"],
    ],
    pi_c: [String(cx), String(cy), "1"],
    protocol: "groth16",
    curve: "bn128",
  };
}

/**
 * Whether `proof` holds for `words`, decided off chain with snarkjs. Starts and ends snarkjs's workers unless a prover is
 * open, which keeps them.
 *
 * @throws {ProofInputError} when the number of words is not the key's, or a word or coordinate is not in its field.
 */
export async function verifyOffChain(key: VerifyingKey, words: readonly bigint[], proof: EvmProof): Promise<boolean> {
  if (words.length !== key.ic.length - 1) {
    throw new ProofInputError(`${words.length} public words; the verifying key takes ${key.ic.length - 1}`);
  }
  for (const [index, word] of words.entries()) {
    if (word < 0n || word >= SCALAR_MODULUS) throw new ProofInputError(`public word ${index} is not in [0, r)`);
  }
  for (const [index, coordinate] of proof.entries()) {
    if (coordinate < 0n || coordinate >= BASE_MODULUS)
      throw new ProofInputError(`proof element ${index} is not in [0, q)`);
  }
  await borrowCurve();
  try {
    return await groth16.verify(toSnarkjs(key), words.map(String), proofFromEvm(proof));
  } finally {
    await returnCurve();
  }
}
