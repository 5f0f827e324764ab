import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { FpInvertBatch } from "@noble/curves/abstract/modular.js";
import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";

import { P384ExceptionalError, P384KeyError, P384LengthError, P384SignatureError } from "./errors.ts";
import { halve, type Point } from "./halve.ts";
import { HEAD_BYTES, P384_HINT_BYTES, ROUNDS } from "./layout.ts";
import { fixedTable, START, VARIABLE } from "./points.ts";

/** What was signed: a message, or its SHA-384 digest of 48 bytes. */
export type P384Signed = { readonly message: Uint8Array } | { readonly digest: Uint8Array };

const { Point: Curve } = p384;
const { Fn, Fp } = Curve;
// The contract's numbers are multiplied by this modulo p; see `P384Field`.
const MONTGOMERY = (1n << 256n) - 1n;
const LOW = (1n << 192n) - 1n;

/**
 * Makes what `P384Verifier` needs beside a signature to verify it cheaply, in some 20 ms. It holds no secret: anybody can
 * make it, and the contract checks all of it.
 *
 * @example
 * ```ts
 * import { p384Hints } from "@assay/sdk";
 * declare const message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array;
 * const hints = p384Hints({ message }, signature, publicKey);
 * ```
 * @param signed What was signed.
 * @param signature r and s, 48 bytes each; s may be above n / 2.
 * @param publicKey X and Y, 48 bytes each.
 * @throws {P384LengthError} when a length is wrong.
 * @throws {P384KeyError} when the key is not a point of the curve.
 * @throws {P384SignatureError} when the signature does not hold.
 * @throws {P384ExceptionalError} when it holds and yet has no hints: nobody can make such a one who knows its key.
 */
export function p384Hints(signed: P384Signed, signature: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const digest = "digest" in signed ? signed.digest : sha384(signed.message);
  expectLength("digest", digest, 48);
  expectLength("signature", signature, 96);
  expectLength("key", publicKey, 96);
  const key = readKey(publicKey);
  const [e, r, s] = [integer(digest), integer(signature.subarray(0, 48)), integer(signature.subarray(48))];
  if (r === 0n || r >= Fn.ORDER || s === 0n || s >= Fn.ORDER) throw new P384SignatureError("r or s is not in 1..n-1");

  const [u1, u2] = [Fn.div(Fn.create(e), s), Fn.div(r, s)];
  const point = Curve.BASE.multiplyUnsafe(u1).add(key.multiplyUnsafe(u2));
  if (point.is0() || point.x % Fn.ORDER !== r) throw new P384SignatureError("the signature does not hold");

  // t * G + w * Q + v * U = 0, where U is R or -R.
  const { v, w, negative } = halve(u2, Fn.ORDER);
  const u = negative ? point : point.negate();
  const t = Fn.create((negative ? -v : v) * u1);
  const twice = 2n * Fn.ORDER;

  const out = new Uint8Array(P384_HINT_BYTES);
  out[0] = (negative ? 1 : 0) | (point.x >= Fn.ORDER ? 2 : 0);
  write(out, 1, 48, u.y);
  write(out, 49, 24, w);
  write(out, 73, 24, v);
  write(out, 97, 48, t);
  write(out, 145, 32, (w * s + v * (negative ? r : twice - r)) / Fn.ORDER);
  write(out, 177, 64, (t * s + v * (negative ? e : twice - e)) / Fn.ORDER);
  slopes(additions(key, u, t, w, v)).forEach((slope, index) => {
    write(out, HEAD_BYTES + 48 * index, 48, Fp.mul(slope, MONTGOMERY));
  });
  return out;
}

/** The pairs of points that the contract adds, in its order. */
function additions(key: Point, u: Point, t: bigint, w: bigint, v: bigint): [Point, Point][] {
  const pairs: [Point, Point][] = [];
  const add = (a: Point, b: Point): Point => {
    pairs.push([a, b]);
    return a.add(b);
  };
  const table: Point[] = [];
  for (let c = 0, row = VARIABLE; c < 4; c++) {
    if (c > 0) row = add(row, key);
    for (let d = 0, entry = row; d < 4; d++) {
      if (d > 0) entry = add(entry, u);
      table.push(entry);
    }
  }
  const fixed = fixedTable();
  let sum = START;
  for (let shift = BigInt(2 * ROUNDS - 2); shift >= 0n; shift -= 2n) {
    const digit = (value: bigint): number => Number((value >> shift) & 3n);
    for (const summand of [fixed[4 * digit(t & LOW) + digit(t >> 192n)], table[4 * digit(w) + digit(v)]]) {
      if (summand === undefined) throw new RangeError("two digits of two bits are 0 to 15");
      sum = add(add(sum, summand), sum);
    }
  }
  return pairs;
}

/** Slopes of the lines through pairs of points, with two inversions for all of them. */
function slopes(pairs: readonly [Point, Point][]): bigint[] {
  const flat = pairs.flat();
  if (flat.some((point) => point.is0())) throw new P384ExceptionalError("a sum on the way is infinity");
  const affine = normalizeZ(Curve, flat);
  const lines: { run: bigint; rise: bigint }[] = [];
  for (let index = 0; index < affine.length; index += 2) {
    const [a, b] = affine.slice(index, index + 2);
    if (a === undefined || b === undefined || a.x === b.x) {
      throw new P384ExceptionalError("a sum on the way has the x of its summand");
    }
    lines.push({ run: Fp.sub(b.x, a.x), rise: Fp.sub(b.y, a.y) });
  }
  const inverses = FpInvertBatch(
    Fp,
    lines.map(({ run }) => run),
    true,
  );
  return lines.map(({ rise }, index) => Fp.mul(rise, inverses[index] ?? 0n));
}

function readKey(bytes: Uint8Array): Point {
  try {
    const point = Curve.fromAffine({ x: integer(bytes.subarray(0, 48)), y: integer(bytes.subarray(48)) });
    point.assertValidity();
    return point;
  } catch (cause) {
    throw new P384KeyError("the key is not a point of P-384", { cause });
  }
}

function expectLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new P384LengthError(`the ${name} has ${bytes.length} bytes, not ${length}`);
}

function integer(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function write(out: Uint8Array, at: number, length: number, value: bigint): void {
  for (let index = at + length - 1, rest = value; index >= at; index--, rest >>= 8n) out[index] = Number(rest & 255n);
}
