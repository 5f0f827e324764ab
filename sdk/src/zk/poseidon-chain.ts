import { poseidon16 } from "poseidon-lite/poseidon16";

/** Values that one permutation takes in, beside the value of the one before. */
const RATE = 15;

/** First values of the chains: what is hashed, in ASCII, before the number of values. No two chains share one. */
const TAGS = {
  words: 0x61737361792e776f7264732f31n,
  commitment: 0x61737361792e636f6d6d69742f31n,
  weights: 0x61737361792e776569676874732f31n,
} as const;

/**
 * Poseidon over a list whose length both sides know: h_0 names what is hashed and how many values, and every 15 values
 * h_(i+1) = Poseidon(h_i, 15 values), zeros after the last value. Poseidon is the permutation of width 17 over BN254's
 * scalar field that circomlib has; `PoseidonChain` in circuits/lib/poseidon-chain.circom is this in constraints.
 * @param values Each below the scalar field modulus; at least one.
 */
export function poseidonChain(what: keyof typeof TAGS, values: readonly bigint[]): bigint {
  let hash = chainStart(what, values.length);
  for (let at = 0; at < values.length; at += RATE) {
    const block = Array.from({ length: RATE }, (_, index) => values[at + index] ?? 0n);
    hash = poseidon16([hash, ...block]);
  }
  return hash;
}

/** h_0 of a chain. */
export function chainStart(what: keyof typeof TAGS, length: number): bigint {
  return (TAGS[what] << 32n) + BigInt(length);
}
