import { hexlify } from "ethers";

import { AttestationError } from "./error.ts";
import { foreignEvidence } from "./foreign.ts";
import { pckPlatform } from "./intel/pck.ts";
import { parseQuote, type Quote } from "./intel/quote.ts";
import { showName } from "./names.ts";
import { type NitroDocument, parseNitroDocument } from "./nitro/document.ts";
import { decodePem } from "./pem.ts";
import { type Certificate, decodeCertificate } from "./x509.ts";

/** What a certificate in evidence says. Times are Unix seconds. */
export interface InspectedCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isAuthority: boolean;
}

/** What evidence claims, unverified. */
export interface Inspection {
  readonly type: "aws.nitro" | "intel.sgx" | "intel.tdx";
  /** Name and value, in the order to show them; byte strings as 0x and hex digits. */
  readonly fields: readonly (readonly [string, string])[];
  readonly debug: boolean;
  /** When it says that it was made, Unix seconds; undefined where the kind has no time. */
  readonly issuedAt: number | undefined;
  /** The leaf first for Intel, the root first for AWS, as the evidence has them. */
  readonly certificates: readonly InspectedCertificate[];
}

const SGX_DEBUG = 0x02;
const TD_DEBUG = 0x01;
const MAX_PEM_CERTIFICATES = 3;

/**
 * Reads what evidence of any kind claims. Nothing of it is verified; see `verifyNitro` and `verifyQuote`.
 *
 * @throws {AttestationError} EvidenceUnknown where it is of no kind that is known, or what is wrong with its form.
 */
export function inspectEvidence(evidence: Uint8Array): Inspection {
  const foreign = foreignEvidence(evidence);
  if (foreign !== undefined) throw new AttestationError("EvidenceUnknown", `this is ${foreign}`);
  const [first, second] = evidence;
  // COSE_Sign1: an array of four, tagged or not.
  if (first === 0xd2 || first === 0x84) return inspectNitro(parseNitroDocument(evidence));
  // A quote's version, little-endian.
  if (second === 0 && (first === 3 || first === 4 || first === 5)) return inspectQuote(parseQuote(evidence));
  throw new AttestationError(
    "EvidenceUnknown",
    `${evidence.length} bytes that begin with ${hexlify(evidence.subarray(0, 4))} are neither a Nitro document nor an Intel quote`,
  );
}

function inspectNitro(document: NitroDocument): Inspection {
  const zero = (index: number): boolean => document.pcrs.get(index)?.every((byte) => byte === 0) ?? false;
  const optional = (name: string, value: Uint8Array | undefined): readonly [string, string] => [
    name,
    value === undefined ? "none" : hexlify(value),
  ];
  return {
    type: "aws.nitro",
    fields: [
      ["module", document.moduleId],
      ...[...document.pcrs]
        .sort(([a], [b]) => a - b)
        .filter(([index]) => index < 3 || !zero(index))
        .map(([index, value]) => [`PCR${index}`, hexlify(value)] as const),
      optional("user data", document.userData),
      optional("nonce", document.nonce),
      optional("public key", document.publicKey),
    ],
    debug: zero(0) || zero(1) || zero(2),
    issuedAt: Math.floor(document.timestamp / 1000),
    certificates: document.chain.map((der) => shown(decodeCertificate(der, "p384"))),
  };
}

function inspectQuote(quote: Quote): Inspection {
  const { body } = quote;
  const pem = new TextDecoder("latin1").decode(quote.certification);
  const chain = decodePem(pem, MAX_PEM_CERTIFICATES).map((der) => decodeCertificate(der, "p256"));
  const [pck] = chain;
  const common: (readonly [string, string])[] = [
    ["quote version", String(quote.version)],
    ["report data", hexlify(body.report.reportData)],
    ["quoting enclave", `version ${quote.qeReport.isvSvn}, signer ${hexlify(quote.qeReport.mrSigner)}`],
    ["padding", `${quote.padding} zero bytes`],
    ...(pck === undefined ? [] : platformFields(pck)),
  ];
  if (body.kind === "sgx") {
    const { report } = body;
    return {
      type: "intel.sgx",
      fields: [
        ["MRENCLAVE", hexlify(report.mrEnclave)],
        ["MRSIGNER", hexlify(report.mrSigner)],
        ["product, version", `${report.isvProdId}, ${report.isvSvn}`],
        ["attributes", hexlify(report.attributes)],
        ...common,
      ],
      debug: ((report.attributes[0] ?? 0) & SGX_DEBUG) !== 0,
      issuedAt: undefined,
      certificates: chain.map(shown),
    };
  }
  const { report } = body;
  return {
    type: "intel.tdx",
    fields: [
      ["body", body.kind === "td10" ? "TD 1.0" : "TD 1.5"],
      ["MRTD", hexlify(report.mrTd)],
      ...report.rtmr.map((value, index) => [`RTMR${index}`, hexlify(value)] as const),
      ["MRSEAM", hexlify(report.mrSeam)],
      ["TEE TCB SVN", hexlify(report.teeTcbSvn)],
      ["TD attributes", hexlify(report.tdAttributes)],
      ["XFAM", hexlify(report.xfam)],
      ["MRCONFIGID", hexlify(report.mrConfigId)],
      ["MROWNER", hexlify(report.mrOwner)],
      ...(report.mrServiceTd === undefined ? [] : [["MRSERVICETD", hexlify(report.mrServiceTd)] as const]),
      ...common,
    ],
    debug: ((report.tdAttributes[0] ?? 0) & TD_DEBUG) !== 0,
    issuedAt: undefined,
    certificates: chain.map(shown),
  };
}

function platformFields(pck: Certificate): readonly (readonly [string, string])[] {
  const { components, fmspc, pceSvn, ppid } = pckPlatform(pck);
  return [
    ["FMSPC", hexlify(fmspc)],
    ["PPID", hexlify(ppid)],
    ["TCB components", components.join(" ")],
    ["PCE SVN", String(pceSvn)],
  ];
}

function shown({ subject, issuer, serial, notBefore, notAfter, isAuthority }: Certificate): InspectedCertificate {
  return {
    subject: showName(subject),
    issuer: showName(issuer),
    serial: `0x${serial.toString(16)}`,
    notBefore,
    notAfter,
    isAuthority,
  };
}
