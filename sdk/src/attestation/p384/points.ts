import { p384 } from "@noble/curves/nist.js";

import type { Point } from "./halve.ts";

const { Point: Curve } = p384;

/** Where the sum starts. Of this point and the next two nobody knows a logarithm: their x are hashes, see `P384Points`. */
export const START: Point = Curve.fromAffine({
  x: 0xb26a84eee202962f5a46571456c0229f35011b290ffbb7c7da828f895d573a349a2408119531f395709c01fdab60a930n,
  y: 0xa8769db0c19b4c24ece9105974c6033fb49178204ec74900cdeeb7bab8be6237846d2e45fb78c6fdbdec75ed1ebb50f0n,
});

/** In every summand of key and R. */
export const VARIABLE: Point = Curve.fromAffine({
  x: 0x82df65d59d7938b1802b9ba348d50289dd4072020e9f1d8d7b7a1a702ce7777f865b42ffe39ec5c436c300afd28b9738n,
  y: 0x6c6e1823f01d822ec388a67fa14576762adc73ded09578f5a01059d2c75e91d99923c7d8bcca525462b94c1784724f2cn,
});

/** In every summand of the base point. */
const FIXED: Point = Curve.fromAffine({
  x: 0x3a5906a2ddadd7b249cb9d48e48c5fd3084c829c84b33d9d5073b13c29533a6281d927b6d32ebff1c70405d0279eefa1n,
  y: 0x5066bb1718c31bd97882e1f391045042eef49625925f54b99507900d3e7dbe71bfd5992e1cbc77cf48e573ab5bd867b4n,
});

let table: readonly Point[] | undefined;

/** FIXED + a * G / 2 + b * 2^192 * G / 2 at index 4a + b, for a and b in 0..3. Made once. */
export function fixedTable(): readonly Point[] {
  if (table === undefined) {
    const half = Curve.Fn.inv(2n);
    const low = Curve.BASE.multiplyUnsafe(half);
    const high = Curve.BASE.multiplyUnsafe(Curve.Fn.create(half << 192n));
    table = Array.from({ length: 16 }, (_, index) =>
      FIXED.add(low.multiplyUnsafe(BigInt(index >> 2))).add(high.multiplyUnsafe(BigInt(index & 3))),
    );
  }
  return table;
}
