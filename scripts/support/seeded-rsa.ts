// RSA keys that can be made again from a seed, and RSASSA-PSS signatures that can be made again: Node's are random. For
// tests and figures only: neither hides the key from who can time it, and whoever has the seed has the key.
import { checkPrimeSync, constants, createHash, createPrivateKey, type KeyObject, privateEncrypt } from "node:crypto";

/** A key with its public numbers. */
export interface SeededRsa {
  readonly privateKey: KeyObject;
  readonly modulus: bigint;
  readonly exponent: bigint;
}

const EXPONENT = 65_537n;

/** The key of `seed`, whose modulus has `bits` bits, a multiple of 16. */
export function rsaFrom(bits: number, seed: string): SeededRsa {
  const p = primeFrom(bits / 2, `${seed} p`);
  const q = primeFrom(bits / 2, `${seed} q`);
  const modulus = p * q;
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const [dp, dq, qi] = [d % (p - 1n), d % (q - 1n), inverse(q, p)];
  const numbers = Object.entries({ n: modulus, e: EXPONENT, d, p, q, dp, dq, qi });
  const words = Object.fromEntries(numbers.map(([name, value]) => [name, bytesOf(value).toString("base64url")]));
  return {
    privateKey: createPrivateKey({ key: { kty: "RSA", ...words }, format: "jwk" }),
    modulus,
    exponent: EXPONENT,
  };
}

/**
 * The RSASSA-PSS signature of `message` with SHA-256, MGF1 of SHA-256 and 32 bytes of salt (RFC 8017, section 8.1.1); the salt
 * follows from the message.
 */
export function signPss({ privateKey, modulus }: SeededRsa, message: Uint8Array): Uint8Array {
  const size = modulus.toString(2).length / 8;
  const salt = sha256(Buffer.from("salt"), message);
  const hash = sha256(Buffer.alloc(8), sha256(message), salt);
  const block = Buffer.concat([Buffer.alloc(size - 66), Buffer.of(1), salt]);
  for (const [at, byte] of stretched(hash, block.length).entries()) block[at]! ^= byte;
  // The encoding has one bit less than the modulus.
  block[0]! &= 0x7f;
  const encoded = Buffer.concat([block, hash, Buffer.of(0xbc)]);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** The first prime of `bits` bits from where `label` points at, with which `EXPONENT` has an inverse. */
function primeFrom(bits: number, label: string): bigint {
  const start = stretched(Buffer.from(label), bits / 8);
  // Both upper bits, so that a product of two has twice the bits.
  start[0]! |= 0xc0;
  start[start.length - 1]! |= 1;
  for (let prime = BigInt(`0x${start.toString("hex")}`); ; prime += 2n) {
    if (prime % EXPONENT !== 1n && checkPrimeSync(prime)) return prime;
  }
}

/** `value`'s inverse modulo `modulus`, to which it is coprime. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [before, factor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [before, factor] = [factor, before - quotient * factor];
  }
  return before < 0n ? before + modulus : before;
}

/** `length` bytes that follow from `seed`: MGF1 with SHA-256. */
function stretched(seed: Uint8Array, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) => sha256(seed, Buffer.of(0, 0, 0, at)));
  return Buffer.concat(blocks).subarray(0, length);
}

function bytesOf(value: bigint): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
