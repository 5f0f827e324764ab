import { AbiCoder, concat, dataSlice, hexlify, keccak256, sha256, toUtf8Bytes, ZeroHash, zeroPadBytes } from "ethers";

import { uint } from "../../core/fields.ts";
import { CLAIM_DEBUG, type Claims, FORMATS } from "../claims.ts";
import { verifyEcdsa } from "../ecdsa.ts";
import { AttestationError, requireCurrent as requireValid } from "../error.ts";
import { type Certificate, decodeCertificate, NO_LIMIT } from "../x509.ts";
import { type NitroDocument, parseNitroDocument } from "./document.ts";

/** keccak256 of AWS's root certificate G1 in DER. */
export const NITRO_ROOT = "0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185";

const MAX_BELOW_ROOT = 6;

/** What {@link verifyNitro} is told. */
export interface NitroOptions {
  /** Unix seconds at which everything must be valid. */
  readonly at: number;
  /** keccak256 of another root certificate, for chains made by oneself. */
  readonly root?: string;
}

/** A document that holds, and what it says. */
export interface VerifiedNitro {
  readonly claims: Claims;
  readonly document: NitroDocument;
  /** The root first, the leaf last. */
  readonly chain: readonly Certificate[];
}

/**
 * Verifies an attestation document of AWS Nitro as `NitroVerifier` does on chain: same verdict, same names of errors, same
 * claims.
 *
 * Not checked here: whether the measurement is wanted, debug mode (a flag of the claims), age, for whom it was made, and AWS's
 * revocation lists.
 *
 * @throws {AttestationError}
 * @throws {FieldError} when `at` is no time.
 */
export async function verifyNitro(
  evidence: Uint8Array,
  { at, root = NITRO_ROOT }: NitroOptions,
): Promise<VerifiedNitro> {
  // With what is no number every comparison would be false, and so no refusal.
  uint("at", at, 53);
  const document = parseNitroDocument(evidence);
  const chain = await verifyChain(document.chain, at, root);
  const leaf = chain.at(-1) as Certificate;
  const issuedAt = Math.floor(document.timestamp / 1000);
  const notAfter = Math.min(...chain.map((certificate) => certificate.notAfter));
  if (issuedAt < leaf.notBefore || issuedAt > leaf.notAfter) {
    throw new AttestationError(
      "IssuedAtInvalid",
      `made at ${issuedAt}; its certificate is valid from ${leaf.notBefore} to ${leaf.notAfter}`,
    );
  }
  requireValid("IssuedAtInvalid", { what: "the document", from: issuedAt, until: notAfter }, at);
  if (!(await verifyEcdsa("p384", leaf.publicKey, document.signed, document.signature))) {
    throw new AttestationError("DocumentSignatureMismatch", "the document is not signed by the leaf");
  }
  return { claims: claimsOf(document, issuedAt, notAfter), document, chain };
}

async function verifyChain(der: readonly Uint8Array[], now: number, root: string): Promise<readonly Certificate[]> {
  const [first, ...below] = der;
  if (first === undefined || keccak256(first) !== root) {
    throw new AttestationError("RootMismatch", "the first certificate is not the root, byte for byte");
  }
  if (below.length < 1 || below.length > MAX_BELOW_ROOT) {
    throw new AttestationError("ChainLengthInvalid", `${below.length} certificates below the root`);
  }
  let parent = decodeCertificate(first, "p384");
  requireCurrent(parent, 0, "root", now);
  let room = MAX_BELOW_ROOT;
  const chain = [parent];
  for (const [i, bytes] of below.entries()) {
    const index = i + 1;
    const certificate = decodeCertificate(bytes, "p384");
    if (hexlify(certificate.issuer) !== hexlify(parent.subject)) {
      throw new AttestationError("IssuerMismatch", `certificate ${index} names another issuer`);
    }
    requireUsage(certificate, index);
    requireCurrent(certificate, index, index === below.length ? "leaf" : "intermediate", now);
    if (certificate.isAuthority === (index === below.length)) {
      throw new AttestationError("AuthorityUnexpected", `certificate ${index}`);
    }
    if (certificate.isAuthority) {
      if (room === 0) throw new AttestationError("PathTooLong", `certificate ${index}`);
      room -= 1;
      if (certificate.pathLength !== NO_LIMIT) room = Math.min(room, certificate.pathLength);
    }
    if (!(await verifyEcdsa("p384", parent.publicKey, certificate.signed, certificate.signature))) {
      throw new AttestationError("SignatureMismatch", `certificate ${index} is not signed by the one before`);
    }
    chain.push(certificate);
    parent = certificate;
  }
  return chain;
}

function requireCurrent({ notBefore, notAfter }: Certificate, index: number, rank: string, now: number): void {
  const what = `certificate ${index} (${rank})`;
  requireValid("CertificateNotCurrent", { what, from: notBefore, until: notAfter }, now);
}

function requireUsage({ isAuthority, mayCertify, maySign, maySignLists }: Certificate, index: number): void {
  const fits = isAuthority ? mayCertify : maySign && !mayCertify && !maySignLists;
  if (!fits) throw new AttestationError("KeyUsageInvalid", `certificate ${index}`);
}

function claimsOf(document: NitroDocument, issuedAt: number, notAfter: number): Claims {
  const words = (index: number): string[] => {
    const value = hexlify(document.pcrs.get(index) ?? new Uint8Array(48));
    return [dataSlice(value, 0, 32), zeroPadBytes(dataSlice(value, 32), 32)];
  };
  const isZero = (index: number): boolean => document.pcrs.get(index)?.every((byte) => byte === 0) ?? true;
  const coder = AbiCoder.defaultAbiCoder();
  return {
    format: FORMATS.nitro,
    measurement: keccak256(
      coder.encode(
        ["bytes32", "bytes32[2]", "bytes32[2]", "bytes32[2]", "bytes32[2]"],
        [FORMATS.nitro, words(0), words(1), words(2), words(8)],
      ),
    ),
    config: isZero(3) ? ZeroHash : keccak256(concat(words(3))),
    platform: keccak256(toUtf8Bytes(document.moduleId.slice(0, document.moduleId.indexOf("-enc")))),
    bind0: document.userData === undefined ? ZeroHash : sha256(document.userData),
    bind1: document.nonce === undefined ? ZeroHash : sha256(document.nonce),
    keyHash: document.publicKey === undefined ? ZeroHash : keccak256(document.publicKey),
    issuedAt,
    notAfter,
    tcbEval: 0,
    tcbStatus: 0,
    flags: isZero(0) || isZero(1) || isZero(2) ? CLAIM_DEBUG : 0,
    advisories: ZeroHash,
  };
}
