/** A point of the curve other than infinity. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** The field's prime. */
export const P = (1n << 384n) - (1n << 128n) - (1n << 96n) + (1n << 32n) - 1n;

/** The group's order, a prime; the cofactor is 1. */
export const N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** The curve is y^2 = x^3 - 3x + B. */
export const B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;

/** The base point. */
export const G: Point = {
  x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
  y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
};

/** `value` modulo `modulus`, from 0. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** The inverse of `value`, which is not a multiple of the prime `modulus`. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulo(value, modulus), modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return modulo(x, modulus);
}

export const isOnCurve = ({ x, y }: Point): boolean => (y * y - (x * x - 3n) * x - B) % P === 0n;

export const negate = ({ x, y }: Point): Point => ({ x, y: P - y });

/** The slope of the line through `a` and `b`, whose x differ. */
export function chord(a: Point, b: Point): bigint {
  return modulo((b.y - a.y) * inverse(b.x - a.x, P), P);
}

/** The slope of the tangent at `a`. */
export function tangent(a: Point): bigint {
  return modulo(3n * (a.x * a.x - 1n) * inverse(2n * a.y, P), P);
}

/** The third point of the line through `a` and another with x-coordinate `x`, mirrored: their sum. */
export function along(a: Point, x: bigint, slope: bigint): Point {
  const sum = modulo(slope * slope - a.x - x, P);
  return { x: sum, y: modulo(slope * (a.x - sum) - a.y, P) };
}
