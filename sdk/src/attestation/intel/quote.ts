import { hexOf } from "../der.ts";
import { AttestationError } from "../error.ts";

/** Longest quote that is read, in bytes; real ones have about 5,000. */
export const MAX_QUOTE_BYTES = 16_384;

/** What the quoting enclave and SGX enclaves say of themselves: a report of 384 bytes. Integers are little-endian. */
export interface SgxReport {
  readonly cpuSvn: Uint8Array;
  readonly miscSelect: Uint8Array;
  readonly attributes: Uint8Array;
  readonly mrEnclave: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  readonly isvExtProdId: Uint8Array;
  readonly isvFamilyId: Uint8Array;
  readonly configId: Uint8Array;
  readonly configSvn: Uint8Array;
  readonly reportData: Uint8Array;
  /** The whole report, which is what is signed. */
  readonly bytes: Uint8Array;
}

/** What a trust domain says of itself. */
export interface TdReport {
  readonly teeTcbSvn: Uint8Array;
  readonly mrSeam: Uint8Array;
  readonly mrSignerSeam: Uint8Array;
  readonly seamAttributes: Uint8Array;
  readonly tdAttributes: Uint8Array;
  readonly xfam: Uint8Array;
  readonly mrTd: Uint8Array;
  readonly mrConfigId: Uint8Array;
  readonly mrOwner: Uint8Array;
  readonly mrOwnerConfig: Uint8Array;
  readonly rtmr: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  readonly reportData: Uint8Array;
  /** TD 1.5 alone. */
  readonly teeTcbSvn2?: Uint8Array;
  readonly mrServiceTd?: Uint8Array;
  /** The whole report. */
  readonly bytes: Uint8Array;
}

/** An Intel quote, taken apart. Nothing of it is verified. */
export interface Quote {
  readonly version: 3 | 4 | 5;
  readonly tee: "sgx" | "tdx";
  readonly body:
    | { readonly kind: "sgx"; readonly report: SgxReport }
    | { readonly kind: "td10" | "td15"; readonly report: TdReport };
  /** Header and body, which the attestation key signs. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly attestationKey: Uint8Array;
  readonly qeReport: SgxReport;
  readonly qeReportSignature: Uint8Array;
  readonly qeAuthData: Uint8Array;
  /** The machine's chain in PEM, leaf first. */
  readonly certification: Uint8Array;
  /** Zero bytes after the quote's end; some machines pad. */
  readonly padding: number;
}

const HEADER_BYTES = 48;
const TEE_TDX = 0x81;
const ECDSA_P256 = 2;
const PCK_CHAIN = 5;
const QE_REPORT = 6;
/** The quoting enclaves' vendor: Intel. */
const INTEL_QE = "939a7233f79c4ca9940a0db3957f0607";
const BODY_BYTES = { sgx: 384, td10: 584, td15: 648 } as const;

/**
 * Takes a quote apart: SGX version 3, SGX and TDX versions 4 and 5.
 *
 * Not checked here: signatures, dates, and what the reports say.
 *
 * @throws {AttestationError} with the names of `contracts/libraries/intel/DcapQuote.sol`.
 */
export function parseQuote(bytes: Uint8Array): Quote {
  if (bytes.length > MAX_QUOTE_BYTES) {
    throw new AttestationError("QuoteTooLong", `${bytes.length} bytes; at most ${MAX_QUOTE_BYTES} are read`);
  }
  const header = new Reader(bytes, 0, bytes.length);
  header.need(HEADER_BYTES);
  const version = header.u16();
  const attestationKeyType = header.u16();
  const teeType = header.u32();
  const tee = teeType === 0 ? "sgx" : "tdx";
  // Version 3 is SGX's alone.
  if (!isVersion(version) || (version === 3 && tee === "tdx")) {
    throw new AttestationError("QuoteVersionUnsupported", `version ${version} of TEE type 0x${teeType.toString(16)}`);
  }
  if (attestationKeyType !== ECDSA_P256) {
    throw new AttestationError("QuoteKeyTypeUnsupported", `attestation key type ${attestationKeyType}; 2 is known`);
  }
  if (teeType !== 0 && teeType !== TEE_TDX) {
    throw new AttestationError("QuoteTeeTypeUnexpected", `TEE type 0x${teeType.toString(16)}; 0 and 0x81 are known`);
  }
  header.take(4);
  const qeVendorId = header.take(16);
  if (hexOf(qeVendorId) !== INTEL_QE) throw new AttestationError("QuoteVendorUnknown", hexOf(qeVendorId));
  header.take(20);

  const kind = version === 5 ? bodyKind(header, tee) : tee === "sgx" ? "sgx" : "td10";
  const bodyBytes = header.take(BODY_BYTES[kind]);
  const signed = bytes.subarray(0, header.at);
  const data = header.sized(header.u32());

  const signature = data.take(64);
  const attestationKey = data.take(64);
  const certified = version === 3 ? data : data.certification(QE_REPORT);
  const qeReport = sgxReport(certified.take(BODY_BYTES.sgx));
  const qeReportSignature = certified.take(64);
  const qeAuthData = certified.take(certified.u16());
  const certification = certified.certification(PCK_CHAIN).rest();

  const rest = bytes.subarray(header.at);
  if (rest.some((byte) => byte !== 0)) {
    throw new AttestationError("QuoteTrailing", `${rest.length} bytes after the quote, and not all of them zero`);
  }
  return {
    version,
    tee,
    body: kind === "sgx" ? { kind, report: sgxReport(bodyBytes) } : { kind, report: tdReport(bodyBytes, kind) },
    signed,
    signature,
    attestationKey,
    qeReport,
    qeReportSignature,
    qeAuthData,
    certification,
    padding: rest.length,
  };
}

function isVersion(version: number): version is Quote["version"] {
  return version === 3 || version === 4 || version === 5;
}

function bodyKind(header: Reader, tee: Quote["tee"]): "sgx" | "td10" | "td15" {
  const type = header.u16();
  const size = header.u32();
  const kind = ([undefined, "sgx", "td10", "td15"] as const)[type];
  if (kind === undefined || (kind === "sgx") !== (tee === "sgx") || size !== BODY_BYTES[kind]) {
    throw new AttestationError("QuoteBodyUnsupported", `a body of type ${type} and ${size} bytes for ${tee}`);
  }
  return kind;
}

function sgxReport(bytes: Uint8Array): SgxReport {
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    cpuSvn: bytes.subarray(0, 16),
    miscSelect: bytes.subarray(16, 20),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    isvProdId: at.getUint16(256, true),
    isvSvn: at.getUint16(258, true),
    isvExtProdId: bytes.subarray(32, 48),
    isvFamilyId: bytes.subarray(304, 320),
    configId: bytes.subarray(192, 256),
    configSvn: bytes.subarray(260, 262),
    reportData: bytes.subarray(320, 384),
    bytes,
  };
}

function tdReport(bytes: Uint8Array, kind: "td10" | "td15"): TdReport {
  const part = (start: number, length: number): Uint8Array => bytes.subarray(start, start + length);
  return {
    teeTcbSvn: part(0, 16),
    mrSeam: part(16, 48),
    mrSignerSeam: part(64, 48),
    seamAttributes: part(112, 8),
    tdAttributes: part(120, 8),
    xfam: part(128, 8),
    mrTd: part(136, 48),
    mrConfigId: part(184, 48),
    mrOwner: part(232, 48),
    mrOwnerConfig: part(280, 48),
    rtmr: [part(328, 48), part(376, 48), part(424, 48), part(472, 48)],
    reportData: part(520, 64),
    ...(kind === "td15" ? { teeTcbSvn2: part(584, 16), mrServiceTd: part(600, 48) } : {}),
    bytes,
  };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  take(length: number): Uint8Array {
    this.need(length);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  u16(): number {
    const [low = 0, high = 0] = this.take(2);
    return low + high * 256;
  }

  u32(): number {
    return this.u16() + this.u16() * 65_536;
  }

  /** A reader of the next `length` bytes, which this one skips. */
  sized(length: number): Reader {
    const start = this.at;
    this.take(length);
    return new Reader(this.#bytes, start, this.at);
  }

  /** A reader of certification data of `type`, which must reach to the end of this one. */
  certification(type: number): Reader {
    const start = this.at;
    this.need(6);
    const received = this.u16();
    if (received !== type) {
      throw new AttestationError(
        "QuoteCertificationUnsupported",
        `type ${received} at ${start}; ${type} belongs there`,
      );
    }
    const size = this.u32();
    if (size !== this.#end - this.at) {
      throw new AttestationError("QuoteSizeMismatch", `${size} at ${start + 2}; ${this.#end - this.at} are there`);
    }
    return this.sized(size);
  }

  rest(): Uint8Array {
    return this.take(this.#end - this.at);
  }

  need(length: number): void {
    if (this.at + length > this.#end) {
      throw new AttestationError("QuoteTruncated", `${length} bytes at ${this.at}; ${this.#end - this.at} are left`);
    }
  }
}
