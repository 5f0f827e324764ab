/** Proof systems, the default first. Verifier contracts are made for Groth16 only. */
export const PROOF_SYSTEMS = ["groth16", "fflonk", "plonk"] as const;

/** How a proof is made. */
export type ProofSystem = (typeof PROOF_SYSTEMS)[number];

/**
 * Points of G1 and scalars in a proof, by their names in snarkjs's JSON, in the order of {@link proofWords}. fflonk's `inv`
 * is left out: it spares contracts an inversion, and whoever verifies off chain ignores it, so anybody could change it.
 */
export const PROOF_PARTS = {
  plonk: {
    points: ["A", "B", "C", "Z", "T1", "T2", "T3", "Wxi", "Wxiw"],
    scalars: ["eval_a", "eval_b", "eval_c", "eval_s1", "eval_s2", "eval_zw"],
  },
  fflonk: {
    points: ["C1", "C2", "W1", "W2"],
    scalars: ["ql", "qr", "qm", "qo", "qc", "s1", "s2", "s3", "a", "b", "c", "z", "zw", "t1w", "t2w"],
  },
} as const;

/** 256-bit words of a proof. */
export const PROOF_LENGTHS: Readonly<Record<ProofSystem, number>> = { groth16: 8, plonk: 24, fflonk: 23 };
