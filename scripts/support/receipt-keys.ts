import { createHash, createPublicKey, type JsonWebKey } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";
import { computeAddress, concat, getBytes, hexlify, randomBytes, SigningKey, toBeHex } from "ethers";

import { rsaFrom, signPss } from "./seeded-rsa.ts";

/** A key of an enclave, in the forms of `IReceiptKey.sol`. It signs one digest always in the same way. */
export interface TestKey {
  readonly kind: number;
  readonly data: string;
  /** x | y of a curve's point, empty for RSA. */
  readonly point: string;
  /** SubjectPublicKeyInfo in DER, as Node gives it. */
  readonly spki: Uint8Array;
  sign(digest: string): string;
}

const spkiOf = (key: JsonWebKey) => createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" });

function spkiOfPoint(crv: string, point: string): Uint8Array {
  const [x, y] = [point.slice(2, 66), point.slice(66)].map((half) => Buffer.from(half, "hex").toString("base64url"));
  return spkiOf({ kty: "EC", crv, x: x!, y: y! });
}

/** A seed for a key that nobody has had before. */
const fresh = (): string => hexlify(randomBytes(32));

/** A secret on a curve of 256 bits: beyond the order of neither with any seed that will be found. */
const secretOf = (seed: string): Uint8Array => createHash("sha256").update(`assay test key: ${seed}`).digest();

/** @param seed Makes the same key again. */
export function secp256k1Key(seed: string = fresh()): TestKey {
  const key = new SigningKey(secretOf(seed));
  const point = `0x${key.publicKey.slice(4)}`;
  return {
    kind: 1,
    data: computeAddress(key.publicKey),
    point,
    spki: spkiOfPoint("secp256k1", point),
    sign: (digest) => key.sign(digest).serialized,
  };
}

/**
 * @param highS Which of the two signatures to give.
 * @param seed Makes the same key again.
 */
export function p256Key(highS: boolean, seed: string = fresh()): TestKey {
  const secret = secretOf(seed);
  const point = hexlify(p256.getPublicKey(secret, false).slice(1));
  return {
    kind: 2,
    data: point,
    point,
    spki: spkiOfPoint("P-256", point),
    sign(digest) {
      const low = hexlify(p256.sign(getBytes(digest), secret, { prehash: false, lowS: true }));
      if (!highS) return low;
      const s = p256.Point.Fn.ORDER - BigInt(`0x${low.slice(66)}`);
      return concat([low.slice(0, 66), toBeHex(s, 32)]);
    },
  };
}

/** @param seed Makes the same key again. */
export function rsaKey(bits: number, seed: string = fresh()): TestKey {
  const key = rsaFrom(bits, seed);
  return {
    kind: 3,
    data: concat([toBeHex(key.exponent, 4), toBeHex(key.modulus, bits / 8)]),
    point: "0x",
    spki: createPublicKey(key.privateKey).export({ type: "spki", format: "der" }),
    sign: (digest) => hexlify(signPss(key, getBytes(digest))),
  };
}
