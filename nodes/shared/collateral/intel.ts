import type { IntelCollateral } from "@assay/sdk";

import { CollateralError, CollateralErrorCode } from "./errors.ts";
import { get, type GetOptions } from "./get.ts";

/** Intel's Provisioning Certification Service; a caching service (PCCS) of one's own has the same paths. */
export const INTEL_PCS = "https://api.trustedservices.intel.com";
/** Where Intel publishes the root's revocation list. */
export const INTEL_ROOT_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

const MAX_JSON_BYTES = 64 * 1024;
const MAX_CRL_BYTES = 256 * 1024;
const MAX_CHAIN_CHARACTERS = 16 * 1024;

export type IntelTee = "sgx" | "tdx";
/** Which intermediate signed the machine's certificate. */
export type PckAuthority = "processor" | "platform";

/** What {@link fetchIntelCollateral} asks for. */
export interface IntelRequest {
  /** Family and model of the machine, 6 bytes in hexadecimal; the machine's certificate says it. */
  readonly fmspc: string;
  readonly tee: IntelTee;
  readonly authority: PckAuthority;
  /** Which documents: `standard` (12 months of grace), `early`, or a number of Intel's evaluation data. */
  readonly update?: "standard" | "early" | number;
}

export interface IntelService extends GetOptions {
  /** Base address; {@link INTEL_PCS} when left out. */
  readonly url?: string;
  readonly rootCrlUrl?: string;
}

/**
 * Fetches everything that a quote of one kind of machine is judged by.
 *
 * Not checked here: signatures, dates, and whether the documents are the newest; whoever uses them checks, above all the
 * contract. The texts are cut out of the answers byte for byte, because the signatures are over them.
 *
 * @throws {CollateralError}
 */
export async function fetchIntelCollateral(
  { fmspc, tee, authority, update = "standard" }: IntelRequest,
  { url = INTEL_PCS, rootCrlUrl = INTEL_ROOT_CRL, ...options }: IntelService = {},
): Promise<IntelCollateral> {
  if (!/^[0-9a-fA-F]{12}$/.test(fmspc)) {
    throw new CollateralError(CollateralErrorCode.Invalid, `fmspc "${fmspc.slice(0, 40)}" is not 12 hex digits.`);
  }
  const which =
    typeof update === "number" ? `tcbEvaluationDataNumber=${checkedNumber(update)}` : `update=${checkedWord(update)}`;
  const base = url.replace(/\/+$/, "");
  const [tcb, qe, crl, root] = await Promise.all([
    get(`${base}/${tee}/certification/v4/tcb?fmspc=${fmspc.toUpperCase()}&${which}`, MAX_JSON_BYTES, options),
    get(`${base}/${tee}/certification/v4/qe/identity?${which}`, MAX_JSON_BYTES, options),
    get(`${base}/sgx/certification/v4/pckcrl?ca=${authority}&encoding=der`, MAX_CRL_BYTES, options),
    get(rootCrlUrl, MAX_CRL_BYTES, options),
  ]);
  const info = signedText("tcbInfo", tcb.body);
  const identity = signedText("enclaveIdentity", qe.body);
  return {
    pck_crl_issuer_chain: chain("SGX-PCK-CRL-Issuer-Chain", crl.headers),
    root_ca_crl: crlHex("root CRL", root.body),
    pck_crl: crlHex("PCK CRL", crl.body),
    tcb_info_issuer_chain: chain("TCB-Info-Issuer-Chain", tcb.headers),
    tcb_info: info.text,
    tcb_info_signature: info.signature,
    qe_identity_issuer_chain: chain("SGX-Enclave-Identity-Issuer-Chain", qe.headers),
    qe_identity: identity.text,
    qe_identity_signature: identity.signature,
  };
}

/** The document inside of `{"<field>":{…},"signature":"…"}`, as it stands there. */
function signedText(field: string, body: Uint8Array): { text: string; signature: string } {
  const garbage = (what: string): CollateralError =>
    new CollateralError(CollateralErrorCode.Garbage, `Intel's ${field}: ${what}; the answer was dropped.`);
  let whole: string;
  try {
    whole = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new CollateralError(CollateralErrorCode.Garbage, `Intel's ${field}: the answer is not UTF-8.`, { cause });
  }
  const head = `{"${field}":`;
  const tail = /,"signature":"(?<signature>[0-9a-fA-F]{128})"\}\s*$/.exec(whole);
  if (!whole.startsWith(head) || tail?.groups?.["signature"] === undefined) {
    throw garbage(`the answer is not ${head}…,"signature":"128 hex digits"}`);
  }
  const text = whole.slice(head.length, tail.index);
  try {
    JSON.parse(text);
  } catch {
    throw garbage("the signed text is not JSON");
  }
  return { text, signature: tail.groups["signature"] };
}

function chain(header: string, headers: Headers): string {
  const value = headers.get(header) ?? "";
  let pem = "";
  try {
    if (value.length <= MAX_CHAIN_CHARACTERS) pem = decodeURIComponent(value);
  } catch {
    // Not percent-encoded; refused below.
  }
  if (!/^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/.test(pem)) {
    throw new CollateralError(
      CollateralErrorCode.Garbage,
      `the header ${header} holds no chain of certificates in PEM.`,
    );
  }
  return pem;
}

/** Some caches answer with hexadecimal text although DER was asked for. */
function crlHex(what: string, body: Uint8Array): string {
  if (body[0] === 0x30) return Buffer.from(body).toString("hex");
  const text = Buffer.from(body).toString("latin1").trim();
  if (/^30(?:[0-9a-fA-F]{2})+$/.test(text)) return text.toLowerCase();
  throw new CollateralError(CollateralErrorCode.Garbage, `the ${what} is neither DER nor its hexadecimal.`);
}

function checkedNumber(update: number): number {
  if (Number.isInteger(update) && update > 0 && update < 2 ** 32) return update;
  throw new CollateralError(
    CollateralErrorCode.Invalid,
    `evaluation number ${update} is not a whole number above zero.`,
  );
}

function checkedWord(update: string): string {
  if (update === "standard" || update === "early") return update;
  throw new CollateralError(CollateralErrorCode.Invalid, `"${update}" is neither standard nor early nor a number.`);
}
