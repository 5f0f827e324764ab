import { issueCertificate, signCertificate } from "../../nodes/shared/enclave/development/certificate.ts";
import type { CertificateOptions } from "../../nodes/shared/enclave/development/certificate.ts";
import { encodeSequence } from "../../nodes/shared/enclave/development/der.ts";
import { encodePayload, signDocument } from "../../nodes/shared/enclave/development/document.ts";
import { developmentKey } from "../../nodes/shared/enclave/development/keys.ts";
import type { P256Key } from "../../nodes/shared/enclave/development/keys.ts";
import { DEVELOPMENT_ROOT, ROOT_NAME } from "../../nodes/shared/enclave/development/root.ts";

/** The time at which forged evidence is issued. */
export const NOW = 1_900_000_000;
export const VALIDITY = 3600;

export const AUTHORITY = developmentKey("test authority");
export const LEAF = developmentKey("test leaf");

export const USER_DATA = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
export const PUBLIC_KEY = Uint8Array.from({ length: 64 }, (_, i) => 0xff - i);
export const MEASUREMENT = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);

/** A certificate of an authority that the root signs, with `changes`. */
export function authorityWith(changes: Partial<CertificateOptions> = {}): Uint8Array {
  return issueCertificate({
    serial: 11n,
    issuer: ROOT_NAME,
    subject: "Test Authority",
    notBefore: NOW - 1000,
    notAfter: NOW + 100_000,
    publicKey: AUTHORITY.publicKey,
    signer: DEVELOPMENT_ROOT,
    authority: { pathLength: 0 },
    ...changes,
  });
}

/** A leaf that the authority signs, with `changes`. */
export function leafWith(changes: Partial<CertificateOptions> = {}): Uint8Array {
  return issueCertificate({
    serial: 12n,
    issuer: "Test Authority",
    subject: "Test Leaf",
    notBefore: NOW,
    notAfter: NOW + VALIDITY,
    publicKey: LEAF.publicKey,
    signer: AUTHORITY,
    ...changes,
  });
}

/** What a forged document is to differ in; all else is as it should be. */
export interface Forgery {
  readonly chain?: readonly Uint8Array[];
  readonly debug?: boolean;
  readonly issuedAt?: number;
  readonly signer?: P256Key;
}

/** The payload of good evidence, but for what `forgery` names. */
export function payloadWith({
  chain = [authorityWith(), leafWith()],
  debug = false,
  issuedAt = NOW,
}: Forgery = {}): Uint8Array {
  return encodePayload({
    chain,
    debug,
    issuedAt,
    userData: USER_DATA,
    publicKey: PUBLIC_KEY,
    measurement: MEASUREMENT,
  });
}

/** Good evidence, but for what `forgery` names, signed by the leaf all the same. */
export function evidenceWith(forgery: Forgery = {}): Uint8Array {
  return signDocument(payloadWith(forgery), forgery.signer ?? LEAF);
}

/** A copy of `bytes` with the one occurrence of `from` (hex) replaced by `to` (hex). */
export function patch(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = Buffer.from(bytes).toString("hex");
  const at = hex.indexOf(from);
  if (at < 0 || at % 2 === 1 || hex.indexOf(from, at + 1) >= 0) throw new Error(`${from} is not there exactly once`);
  return Buffer.from(hex.slice(0, at) + to + hex.slice(at + from.length), "hex");
}

/** The elements inside the DER element at the start of `der`, each with its head. */
export function elementsOf(der: Uint8Array): Uint8Array[] {
  const { start, end } = headOf(der, 0);
  const elements: Uint8Array[] = [];
  for (let at = start; at < end;) {
    const next = headOf(der, at).end;
    elements.push(der.slice(at, next));
    at = next;
  }
  return elements;
}

/** `certificate` with elements of its TBSCertificate replaced by raw DER, signed anew by `signer`. */
export function remade(certificate: Uint8Array, elements: Record<number, string>, signer: P256Key): Uint8Array {
  const inside = elementsOf(elementsOf(certificate)[0]!);
  for (const [index, hex] of Object.entries(elements)) inside[Number(index)] = Buffer.from(hex, "hex");
  return signCertificate(encodeSequence(inside), signer);
}

/** A DER element, as hex, of `tag` around `contents`, as hex, of fewer than 128 bytes. */
export function der(tag: string, contents: string): string {
  return tag + (contents.length / 2).toString(16).padStart(2, "0") + contents;
}

/** Where the contents of the DER element at `offset` begin and end. */
function headOf(bytes: Uint8Array, offset: number): { start: number; end: number } {
  const first = bytes[offset + 1] ?? 0;
  if (first < 0x80) return { start: offset + 2, end: offset + 2 + first };
  const start = offset + 2 + (first & 0x7f);
  return { start, end: start + Number.parseInt(Buffer.from(bytes.slice(offset + 2, start)).toString("hex"), 16) };
}
