import { hexOf } from "../der.ts";
import { AttestationError } from "../error.ts";
import { type IsvLevel, type QeIdentity, TCB_STATUSES, type TcbInfo, type TcbStatus } from "./collateral.ts";
import type { PckPlatform } from "./pck.ts";
import type { SgxReport, TdReport } from "./quote.ts";

/** How well something is kept, and what Intel advises about it. */
export interface Level {
  readonly status: TcbStatus;
  readonly advisories: readonly string[];
}

/**
 * The level of a machine: the first whose versions the machine has or exceeds.
 *
 * Of a trust domain's versions the first two are the TDX module's once the second is above zero, and are then judged by the
 * module's own identity (Intel's rule).
 *
 * @throws {AttestationError} TcbLevelUnknown.
 */
export function platformLevel(info: TcbInfo, pck: PckPlatform, teeTcbSvn: Uint8Array | undefined): Level {
  const first = (teeTcbSvn?.[1] ?? 0) > 0 ? 2 : 0;
  for (const { tcb, tcbStatus, advisoryIDs = [] } of info.tcbLevels) {
    const sgx = tcb.sgxtcbcomponents.every(({ svn }, i) => (pck.components[i] ?? 0) >= svn) && pck.pceSvn >= tcb.pcesvn;
    const tdx =
      teeTcbSvn === undefined ||
      (tcb.tdxtcbcomponents?.every(({ svn }, i) => i < first || (teeTcbSvn[i] ?? 0) >= svn) ?? false);
    if (sgx && tdx) return { status: tcbStatus, advisories: advisoryIDs };
  }
  throw new AttestationError("TcbLevelUnknown", "the machine is below every level of its TCB Info");
}

/** The level of the TDX module that a trust domain runs on. @throws {AttestationError} TdxModuleMismatch, TcbLevelUnknown. */
export function moduleLevel(info: TcbInfo, report: TdReport): Level {
  const version = report.teeTcbSvn[1] ?? 0;
  const id = `TDX_${version.toString(16).padStart(2, "0").toUpperCase()}`;
  const module = info.tdxModuleIdentities?.find((known) => known.id.toUpperCase() === id);
  const identity = version === 0 ? info.tdxModule : module;
  if (identity === undefined) throw new AttestationError("TdxModuleUnknown", `no module ${id} in the TCB Info`);
  if (
    hexOf(report.mrSignerSeam) !== identity.mrsigner.toLowerCase() ||
    !matches(report.seamAttributes, identity.attributes, identity.attributesMask)
  ) {
    throw new AttestationError("TdxModuleMismatch", `signer or attributes are not those of ${id}`);
  }
  if (version === 0 || module === undefined) return { status: "UpToDate", advisories: [] };
  return isvLevel(module.tcbLevels, report.teeTcbSvn[0] ?? 0, "TdxModuleOutdated");
}

/** The level of the quoting enclave. @throws {AttestationError} QeIdentityMismatch, QeOutdated. */
export function qeLevel(identity: QeIdentity, report: SgxReport): Level {
  if (
    !matches(report.miscSelect, identity.miscselect, identity.miscselectMask) ||
    !matches(report.attributes, identity.attributes, identity.attributesMask) ||
    hexOf(report.mrSigner) !== identity.mrsigner.toLowerCase() ||
    report.isvProdId !== identity.isvprodid
  ) {
    throw new AttestationError("QeIdentityMismatch", "the quoting enclave is not Intel's");
  }
  return isvLevel(identity.tcbLevels, report.isvSvn, "QeOutdated");
}

/**
 * The worst of machine, module and quoting enclave by Intel's rules: what is out of date makes the whole so, and keeps that
 * configuration is needed.
 */
export function converge(platform: TcbStatus, parts: readonly TcbStatus[]): TcbStatus {
  let whole = platform;
  for (const part of parts) {
    if (part === "Revoked") return "Revoked";
    if (part === "UpToDate") continue;
    if (whole === "UpToDate" || whole === "SWHardeningNeeded") whole = "OutOfDate";
    else if (whole === "ConfigurationNeeded" || whole === "ConfigurationAndSWHardeningNeeded") {
      whole = "OutOfDateConfigurationNeeded";
    }
  }
  return whole;
}

/** The number of a status in `Claims`. */
export function statusNumber(status: TcbStatus): number {
  return TCB_STATUSES.indexOf(status);
}

function isvLevel(levels: readonly IsvLevel[], svn: number, otherwise: string): Level {
  const level = levels.find(({ tcb }) => svn >= tcb.isvsvn);
  if (level === undefined) throw new AttestationError(otherwise, `version ${svn} is below every level`);
  return { status: level.tcbStatus, advisories: level.advisoryIDs ?? [] };
}

/** Whether `received`, under the mask, is what is `expected`; both in hexadecimal. */
function matches(received: Uint8Array, expected: string, mask: string): boolean {
  return received.every((byte, i) => {
    const at = (hex: string): number => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
    return (byte & at(mask)) === at(expected);
  });
}
