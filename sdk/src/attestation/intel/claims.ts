import { AbiCoder, hexlify, id, keccak256, ZeroHash } from "ethers";

import { CLAIM_DEBUG, type Claims, FORMATS } from "../claims.ts";
import type { TcbStatus } from "./collateral.ts";
import type { PckPlatform } from "./pck.ts";
import type { Quote } from "./quote.ts";
import { statusNumber } from "./tcb.ts";

/** What the collateral says about a quote. */
interface Judged {
  readonly status: TcbStatus;
  readonly advisories: readonly string[];
  readonly notAfter: number;
  readonly tcbEval: number;
}

/** The claims of a quote, as `DcapVerifier` makes them. */
export function quoteClaims(quote: Quote, platform: PckPlatform, judged: Judged): Claims {
  const { body } = quote;
  const data = body.report.reportData;
  const debug = body.kind === "sgx" ? (body.report.attributes[0] ?? 0) & 2 : (body.report.tdAttributes[0] ?? 0) & 1;
  return {
    format: body.kind === "sgx" ? FORMATS.sgx : FORMATS.tdx,
    measurement: ZeroHash,
    config: ZeroHash,
    platform: keccak256(platform.ppid),
    bind0: hexlify(data.subarray(0, 32)),
    bind1: hexlify(data.subarray(32)),
    keyHash: ZeroHash,
    issuedAt: 0,
    notAfter: judged.notAfter,
    tcbEval: judged.tcbEval,
    tcbStatus: statusNumber(judged.status),
    flags: debug === 0 ? 0 : CLAIM_DEBUG,
    advisories:
      judged.advisories.length === 0
        ? ZeroHash
        : keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32[]"], [judged.advisories.map((name) => id(name))])),
  };
}
