import type { Suite } from "./x509.ts";

const PARAMETERS = {
  p256: { curve: "P-256", hash: "SHA-256" },
  p384: { curve: "P-384", hash: "SHA-384" },
} as const;

/**
 * Whether `signature` is one of `message` by `publicKey`, checked with WebCrypto. Takes an `s` in the upper half, as vendors
 * sign; false for a key that is not on its curve.
 *
 * @param publicKey X || Y. @param signature r || s, each as wide as the curve.
 */
export async function verifyEcdsa(
  suite: Suite,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { curve, hash } = PARAMETERS[suite];
  const point = new Uint8Array(1 + publicKey.length);
  point[0] = 4;
  point.set(publicKey, 1);
  const algorithm = { name: "ECDSA", namedCurve: curve };
  const key = await crypto.subtle.importKey("raw", point, algorithm, false, ["verify"]).catch(() => undefined);
  if (key === undefined) return false;
  return await crypto.subtle.verify({ name: "ECDSA", hash }, key, signature.slice(), message.slice());
}
