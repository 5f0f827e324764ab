import { createHash, generateKeyPairSync, sign } from "node:crypto";

import { G, inverse, modulo, N, type Point } from "./curve.ts";
import { bytesOf } from "./forge.ts";
import { sum, times } from "./sum.ts";

export interface Signed {
  readonly message: Buffer;
  readonly signature: Buffer;
  readonly publicKey: Buffer;
}

/** A signature by OpenSSL under a new key. */
export function signWithNewKey(message: Buffer): Signed {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const signature = sign("sha384", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
  // An uncompressed point ends the SubjectPublicKeyInfo.
  return { message, signature, publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(-96) };
}

export const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

export const digestOf = (message: Uint8Array): bigint => integerOf(createHash("sha384").update(message).digest());

export const encodePoint = ({ x, y }: Point): Buffer => Buffer.concat([bytesOf(x, 48), bytesOf(y, 48)]);

export const pointOf = (bytes: Buffer): Point => ({
  x: integerOf(bytes.subarray(0, 48)),
  y: integerOf(bytes.subarray(48)),
});

/** The key under which (r of `nonce`, s) is a signature of `message`, for a point whose logarithm nobody needs to know. */
export function recover(message: Buffer, nonce: Point, s: bigint): Signed {
  const r = nonce.x % N;
  const inverted = inverse(r, N);
  const key = sum(times(modulo(s * inverted, N), nonce), times(modulo(-digestOf(message) * inverted, N), G));
  if (key === undefined) throw new Error("infinity");
  return { message, signature: Buffer.concat([bytesOf(r, 48), bytesOf(s, 48)]), publicKey: encodePoint(key) };
}
