import { BASE_MODULUS, SCALAR_MODULUS } from "../field.ts";

/** Bytes of a point in a key file: affine coordinates, little-endian, times 2^256 (Montgomery form). */
export const G1_BYTES = 64;
export const G2_BYTES = 128;

/** a + b u with u^2 = -1 over the base field. */
type Fp2 = readonly [a: bigint, b: bigint];
/** Jacobian coordinates; z = 0 is infinity. */
type Jacobian = readonly [x: Fp2, y: Fp2, z: Fp2];

const Q = BASE_MODULUS;
/** 1 / 2^256. */
const UNMONTGOMERY = exponentiate((1n << 256n) % Q, Q - 2n);
/** 3 / (9 + u), the constant of the twisted curve. */
const TWIST_B = multiply([3n, 0n], invert([9n, 1n]));

/** The point of G1 at `at`; undefined when a coordinate is not reduced, it is infinity, or it is not on the curve. */
export function readG1(bytes: Buffer, at = 0): readonly [x: bigint, y: bigint] | undefined {
  const [x, y] = [coordinate(bytes, at), coordinate(bytes, at + 32)];
  if (x === undefined || y === undefined) return undefined;
  return (y * y - x * x * x - 3n) % Q === 0n ? [x, y] : undefined;
}

/** The same, with infinity, which wires that no constraint uses have in a key. */
export function isG1OrInfinity(bytes: Buffer, at: number): boolean {
  return readG1(bytes, at) !== undefined || bytes.subarray(at, at + G1_BYTES).every((byte) => byte === 0);
}

/** The point of G2 at `at`; undefined when it is infinity, not on the curve, or not in the subgroup of order r. */
export function readG2(bytes: Buffer, at = 0): readonly [x0: bigint, x1: bigint, y0: bigint, y1: bigint] | undefined {
  const [x0, x1, y0, y1] = [0, 32, 64, 96].map((offset) => coordinate(bytes, at + offset));
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return undefined;
  const [x, y]: [Fp2, Fp2] = [
    [x0, x1],
    [y0, y1],
  ];
  const right = add(multiply(multiply(x, x), x), TWIST_B);
  if (!isZero(subtract(multiply(y, y), right))) return undefined;
  return isZero(times([x, y, [1n, 0n]], SCALAR_MODULUS)[2]) ? [x0, x1, y0, y1] : undefined;
}

/** Coordinates in the order and form that snarkjs hashes: big-endian, the second half of a pair first. */
export function uncompressed(point: readonly bigint[]): Buffer {
  const [x, y] = [point.slice(0, point.length / 2), point.slice(point.length / 2)];
  const hex = [...x.reverse(), ...y.reverse()].map((value) => value.toString(16).padStart(64, "0")).join("");
  return Buffer.from(hex, "hex");
}

function coordinate(bytes: Buffer, at: number): bigint | undefined {
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | bytes.readBigUInt64LE(at + 8 * limb);
  return value < Q ? (value * UNMONTGOMERY) % Q : undefined;
}

function times(point: Jacobian, scalar: bigint): Jacobian {
  let result: Jacobian = [
    [1n, 0n],
    [1n, 0n],
    [0n, 0n],
  ];
  for (const bit of scalar.toString(2)) {
    result = double(result);
    if (bit === "1") result = addPoints(result, point);
  }
  return result;
}

function double([x, y, z]: Jacobian): Jacobian {
  const [a, b] = [multiply(x, x), multiply(y, y)];
  const c = multiply(b, b);
  const d = scale(subtract(subtract(multiply(add(x, b), add(x, b)), a), c), 2n);
  const e = scale(a, 3n);
  const x3 = subtract(multiply(e, e), scale(d, 2n));
  const y3 = subtract(multiply(e, subtract(d, x3)), scale(c, 8n));
  return [x3, y3, scale(multiply(y, z), 2n)];
}

function addPoints(p: Jacobian, q: Jacobian): Jacobian {
  if (isZero(p[2])) return q;
  if (isZero(q[2])) return p;
  const [zp, zq] = [multiply(p[2], p[2]), multiply(q[2], q[2])];
  const [up, uq] = [multiply(p[0], zq), multiply(q[0], zp)];
  const [sp, sq] = [multiply(multiply(p[1], q[2]), zq), multiply(multiply(q[1], p[2]), zp)];
  const [h, r] = [subtract(uq, up), subtract(sq, sp)];
  if (isZero(h)) {
    if (isZero(r)) return double(p);
    return [
      [1n, 0n],
      [1n, 0n],
      [0n, 0n],
    ];
  }
  const hh = multiply(h, h);
  const hhh = multiply(hh, h);
  const v = multiply(up, hh);
  const x = subtract(subtract(multiply(r, r), hhh), scale(v, 2n));
  return [x, subtract(multiply(r, subtract(v, x)), multiply(sp, hhh)), multiply(multiply(p[2], q[2]), h)];
}

function add([a, b]: Fp2, [c, d]: Fp2): Fp2 {
  return [(a + c) % Q, (b + d) % Q];
}

function subtract([a, b]: Fp2, [c, d]: Fp2): Fp2 {
  return [(a - c) % Q, (b - d) % Q];
}

function scale([a, b]: Fp2, by: bigint): Fp2 {
  return [(a * by) % Q, (b * by) % Q];
}

function multiply([a, b]: Fp2, [c, d]: Fp2): Fp2 {
  return [(a * c - b * d) % Q, (a * d + b * c) % Q];
}

function invert([a, b]: Fp2): Fp2 {
  const norm = exponentiate((a * a + b * b) % Q, Q - 2n);
  return [(a * norm) % Q, (-b * norm) % Q];
}

/** Numbers are kept in (-q, q), so that a zero is 0. */
function isZero([a, b]: Fp2): boolean {
  return a === 0n && b === 0n;
}

function exponentiate(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % Q;
    square = (square * square) % Q;
  }
  return result;
}
