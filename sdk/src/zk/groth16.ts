import { bn254 } from "@noble/curves/bn254.js";

import { BASE_FIELD, g1Point, type G1Point, g2Point, type G2Point, SCALAR_FIELD } from "./points.ts";
import type { VerifyingKey } from "./verifying-key.ts";

/** Why a proof does not hold, or that it does. */
export type Groth16Verdict =
  | "holds"
  | "proof-length"
  | "proof-not-in-field"
  | "point-not-in-group"
  | "word-count"
  | "word-not-in-field"
  | "equation-fails";

/**
 * Whether `proof` shows the statement with public `words` under `key`: the same answer as the contracts give.
 * @param proof a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y.
 */
export function verifyGroth16(key: VerifyingKey, words: readonly bigint[], proof: readonly bigint[]): Groth16Verdict {
  if (proof.length !== 8) return "proof-length";
  if (proof.some((value) => value < 0n || value >= BASE_FIELD)) return "proof-not-in-field";
  if (words.length !== key.perWord.length) return "word-count";
  if (words.some((value) => value < 0n || value >= SCALAR_FIELD)) return "word-not-in-field";
  const [ax, ay, bx1, bx0, by1, by0, cx, cy] = proof as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const a = g1Point(ax, ay);
  const b = g2Point(bx1, bx0, by1, by0);
  const c = g1Point(cx, cy);
  if (a === undefined || b === undefined || c === undefined) return "point-not-in-group";
  // No honest proof has the point at infinity, and the contracts take none.
  if (a.is0() || b.is0() || c.is0()) return "equation-fails";
  const input = key.perWord.reduce<G1Point>((sum, point, index) => {
    const word = words[index] ?? 0n;
    return word === 0n ? sum : sum.add(point.multiplyUnsafe(word));
  }, key.constant);
  const terms: [G1Point, G2Point][] = [
    [a.negate(), b],
    [key.alpha, key.beta],
    [input, key.gamma],
    [c, key.delta],
  ];
  // The sum over the words may be infinity, the neutral element; the library wants such terms left out.
  const pairs = terms.filter(([g1, g2]) => !g1.is0() && !g2.is0()).map(([g1, g2]) => ({ g1, g2 }));
  const { Fp12 } = bn254.fields;
  return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE) ? "holds" : "equation-fails";
}
