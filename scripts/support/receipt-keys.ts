import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";
import { computeAddress, concat, getBytes, hexlify, randomBytes, SigningKey, toBeHex } from "ethers";

/** A key of an enclave, in the forms of `IReceiptKey.sol`. */
export interface TestKey {
  readonly kind: number;
  readonly data: string;
  /** x | y of a curve's point, empty for RSA. */
  readonly point: string;
  /** SubjectPublicKeyInfo in DER, as Node gives it. */
  readonly spki: Uint8Array;
  sign(digest: string): string;
}

const bytes = (text: string | undefined) => hexlify(Buffer.from(text!, "base64url"));

function pointOf(key: KeyObject): string {
  const { x, y } = key.export({ format: "jwk" });
  return concat([bytes(x), bytes(y)]);
}

const spkiOf = (key: KeyObject) => key.export({ type: "spki", format: "der" });

export function secp256k1Key(): TestKey {
  const key = new SigningKey(hexlify(randomBytes(32)));
  const point = `0x${key.publicKey.slice(4)}`;
  const x = Buffer.from(point.slice(2, 66), "hex").toString("base64url");
  const y = Buffer.from(point.slice(66), "hex").toString("base64url");
  const spki = spkiOf(createPublicKey({ key: { kty: "EC", crv: "secp256k1", x, y }, format: "jwk" }));
  const data = computeAddress(key.publicKey);
  return { kind: 1, data, point, spki, sign: (digest) => key.sign(digest).serialized };
}

/** @param highS Which of the two signatures to give. */
export function p256Key(highS: boolean): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const point = pointOf(publicKey);
  const secret = getBytes(bytes(privateKey.export({ format: "jwk" }).d));
  return {
    kind: 2,
    data: point,
    point,
    spki: spkiOf(publicKey),
    sign(digest) {
      const low = hexlify(p256.sign(getBytes(digest), secret, { prehash: false, lowS: true }));
      if (!highS) return low;
      const s = p256.Point.Fn.ORDER - BigInt(`0x${low.slice(66)}`);
      return concat([low.slice(0, 66), toBeHex(s, 32)]);
    },
  };
}

export function rsaKey(modulusLength: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength });
  const { e, n } = publicKey.export({ format: "jwk" });
  const data = concat([toBeHex(BigInt(bytes(e)), 4), bytes(n)]);
  return {
    kind: 3,
    data,
    point: "0x",
    spki: spkiOf(publicKey),
    sign: (digest) =>
      hexlify(
        sign("sha256", getBytes(digest), {
          key: privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 32,
        }),
      ),
  };
}
