import { AbiCoder, ErrorFragment, isHexString } from "ethers";

import { NODE_STATUSES, REQUEST_STATUSES, VERSION_STATUSES } from "../client/statuses.ts";
import { show } from "../core/field-error.ts";
import { ERROR_WORDS } from "./error-words.ts";
import { ERRORS_ABI } from "./generated/errors.ts";

/** What a contract reverted with. */
export interface ContractErrorInfo {
  /** Name of the error; `Unknown` when no contract of Assay has it. */
  readonly name: string;
  /** Arguments by name, or by position where they have none. */
  readonly args: Readonly<Record<string, unknown>>;
  /** For people: what it means and what helps. */
  readonly text: string;
}

/** Longest revert data that is looked at, in bytes. */
const MAX_REVERT_BYTES = 65_536;

const BUILT_IN = [
  { type: "error", name: "Error", inputs: [{ name: "message", type: "string" }] },
  { type: "error", name: "Panic", inputs: [{ name: "code", type: "uint256" }] },
];

let bySelector: ReadonlyMap<string, ErrorFragment> | undefined;

/** The error with `selector`. The table is made at the first call, because hashing every signature takes a while. */
function errorOf(selector: string): ErrorFragment | undefined {
  bySelector ??= new Map(
    [...ERRORS_ABI, ...BUILT_IN].map((item) => {
      const fragment = ErrorFragment.from(item);
      return [fragment.selector, fragment];
    }),
  );
  return bySelector.get(selector);
}

/**
 * The error in a call's revert data, in words. Never throws: data that says nothing gives the name `Unknown`.
 * @param data Revert data as 0x-prefixed hex, `0x` for none.
 */
export function decodeContractError(data: string): ContractErrorInfo {
  if (!isHexString(data) || data.length % 2 !== 0 || data.length > 2 + 2 * MAX_REVERT_BYTES) {
    return unknown(data, "the revert data is not hex or is too long");
  }
  if (data === "0x")
    return unknown(data, "it reverted without saying why (wrong address, out of gas, or a bare revert)");
  const fragment = errorOf(data.slice(0, 10).toLowerCase());
  if (fragment === undefined) {
    return unknown(data, `it reverted with an error that this SDK does not know, ${show(data)}`);
  }
  try {
    const values = AbiCoder.defaultAbiCoder().decode(fragment.inputs, `0x${data.slice(10)}`);
    const args: Record<string, unknown> = {};
    // Reading an argument may still throw, for example on text that is not UTF-8.
    for (const [index, input] of fragment.inputs.entries()) args[input.name || String(index)] = values[index];
    return { name: fragment.name, args, text: wordsOf(fragment.name, args) };
  } catch {
    return unknown(data, `it reverted with malformed data, ${show(data)}`);
  }
}

function unknown(data: string, text: string): ContractErrorInfo {
  return { name: "Unknown", args: { data: data.slice(0, 2_000) }, text };
}

function wordsOf(name: string, args: Readonly<Record<string, unknown>>): string {
  const template = Object.hasOwn(ERROR_WORDS, name) ? ERROR_WORDS[name] : undefined;
  if (template === undefined || !placeholders(template).every((argument) => Object.hasOwn(args, argument))) {
    const list = Object.entries(args).map(([argument, value]) => `${argument} ${plain(value)}`);
    return list.length === 0 ? name : `${name}: ${list.join(", ")}`;
  }
  return template.replace(PLACEHOLDER, (_, argument: string, form?: string) => formatted(args[argument], form));
}

const PLACEHOLDER = /\{(\w+)(?::(\w+))?\}/g;

function placeholders(template: string): string[] {
  return Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] ?? "");
}

const STATUSES: Readonly<Record<string, readonly string[]>> = {
  request: REQUEST_STATUSES,
  version: VERSION_STATUSES,
  node: NODE_STATUSES,
};

/** Last second that a JavaScript date can show. */
const MAX_DATE_SECONDS = 8_640_000_000_000n;

function formatted(value: unknown, form?: string): string {
  if (typeof value !== "bigint" || form === undefined) return plain(value);
  if (form === "time") {
    if (value === 0n || value > MAX_DATE_SECONDS) return String(value);
    return new Date(Number(value) * 1000).toISOString().replace(".000Z", "Z");
  }
  return STATUSES[form]?.[Number(value)] ?? `status ${value}`;
}

function plain(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "string" && value.length <= 200 ? value : show(value);
}
