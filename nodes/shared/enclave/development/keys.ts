import { createHash } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";

/** A key on P-256. */
export interface P256Key {
  /** 32 bytes, big-endian. */
  readonly privateKey: Uint8Array;
  /** 65 bytes: 0x04, x, y. */
  readonly publicKey: Uint8Array;
}

/**
 * A P-256 key of the development authority, from a public label. Anyone can make it, so that it protects nothing; this is
 * what lets a contract pin the root and every machine reproduce the same evidence.
 */
export function developmentKey(label: string): P256Key {
  const digest = createHash("sha256").update(`assay.dev/1 worthless key: ${label}`).digest("hex");
  // Into [1, n - 1]; the bias of about 2^-32 does not matter for a key that is public.
  const scalar = (BigInt(`0x${digest}`) % (p256.Point.Fn.ORDER - 1n)) + 1n;
  const privateKey = p256.Point.Fn.toBytes(scalar);
  return { privateKey, publicKey: p256.getPublicKey(privateKey, false) };
}

/** SHA-256 and ECDSA, deterministic (RFC 6979), with `s` in the lower half: 64 bytes, r then s. */
export function signP256(key: P256Key, message: Uint8Array): Uint8Array {
  return p256.sign(message, key.privateKey, { prehash: true, lowS: true });
}
