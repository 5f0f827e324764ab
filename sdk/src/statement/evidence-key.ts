import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { getBytes } from "ethers";

/**
 * A key that stands in evidence of kind TEE, as the contracts take it (`IReceiptKey.sol`): 2, P-256, x and y; 3, RSA,
 * exponent (4 bytes) and modulus (256 to 512).
 */
export interface EvidenceKey {
  readonly kind: 2 | 3;
  readonly data: string;
}

export const P256_KEY_BYTES = 64;
export const P256_SIGNATURE_BYTES = 64;
/** Least and greatest modulus of an RSA key, bytes. */
export const MIN_MODULUS_BYTES = 256;
export const MAX_MODULUS_BYTES = 512;

const EXPONENT_BYTES = 4;
const HASH_BYTES = 32;

/**
 * Whether `signature` is one of `digest` by the key, as `ReceiptKeyVerifier` says on chain: P-256 of the digest itself, with
 * any `s`; RSASSA-PSS of the digest's 32 bytes as a message, with SHA-256, MGF1 of SHA-256 and a salt of 32 bytes.
 *
 * @param digest 32 bytes. Key and signature must be in the form of their kind, else it is false.
 */
export function isSignedBy({ kind, data }: EvidenceKey, digest: string, signature: string): boolean {
  const [key, message, bytes] = [getBytes(data), getBytes(digest), getBytes(signature)];
  return kind === 2 ? isSignedP256(key, message, bytes) : isSignedRsa(key, message, bytes);
}

function isSignedP256(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== P256_KEY_BYTES || signature.length !== P256_SIGNATURE_BYTES) return false;
  const point = new Uint8Array(1 + P256_KEY_BYTES);
  point[0] = 4;
  point.set(key, 1);
  try {
    return p256.verify(signature, digest, point, { prehash: false, lowS: false });
  } catch {
    // The key is no point of the curve.
    return false;
  }
}

function isSignedRsa(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const modulus = key.subarray(EXPONENT_BYTES);
  const length = modulus.length;
  if (length < MIN_MODULUS_BYTES || length > MAX_MODULUS_BYTES || signature.length !== length) return false;
  const [exponent, n, s] = [numberOf(key.subarray(0, EXPONENT_BYTES)), numberOf(modulus), numberOf(signature)];
  if (exponent < 3n || (exponent & 1n) === 0n || (modulus[0] ?? 0) < 0x80 || (n & 1n) === 0n || s >= n) return false;
  return isPssEncoding(bytesOf(power(s, exponent, n), length), sha256(message));
}

/** EMSA-PSS-VERIFY (RFC 8017, section 9.1.2), for moduli whose top bit is set. */
function isPssEncoding(encoded: Uint8Array, messageHash: Uint8Array): boolean {
  const dbLength = encoded.length - HASH_BYTES - 1;
  if (encoded.at(-1) !== 0xbc || (encoded[0] ?? 0xff) >= 0x80) return false;
  const hash = encoded.subarray(dbLength, -1);
  const db = encoded.slice(0, dbLength);
  for (let at = 0, counter = 0; at < dbLength; at += HASH_BYTES, counter++) {
    const mask = sha256(Uint8Array.of(...hash, 0, 0, 0, counter));
    for (let i = 0; i < HASH_BYTES && at + i < dbLength; i++) db[at + i] = (db[at + i] ?? 0) ^ (mask[i] ?? 0);
  }
  db[0] = (db[0] ?? 0) & 0x7f;
  const body = dbLength - HASH_BYTES - 1;
  if (db[body] !== 1 || db.subarray(0, body).some((byte) => byte !== 0)) return false;
  const expected = sha256(Uint8Array.of(...new Uint8Array(8), ...messageHash, ...db.subarray(body + 1)));
  return expected.every((byte, index) => byte === hash[index]);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function numberOf(bytes: Uint8Array): bigint {
  let hex = "0x0";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex);
}

function bytesOf(value: bigint, length: number): Uint8Array {
  return getBytes(`0x${value.toString(16).padStart(2 * length, "0")}`);
}
