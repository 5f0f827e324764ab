import { AbiCoder, concat, hexlify, keccak256, solidityPacked, ZeroHash, zeroPadBytes } from "ethers";

import { CLAIM_DEBUG, CLAIM_MIGRATABLE, CLAIM_SERVICE_TD, type Claims, FORMATS } from "../claims.ts";
import { hexOf } from "../der.ts";
import { AttestationError } from "../error.ts";
import type { Certificate } from "../x509.ts";
import { TCB_STATUSES, type TcbStatus } from "./collateral.ts";
import type { PckPlatform } from "./pck.ts";
import type { Quote, SgxReport, TdReport } from "./quote.ts";

/** What the collateral says about a quote. */
interface Judged {
  readonly status: TcbStatus;
  /** Sorted, each once. */
  readonly advisories: readonly string[];
  readonly notAfter: number;
  readonly tcbEval: number;
}

/** Bits of SGX's ATTRIBUTES: all that are defined, INIT, DEBUG. Least significant byte first, as in the report. */
const SGX_KNOWN = 0xf704000000000000n;
const SGX_INIT = 0x0100000000000000n;
const SGX_DEBUG = 0x0200000000000000n;
/** Bits of TDATTRIBUTES: all that are defined, DEBUG, MIGRATABLE. */
const TD_KNOWN = 0x010000f800000080n;
const TD_DEBUG = 0x0100000000000000n;
const TD_MIGRATABLE = 0x0000000000000020n;

type Reported = Pick<Claims, "format" | "measurement" | "config" | "flags">;

/** The claims of a quote, as `SgxVerifier` and `TdxVerifier` make them. @throws {AttestationError} AttributesInvalid. */
export function quoteClaims(quote: Quote, pck: Certificate, platform: PckPlatform, judged: Judged): Claims {
  const { body } = quote;
  const data = body.report.reportData;
  const numbers = judged.advisories.map((name) => Number(name.slice("INTEL-SA-".length)));
  const named = platform.ppid.some((byte) => byte !== 0);
  return {
    ...(body.kind === "sgx" ? sgxClaims(body.report) : tdClaims(body.report)),
    platform: keccak256(named ? zeroPadBytes(platform.ppid, 32) : pck.publicKey),
    bind0: hexlify(data.subarray(0, 32)),
    bind1: hexlify(data.subarray(32)),
    keyHash: ZeroHash,
    issuedAt: 0,
    notAfter: judged.notAfter,
    tcbEval: judged.tcbEval,
    tcbStatus: TCB_STATUSES.indexOf(judged.status),
    advisories:
      numbers.length === 0
        ? ZeroHash
        : keccak256(
            solidityPacked(
              numbers.map(() => "uint256"),
              numbers,
            ),
          ),
  };
}

function sgxClaims(report: SgxReport): Reported {
  const bytes = report.attributes.subarray(0, 8);
  const attributes = BigInt(`0x${hexOf(bytes)}`);
  if ((attributes & ~SGX_KNOWN) !== 0n || (attributes & SGX_INIT) === 0n) throw attributesInvalid(bytes);
  const config = concat([report.configId, report.configSvn]);
  return {
    format: FORMATS.sgx,
    measurement: keccak256(
      AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "uint256", "bytes8", "bytes16", "bytes16"],
        [
          FORMATS.sgx,
          report.mrEnclave,
          report.mrSigner,
          report.isvProdId,
          report.isvSvn,
          bytes,
          report.isvExtProdId,
          report.isvFamilyId,
        ],
      ),
    ),
    config: /^0x0*$/.test(config) ? ZeroHash : keccak256(config),
    flags: (attributes & SGX_DEBUG) === 0n ? 0 : CLAIM_DEBUG,
  };
}

function tdClaims(report: TdReport): Reported {
  const attributes = BigInt(`0x${hexOf(report.tdAttributes)}`);
  if ((attributes & ~TD_KNOWN) !== 0n) throw attributesInvalid(report.tdAttributes);
  const rtmr3 = report.rtmr[3];
  const serviced = report.mrServiceTd?.some((byte) => byte !== 0) ?? false;
  return {
    format: FORMATS.tdx,
    // MRSEAM and MRSIGNERSEAM; then all from TDATTRIBUTES to RTMR2.
    measurement: keccak256(concat([FORMATS.tdx, report.bytes.subarray(16, 112), report.bytes.subarray(120, 472)])),
    config: rtmr3.some((byte) => byte !== 0) ? keccak256(rtmr3) : ZeroHash,
    flags:
      ((attributes & TD_DEBUG) === 0n ? 0 : CLAIM_DEBUG) |
      ((attributes & TD_MIGRATABLE) === 0n ? 0 : CLAIM_MIGRATABLE) |
      (serviced ? CLAIM_SERVICE_TD : 0),
  };
}

function attributesInvalid(attributes: Uint8Array): AttestationError {
  return new AttestationError(
    "AttributesInvalid",
    `attributes ${hexlify(attributes)} have a reserved bit, or lack INIT`,
  );
}
