import { hexOf } from "../der.ts";
import { AttestationError } from "../error.ts";
import { type IsvLevel, type QeIdentity, type TcbInfo, type TcbStatus } from "./collateral.ts";
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
  const level = findPlatformLevel(info, pck, teeTcbSvn);
  if (level !== undefined) return level;
  throw new AttestationError("TcbLevelUnknown", "the machine is below every level of its TCB Info");
}

function findPlatformLevel(info: TcbInfo, pck: PckPlatform, teeTcbSvn: Uint8Array | undefined): Level | undefined {
  const first = (teeTcbSvn?.[1] ?? 0) > 0 ? 2 : 0;
  for (const { tcb, tcbStatus, advisoryIDs = [] } of info.tcbLevels) {
    const sgx = tcb.sgxtcbcomponents.every(({ svn }, i) => (pck.components[i] ?? 0) >= svn) && pck.pceSvn >= tcb.pcesvn;
    const tdx =
      teeTcbSvn === undefined ||
      (tcb.tdxtcbcomponents?.every(({ svn }, i) => i < first || (teeTcbSvn[i] ?? 0) >= svn) ?? false);
    if (sgx && tdx) return { status: tcbStatus, advisories: advisoryIDs };
  }
  return undefined;
}

function findModule(info: TcbInfo, version: number): NonNullable<TcbInfo["tdxModuleIdentities"]>[number] | undefined {
  const id = `TDX_${version.toString(16).padStart(2, "0").toUpperCase()}`;
  return info.tdxModuleIdentities?.find((known) => known.id.toUpperCase() === id);
}

/** The level of the TDX module that a trust domain runs on; one without a version has none of its own. */
function moduleLevel(info: TcbInfo, report: TdReport): Level {
  const version = report.teeTcbSvn[1] ?? 0;
  const module = findModule(info, version);
  const identity = version === 0 ? info.tdxModule : module;
  if (identity === undefined) throw new AttestationError("TdxModuleUnknown", `no module of version ${version}`);
  if (
    hexOf(report.mrSignerSeam) !== identity.mrsigner.toLowerCase() ||
    !matches(report.seamAttributes, identity.attributes, identity.attributesMask)
  ) {
    throw new AttestationError("TdxModuleMismatch", `signer or attributes are not those of version ${version}`);
  }
  if (version === 0 || module === undefined) return { status: "UpToDate", advisories: [] };
  return isvLevel(module.tcbLevels, report.teeTcbSvn[0] ?? 0, "TdxModule");
}

/** The level of the quoting enclave. @throws {AttestationError} QeIdentityMismatch, QeLevelUnknown, QeRevoked. */
export function qeLevel(identity: QeIdentity, report: SgxReport): Level {
  if (
    !matches(report.miscSelect, identity.miscselect, identity.miscselectMask) ||
    !matches(report.attributes, identity.attributes, identity.attributesMask) ||
    hexOf(report.mrSigner) !== identity.mrsigner.toLowerCase() ||
    report.isvProdId !== identity.isvprodid
  ) {
    throw new AttestationError("QeIdentityMismatch", "the quoting enclave is not Intel's");
  }
  return isvLevel(identity.tcbLevels, report.isvSvn, "Qe");
}

/**
 * The status of a machine, given that of a part of it (TDX module, quoting enclave): never better than either.
 *
 * Intel says of parts that they are up to date, out of date or revoked, so far; its rules for these come out of this.
 */
export function converge(whole: TcbStatus, part: TcbStatus): TcbStatus {
  if (whole === "Revoked" || part === "Revoked") return "Revoked";
  if (part === "UpToDate") return whole;
  const configure = needsConfiguration(whole) || needsConfiguration(part);
  if (isOutOfDate(whole) || isOutOfDate(part)) return configure ? "OutOfDateConfigurationNeeded" : "OutOfDate";
  if (needsHardening(whole) || needsHardening(part)) {
    return configure ? "ConfigurationAndSWHardeningNeeded" : "SWHardeningNeeded";
  }
  return configure ? "ConfigurationNeeded" : "UpToDate";
}

/** Level of a trust domain: machine and module together, and whether launching it again would help. */
export function domainLevel(info: TcbInfo, pck: PckPlatform, report: TdReport, qe: TcbStatus): Level {
  const platform = platformLevel(info, pck, report.teeTcbSvn);
  if (platform.status === "Revoked") throw new AttestationError("TcbRevoked", "Intel has revoked the machine's level");
  const module = moduleLevel(info, report);
  let status = converge(platform.status, module.status);
  if (report.teeTcbSvn2 !== undefined && isOutOfDate(status)) {
    status = relaunched(info, pck, report.teeTcbSvn2, status);
  }
  // Advice to launch again is worth nothing where the quoting enclave is out of date.
  if (qe !== "UpToDate" && status === "TDRelaunchAdvised") status = "OutOfDate";
  if (qe !== "UpToDate" && status === "TDRelaunchAdvisedConfigurationNeeded") status = "OutOfDateConfigurationNeeded";
  return { status, advisories: [...platform.advisories, ...module.advisories] };
}

/** What versions of now would give a domain that was launched out of date, as advice; `status` where that is no better. */
function relaunched(info: TcbInfo, pck: PckPlatform, teeTcbSvn: Uint8Array, status: TcbStatus): TcbStatus {
  const level = findPlatformLevel(info, pck, teeTcbSvn);
  if (level === undefined) return status;
  let current = level.status;
  const version = teeTcbSvn[1] ?? 0;
  if (version !== 0) {
    const found = findModule(info, version)?.tcbLevels.find(({ tcb }) => (teeTcbSvn[0] ?? 0) >= tcb.isvsvn);
    if (found === undefined) return status;
    current = converge(current, found.tcbStatus);
  }
  if (current === "Revoked" || isOutOfDate(current)) return status;
  return needsConfiguration(current) || needsConfiguration(status)
    ? "TDRelaunchAdvisedConfigurationNeeded"
    : "TDRelaunchAdvised";
}

function needsConfiguration(status: TcbStatus): boolean {
  return (
    status === "ConfigurationNeeded" ||
    status === "ConfigurationAndSWHardeningNeeded" ||
    status === "OutOfDateConfigurationNeeded"
  );
}

function needsHardening(status: TcbStatus): boolean {
  return status === "SWHardeningNeeded" || status === "ConfigurationAndSWHardeningNeeded";
}

function isOutOfDate(status: TcbStatus): boolean {
  return status === "OutOfDate" || status === "OutOfDateConfigurationNeeded";
}

function isvLevel(levels: readonly IsvLevel[], svn: number, what: "Qe" | "TdxModule"): Level {
  const level = levels.find(({ tcb }) => svn >= tcb.isvsvn);
  if (level === undefined) throw new AttestationError(`${what}LevelUnknown`, `version ${svn} is below every level`);
  if (level.tcbStatus === "Revoked") throw new AttestationError(`${what}Revoked`, `Intel has revoked version ${svn}`);
  return { status: level.tcbStatus, advisories: level.advisoryIDs ?? [] };
}

/** Whether `received`, under the mask, is what is `expected`; both in hexadecimal. */
function matches(received: Uint8Array, expected: string, mask: string): boolean {
  return received.every((byte, i) => {
    const at = (hex: string): number => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
    return (byte & at(mask)) === at(expected);
  });
}
