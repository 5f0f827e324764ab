import { uint } from "../../core/fields.ts";
import type { Claims } from "../claims.ts";
import { decodeCrl, type RevocationList } from "../crl.ts";
import { bytesOf, hexOf, Tag } from "../der.ts";
import { verifyEcdsa } from "../ecdsa.ts";
import { AttestationError, requireCurrent } from "../error.ts";
import { decodePem } from "../pem.ts";
import { type Certificate, decodeCertificate } from "../x509.ts";
import { quoteClaims } from "./claims.ts";
import { type IntelCollateral, parseQeIdentity, parseTcbInfo, type TcbInfo, type TcbStatus } from "./collateral.ts";
import { pckPlatform, type PckPlatform } from "./pck.ts";
import { parseQuote, type Quote } from "./quote.ts";
import { converge, domainLevel, platformLevel, qeLevel } from "./tcb.ts";
import { PARTS } from "./validity.ts";

/** Public key of Intel's SGX root, X || Y on P-256, in hexadecimal. */
export const INTEL_ROOT_KEY =
  "0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394";

/** Names in Intel's certificates, in DER: all go on with "O=Intel Corporation, L=Santa Clara, ST=CA, C=US". */
const NAMES = {
  root: intelName("Intel SGX Root CA"),
  platform: intelName("Intel SGX PCK Platform CA"),
  processor: intelName("Intel SGX PCK Processor CA"),
  pck: intelName("Intel SGX PCK Certificate"),
  signer: intelName("Intel SGX TCB Signing"),
} as const;

/** What {@link verifyQuote} is told. */
export interface QuoteOptions {
  /** Unix seconds at which everything must be valid. */
  readonly at: number;
  /** Key of another root, for chains made by oneself, X || Y in hexadecimal. */
  readonly rootKey?: string;
}

/** A quote that holds, and what it says. */
export interface VerifiedQuote {
  readonly claims: Claims;
  readonly quote: Quote;
  readonly platform: PckPlatform;
  readonly status: TcbStatus;
  /** Sorted, each once. */
  readonly advisories: readonly string[];
}

/**
 * Verifies an Intel quote against collateral as `DcapVerifier` does on chain: same verdict, same names of errors, same claims.
 *
 * Not checked here: whether the measurement is wanted, debug mode (a flag of the claims), whether a status is good enough,
 * age (quotes carry no time), and for whom it was made.
 *
 * @throws {AttestationError}
 * @throws {FieldError} when `at` is no time.
 */
export async function verifyQuote(
  evidence: Uint8Array,
  collateral: IntelCollateral,
  { at, rootKey = INTEL_ROOT_KEY }: QuoteOptions,
): Promise<VerifiedQuote> {
  // With what is no number every comparison would be false, and so no refusal.
  uint("at", at, 53);
  const quote = parseQuote(evidence);
  const used: { notAfter: number }[] = [];
  const judge = new Judge(at, rootKey, used);

  const rootList = await judge.list("root_ca_crl", listOf(collateral.root_ca_crl, NAMES.root), rootKey);
  const [pck, authority] = await judge.pckChain(quote, rootList);
  const list = listOf(collateral.pck_crl, hexOf(authority.subject));
  judge.notRevoked(pck, await judge.list("pck_crl", list, hexOf(authority.publicKey)));
  const platform = pckPlatform(pck);

  const info = parseTcbInfo(collateral.tcb_info);
  const identity = parseQeIdentity(collateral.qe_identity);
  await judge.document(collateral, "tcb_info", rootList);
  await judge.document(collateral, "qe_identity", rootList);
  // From here on in the order in which `DcapVerifier` finds faults.
  await verifySignatures(quote, pck);
  if (identity.id !== (quote.tee === "tdx" ? "TD_QE" : "QE")) {
    throw new AttestationError("QeIdentityUnknown", `an identity of ${identity.id}`);
  }
  judge.current("qe_identity", identity);
  const qe = qeLevel(identity, quote.qeReport);
  requireRight(quote, platform, info);
  judge.current("tcb_info", info);
  if (info.pceId.toLowerCase() !== hexOf(platform.pceId)) {
    throw new AttestationError("PceMismatch", `a TCB Info of ${info.pceId}`);
  }
  const base =
    quote.body.kind === "sgx"
      ? platformLevel(info, platform, undefined)
      : domainLevel(info, platform, quote.body.report, qe.status);
  if (base.status === "Revoked") throw new AttestationError("TcbRevoked", "Intel has revoked the machine's level");
  const status = converge(base.status, qe.status);
  const advisories = [...new Set([...base.advisories, ...qe.advisories])].sort();
  const notAfter = Math.min(...used.map((part) => part.notAfter));
  const tcbEval = Math.min(info.tcbEvaluationDataNumber, identity.tcbEvaluationDataNumber);
  return {
    claims: quoteClaims(quote, pck, platform, { status, advisories, notAfter, tcbEval }),
    quote,
    platform,
    status,
    advisories,
  };
}

/** On chain, documents are kept by kind and machine, and one that does not fit is not found. */
function requireRight(quote: Quote, platform: PckPlatform, info: TcbInfo): void {
  if (info.id !== (quote.tee === "tdx" ? "TDX" : "SGX") || info.fmspc.toLowerCase() !== hexOf(platform.fmspc)) {
    throw new AttestationError("TcbInfoUnknown", `a TCB Info of ${info.id} ${info.fmspc}`);
  }
}

async function verifySignatures(quote: Quote, pck: Certificate): Promise<void> {
  const { attestationKey, qeAuthData, qeReport, qeReportSignature, signature, signed } = quote;
  if (!(await verifyEcdsa("p256", pck.publicKey, qeReport.bytes, qeReportSignature))) {
    throw new AttestationError("QeSignatureMismatch", "the quoting enclave is not vouched for by the machine");
  }
  const bound = new Uint8Array(
    await crypto.subtle.digest("SHA-256", Uint8Array.from([...attestationKey, ...qeAuthData])),
  );
  const expected = hexOf(bound) + "00".repeat(32);
  if (hexOf(qeReport.reportData) !== expected) {
    throw new AttestationError("QeReportDataMismatch", "the quoting enclave vouches for another key");
  }
  if (!(await verifyEcdsa("p256", attestationKey, signed, signature))) {
    throw new AttestationError("QuoteSignatureMismatch", "the quote is not signed by its attestation key");
  }
}

/** Checks certificates, lists and documents at one time, and notes how long each is valid. */
class Judge {
  readonly #now: number;
  readonly #rootKey: string;
  readonly #used: { notAfter: number }[];

  constructor(now: number, rootKey: string, used: { notAfter: number }[]) {
    this.#now = now;
    this.#rootKey = rootKey;
    this.#used = used;
  }

  /** The machine's certificate and its authority's, checked up to the root. */
  async pckChain(quote: Quote, rootList: RevocationList): Promise<readonly [Certificate, Certificate]> {
    const text = new TextDecoder("latin1").decode(quote.certification);
    const [pck, authority] = await this.#chain(text, 3, "the quote's chain");
    if (authority === undefined || !isPckAuthority(authority)) {
      throw new AttestationError("AuthorityUnfit", "the second certificate of the chain is no authority for machines");
    }
    if (hexOf(pck.subject) !== NAMES.pck || !isLeaf(pck)) {
      throw new AttestationError("PckUnfit", "the first certificate of the chain is no machine's");
    }
    this.notRevoked(authority, rootList);
    return [pck, authority];
  }

  /** Checks that a document is signed by a signer that the root certified. */
  async document(
    collateral: IntelCollateral,
    part: "tcb_info" | "qe_identity",
    rootList: RevocationList,
  ): Promise<void> {
    const [signer] = await this.#chain(collateral[`${part}_issuer_chain`], 2, `the chain of ${PARTS[part]}`);
    if (hexOf(signer.subject) !== NAMES.signer || !isLeaf(signer)) {
      throw new AttestationError("AuthorityUnfit", "no signer of documents");
    }
    this.notRevoked(signer, rootList);
    const bytes = new TextEncoder().encode(collateral[part]);
    if (!(await verifyEcdsa("p256", signer.publicKey, bytes, bytesOf(collateral[`${part}_signature`])))) {
      throw new AttestationError("DocumentSignatureMismatch", `${PARTS[part]} is not signed by its signer`);
    }
  }

  /** Checks signature and time of a list. */
  async list(part: "root_ca_crl" | "pck_crl", list: RevocationList, issuerKey: string): Promise<RevocationList> {
    if (!(await verifyEcdsa("p256", bytesOf(issuerKey), list.signed, list.signature))) {
      throw new AttestationError("IssuerSignatureMismatch", `${PARTS[part]} is not signed by its issuer`);
    }
    const { thisUpdate: from, nextUpdate: until } = list;
    requireCurrent("CrlNotCurrent", { what: PARTS[part], from, until }, this.#now);
    this.#used.push({ notAfter: until });
    return list;
  }

  notRevoked({ serial }: Certificate, list: RevocationList): void {
    if (list.revoked.includes(serial)) throw new AttestationError("CertificateRevoked", `serial ${serial}`);
  }

  current(
    part: "tcb_info" | "qe_identity",
    { issueDate, nextUpdate }: Pick<TcbInfo, "issueDate" | "nextUpdate">,
  ): void {
    requireCurrent("DocumentNotCurrent", { what: PARTS[part], from: issueDate, until: nextUpdate }, this.#now);
    this.#used.push({ notAfter: nextUpdate });
  }

  /** A chain in PEM of exactly `length` certificates, leaf first, each signed by the next, the last being the root. */
  async #chain(pem: string, length: number, where: string): Promise<readonly [Certificate, ...Certificate[]]> {
    const chain = decodePem(pem, length).map((der) => decodeCertificate(der, "p256"));
    const [leaf] = chain;
    if (leaf === undefined || chain.length !== length) {
      throw new AttestationError("ChainLengthInvalid", `${chain.length} certificates, where ${length} belong`);
    }
    const root = chain.at(-1) as Certificate;
    if (hexOf(root.publicKey) !== this.#rootKey) throw new AttestationError("RootMismatch", "the chain ends elsewhere");
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1] ?? root;
      if (hexOf(certificate.issuer) !== hexOf(issuer.subject)) {
        throw new AttestationError("IssuerMismatch", `certificate ${index} names another issuer`);
      }
      if (!(await verifyEcdsa("p256", issuer.publicKey, certificate.signed, certificate.signature))) {
        throw new AttestationError("IssuerSignatureMismatch", `certificate ${index}`);
      }
      const { notBefore, notAfter } = certificate;
      const rank = index === 0 ? "leaf" : index === length - 1 ? "root" : "intermediate";
      const what = `certificate ${index} (${rank}) of ${where}`;
      requireCurrent("CertificateNotCurrent", { what, from: notBefore, until: notAfter }, this.#now);
      this.#used.push({ notAfter });
    }
    return [leaf, ...chain.slice(1)];
  }
}

/** A list of revocations, whose issuer must have the name `issuer`. */
function listOf(text: string, issuer: string): RevocationList {
  const list = decodeCrl(bytesOf(text), "p256");
  if (hexOf(list.issuer) !== issuer) throw new AttestationError("IssuerMismatch", "a list is another authority's");
  return list;
}

/** Whether a certificate is one of the two under which Intel certifies machines. */
function isPckAuthority(certificate: Certificate): boolean {
  const { isAuthority, mayCertify, maySignLists, pathLength, subject } = certificate;
  const known = hexOf(subject) === NAMES.platform || hexOf(subject) === NAMES.processor;
  return known && isAuthority && pathLength === 0 && mayCertify && maySignLists;
}

/** Whether a certificate is for signing, and for no certificates or lists. */
function isLeaf({ isAuthority, mayCertify, maySign, maySignLists }: Certificate): boolean {
  return !isAuthority && maySign && !mayCertify && !maySignLists;
}

/** A name of Intel's in DER, in hexadecimal. */
function intelName(common: string): string {
  const element = (tag: number, contents: Uint8Array): Uint8Array => Uint8Array.of(tag, contents.length, ...contents);
  const part = (type: number, tag: number, text: string): Uint8Array => {
    const value = element(tag, new TextEncoder().encode(text));
    return element(Tag.Set, element(Tag.Sequence, Uint8Array.of(Tag.Oid, 3, 0x55, 4, type, ...value)));
  };
  const parts = [
    part(3, Tag.Utf8String, common),
    part(10, Tag.Utf8String, "Intel Corporation"),
    part(7, Tag.Utf8String, "Santa Clara"),
    part(8, Tag.Utf8String, "CA"),
    part(6, Tag.PrintableString, "US"),
  ];
  return hexOf(element(Tag.Sequence, Uint8Array.from(parts.flatMap((bytes) => [...bytes]))));
}
