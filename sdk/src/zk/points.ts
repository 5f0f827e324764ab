import { bn254 } from "@noble/curves/bn254.js";

export { SCALAR_FIELD } from "./field.ts";

const { p } = bn254.G1.Point.CURVE();

/** Base field modulus of BN254: every coordinate is below it. */
export const BASE_FIELD: bigint = p;

export type G1Point = InstanceType<typeof bn254.G1.Point>;
export type G2Point = InstanceType<typeof bn254.G2.Point>;

/** The point (x, y) of G1, (0, 0) being infinity as in EIP-197; undefined when it is not on the curve. */
export function g1Point(x: bigint, y: bigint): G1Point | undefined {
  if (x === 0n && y === 0n) return bn254.G1.Point.ZERO;
  if (x >= BASE_FIELD || y >= BASE_FIELD) return undefined;
  return checked(() => bn254.G1.Point.fromAffine({ x, y }));
}

/**
 * The point of G2 with the words x1 x0 y1 y0 (imaginary part first, the order of the precompile), all zero being
 * infinity; undefined when it is not on the curve or not in the subgroup of prime order.
 */
export function g2Point(x1: bigint, x0: bigint, y1: bigint, y0: bigint): G2Point | undefined {
  if (x1 === 0n && x0 === 0n && y1 === 0n && y0 === 0n) return bn254.G2.Point.ZERO;
  if ([x1, x0, y1, y0].some((word) => word >= BASE_FIELD)) return undefined;
  return checked(() => bn254.G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } }));
}

function checked<P extends { assertValidity(): void }>(make: () => P): P | undefined {
  try {
    const point = make();
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}
