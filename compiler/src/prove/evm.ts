import type { Groth16Proof } from "snarkjs";

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
