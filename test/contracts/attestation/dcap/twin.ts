import { der, signatureBits } from "../../../../scripts/fixtures/intel-pki/der.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Where the contents of the element at `at` begin, and where it ends. */
function open(bytes: Uint8Array, at: number): [number, number] {
  const first = bytes[at + 1] ?? 0;
  const size = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + size;
  return [start, start + (size === 0 ? first : Buffer.from(bytes).readUIntBE(at + 2, size))];
}

/** The certificate with the other signature that is as valid: r and n - s. Anybody can make it. */
export function twinOf(certificate: Uint8Array): Uint8Array {
  const [tbs] = open(certificate, 0);
  const [, algorithm] = open(certificate, tbs);
  const [, bits] = open(certificate, algorithm);
  const [outer] = open(certificate, bits);
  const [r] = open(certificate, outer + 1);
  const half = (at: number): [bigint, number] => {
    const [start, end] = open(certificate, at);
    return [BigInt(`0x${Buffer.from(certificate.slice(start, end)).toString("hex")}`), end];
  };
  const [first, next] = half(r);
  const [second] = half(next);
  const words = [first, ORDER - second].map((value) => value.toString(16).padStart(64, "0"));
  return der(0x30, certificate.slice(tbs, bits), signatureBits(Buffer.from(words.join(""), "hex")));
}
