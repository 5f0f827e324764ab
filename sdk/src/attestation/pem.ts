import { AttestationError } from "./error.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+?)-----END CERTIFICATE-----[\r\n\0]*/y;

/**
 * Certificates in PEM, one after the other, as DER. Nothing may stand before, between or after them but line ends, and one
 * zero byte at the end, which Intel's quotes have.
 *
 * @throws {AttestationError} PemInvalid; PemTooMany above `limit`.
 */
export function decodePem(text: string, limit: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  BLOCK.lastIndex = 0;
  for (let at = 0; at < text.length; at = BLOCK.lastIndex) {
    BLOCK.lastIndex = at;
    const body = BLOCK.exec(text)?.[1]?.replaceAll(/[\r\n]/g, "");
    if (body === undefined) throw new AttestationError("PemInvalid", `no certificate at character ${at}`);
    if (found.length === limit) throw new AttestationError("PemTooMany", `more than ${limit} certificates`);
    let binary: string;
    try {
      binary = atob(body);
    } catch (cause) {
      throw new AttestationError("PemInvalid", `no base64 at character ${at}`, { cause });
    }
    found.push(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  }
  if (found.length === 0) throw new AttestationError("PemInvalid", "no certificate");
  return found;
}
