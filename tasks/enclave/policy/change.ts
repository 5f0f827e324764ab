import { ChangeKind, type PolicyChange, policyChange } from "@assay/nodes/enclave";
import { TCB_STATUSES } from "@assay/sdk";
import { getAddress, ZeroHash } from "ethers";

import { addressOf, duration, id, integer, invalid, required } from "../../shared/options.ts";
import { showTime } from "../../shared/time.ts";
import { type Attestation, contractOf, SCHEMES, VERIFIERS } from "../attestation.ts";

/** Options that say one change. */
export interface ChangeOptions {
  readonly kind: string | undefined;
  readonly value: string | undefined;
  readonly until?: string | undefined;
  readonly from?: string | undefined;
  readonly commit?: string | undefined;
  readonly recipe?: string | undefined;
}

/** Kinds of changes by the names that `--kind` takes. */
export const KINDS = {
  verifier: ChangeKind.Verifier,
  scheme: ChangeKind.Scheme,
  measurement: ChangeKind.Measurement,
  statuses: ChangeKind.Statuses,
  flags: ChangeKind.Flags,
  advisories: ChangeKind.Advisories,
  "platform-allowed": ChangeKind.PlatformAllowed,
  "platform-denied": ChangeKind.PlatformDenied,
  "platform-list": ChangeKind.PlatformList,
  "min-tcb-eval": ChangeKind.MinTcbEval,
  "max-key-age": ChangeKind.MaxKeyAge,
  "max-evidence-age": ChangeKind.MaxEvidenceAge,
  heartbeat: ChangeKind.Heartbeat,
  "keys-per-platform": ChangeKind.KeysPerPlatform,
  paused: ChangeKind.Paused,
  guardian: ChangeKind.Guardian,
} as const;
export type KindName = keyof typeof KINDS;

const FLAGS = ["debug", "service-td", "migratable", "config"] as const;
const LAST_SECOND = 2 ** 40 - 1;
export const MAX_SECONDS = LAST_SECOND;

/** The change of the options; `tighter` for one that `restrict` takes, where a measurement has an end alone. */
export function changeOf(options: ChangeOptions, known: Attestation, tighter: boolean): PolicyChange {
  const kind = required(options, "kind", `one of ${Object.keys(KINDS).join(", ")}`);
  if (!Object.hasOwn(KINDS, kind)) return invalid("kind", kind, `one of ${Object.keys(KINDS).join(", ")}`);
  const name = kind as KindName;
  const number = KINDS[name];
  const value = (what: string): string => required(options, "value", what);
  switch (name) {
    case "verifier":
    case "scheme": {
      const names = name === "verifier" ? VERIFIERS : SCHEMES;
      return policyChange(number, contractOf("value", value(`${names.join(", ")}, or an address`), names, known));
    }
    case "guardian":
      return policyChange(number, addressOf("value", value("the guardian's address")));
    case "measurement":
      return measurementOf(options, id("value", value("the measurement that `enclave verify` printed")), tighter);
    case "advisories":
    case "platform-allowed":
    case "platform-denied":
      return policyChange(number, id("value", value("32 bytes that `enclave verify` printed")));
    case "statuses":
      return policyChange(number, ZeroHash, BigInt(statusesOf("value", value("statuses, separated by commas"))));
    case "flags":
      return policyChange(number, ZeroHash, BigInt(flagsOf("value", value("flags, separated by commas"))));
    case "min-tcb-eval":
    case "keys-per-platform":
      return policyChange(number, ZeroHash, BigInt(integer("value", value("a number"), 0, 0xffffffff)));
    case "max-key-age":
    case "max-evidence-age":
    case "heartbeat":
      return policyChange(
        number,
        ZeroHash,
        BigInt(secondsOf("value", value("a time such as 12h or 7d, or 0 for none"))),
      );
    case "platform-list":
    case "paused":
      return policyChange(number);
  }
}

function measurementOf(
  { from, until, commit, recipe }: ChangeOptions,
  subject: string,
  tighter: boolean,
): PolicyChange {
  const end = until === undefined ? undefined : timeOf("until", until);
  if (tighter) return policyChange(ChangeKind.Measurement, subject, BigInt(end ?? 0));
  if (end === undefined)
    required({ until }, "until", "when the measurement ends: Unix seconds, or a date such as 2027-01-31");
  const begin = from === undefined ? 0 : timeOf("from", from);
  return {
    ...policyChange(ChangeKind.Measurement, subject, (BigInt(begin) << 40n) | BigInt(end ?? 0)),
    commit: commit === undefined ? ZeroHash : commitOf(commit),
    recipe: recipe === undefined ? ZeroHash : id("recipe", recipe),
  };
}

/** A commit in 32 bytes: git prints 40 digits of SHA-1 or 64 of SHA-256, without 0x. */
function commitOf(value: string): string {
  const [, digits] = /^(?:0x)?([0-9a-f]{40}|[0-9a-f]{64})$/i.exec(value) ?? [];
  if (digits === undefined) return invalid("commit", value, "a commit as git prints it, 40 or 64 hexadecimal digits");
  return `0x${digits.toLowerCase().padEnd(64, "0")}`;
}

/** Unix seconds of a number or a date. */
export function timeOf(name: string, value: string): number {
  if (/^[0-9]{1,13}$/.test(value)) return integer(name, value, 0, LAST_SECOND);
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(value);
  const time = form ? Date.parse(value.includes("T") ? value : `${value}T00:00:00Z`) / 1000 : Number.NaN;
  if (Number.isInteger(time) && time >= 0) return time;
  return invalid(name, value, "Unix seconds, or a date such as 2027-01-31 or 2027-01-31T12:00:00Z");
}

/** Seconds of "0" or a time such as "7d". */
export function secondsOf(name: string, value: string): number {
  return value === "0" ? 0 : duration(name, value, LAST_SECOND);
}

/** Set of TCB statuses by Intel's words. */
export function statusesOf(name: string, value: string): number {
  return setOf(name, value, TCB_STATUSES);
}

/** Set of CLAIM_ flags. */
export function flagsOf(name: string, value: string): number {
  return setOf(name, value, FLAGS);
}

function setOf(name: string, value: string, words: readonly string[]): number {
  let set = 0;
  for (const one of value.split(",")) {
    const bit = words.findIndex((word) => word.toLowerCase() === one.trim().toLowerCase());
    if (bit < 0) return invalid(name, one.trim(), `some of ${words.join(", ")}, separated by commas`);
    set |= 1 << bit;
  }
  return set;
}

export function showStatuses(set: number | bigint): string {
  return wordsOf(BigInt(set), TCB_STATUSES);
}

export function showFlags(set: number | bigint): string {
  return wordsOf(BigInt(set), FLAGS);
}

function wordsOf(set: bigint, words: readonly string[]): string {
  const found: string[] = [];
  for (let bit = 0; bit < 32; bit++) if ((set >> BigInt(bit)) & 1n) found.push(words[bit] ?? `bit ${bit}`);
  return found.length === 0 ? "none" : found.join(", ");
}

/** A change in words, kind first. */
export function showChange(change: PolicyChange, known: Attestation): readonly [kind: string, value: string] {
  const kind = (Object.keys(KINDS) as KindName[])[change.kind] ?? `kind ${change.kind}`;
  const { subject, value } = change;
  switch (kind) {
    case "verifier":
    case "scheme":
    case "guardian":
      return [kind, showContract(subject, known)];
    case "measurement":
      return [kind, `${subject} ${showTime(value >> 40n)} to ${showTime(value & 0xffffffffffn)}`];
    case "statuses":
      return [kind, showStatuses(value)];
    case "flags":
      return [kind, showFlags(value)];
    case "advisories":
    case "platform-allowed":
    case "platform-denied":
      return [kind, subject];
    case "platform-list":
    case "paused":
      return [kind, ""];
    case "min-tcb-eval":
    case "keys-per-platform":
      return [kind, String(value)];
    default:
      return [kind, `${value} s`];
  }
}

/** A row for each of a list, which has no line breaks in its cells; `none` where it is empty. */
export function listRows(name: string, list: readonly string[], none: string): (readonly [string, string])[] {
  return (list.length === 0 ? [none] : list).map((entry) => [name, entry]);
}

/** An address in 32 bytes, with its name here where it has one. */
export function showContract(subject: string, known: Attestation): string {
  const address = getAddress(`0x${subject.slice(-40)}`);
  const name = Object.entries(known).find(([, one]) => getAddress(one) === address)?.[0];
  return name === undefined ? address : `${address} (${name})`;
}
