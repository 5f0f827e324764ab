import { p384Hints } from "../p384/hints.ts";
import { type Certificate, decodeCertificate } from "../x509.ts";
import { type NitroDocument, parseNitroDocument } from "./document.ts";

const NONE = new Uint8Array();

/** Which certificates the contract knows already; see `NitroVerifier.cacheCertificates`. */
export interface NitroHintOptions {
  /** How many certificates from the root down are cached, the root not counted. 0 when left out. */
  readonly cached?: number;
}

/**
 * Makes the `hints` with which `NitroVerifier.verify` checks a document: for each certificate below the root that is not cached,
 * and for the document, four bytes of length and what `p384Hints` makes. 19 KB for each signature.
 *
 * Not checked here: times, and anything but the signatures.
 *
 * @throws {AttestationError} when the document is malformed.
 * @throws {P384SignatureError} when one of the signatures does not hold.
 */
export function nitroHints(evidence: Uint8Array, { cached = 0 }: NitroHintOptions = {}): Uint8Array {
  const document = parseNitroDocument(evidence);
  const chain = document.chain.map((der) => decodeCertificate(der, "p384"));
  const parts = [...certificateHints(chain, cached), documentHints(document, chain)];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

/**
 * The certificates of a document below its root, without the leaf, and their hints: what
 * `NitroVerifier.cacheCertificates` takes. Later documents of the same instance are five times cheaper for it.
 *
 * @throws {AttestationError} when the document is malformed.
 * @throws {P384SignatureError} when one of the signatures does not hold.
 */
export function nitroCacheable(
  evidence: Uint8Array,
  { cached = 0 }: NitroHintOptions = {},
): { readonly chain: readonly Uint8Array[]; readonly hints: readonly Uint8Array[] } {
  const { chain } = parseNitroDocument(evidence);
  const authorities = chain.slice(0, -1);
  const decoded = authorities.map((der) => decodeCertificate(der, "p384"));
  return { chain: authorities.slice(1), hints: certificateHints(decoded, cached) };
}

function certificateHints(chain: readonly Certificate[], cached: number): readonly Uint8Array[] {
  return chain.slice(1).map(({ signed, signature }, index) => {
    const issuer = chain[index];
    return issuer === undefined || index < cached ? NONE : p384Hints({ message: signed }, signature, issuer.publicKey);
  });
}

function documentHints({ signed, signature }: NitroDocument, chain: readonly Certificate[]): Uint8Array {
  const leaf = chain.at(-1);
  return leaf === undefined ? NONE : p384Hints({ message: signed }, signature, leaf.publicKey);
}
