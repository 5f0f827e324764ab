import { formatUnits, getAddress, isAddress, isHexString, parseUnits } from "ethers";

import { TaskError, TaskErrorCode } from "./error.ts";

/** `--some-name` for `someName`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The option's value; throws when it was not given. */
export function required<A extends object>(args: A, name: keyof A & string, what: string): string {
  const value: unknown = args[name];
  if (typeof value === "string" && value !== "") return value;
  throw new TaskError(TaskErrorCode.OptionMissing, `${flagOf(name)} is missing; give ${what}.`);
}

/** Throws the error that says what an option takes. */
export function invalid(name: string, received: string, expected: string): never {
  const shown = received.length <= 80 ? received : `${received.slice(0, 76)}...`;
  throw new TaskError(TaskErrorCode.OptionInvalid, `${flagOf(name)} is "${shown}"; give ${expected}.`);
}

/** A 32-byte id in lower case. */
export function id(name: string, value: string): string {
  if (isHexString(value, 32)) return value.toLowerCase();
  return invalid(name, value, "an id of 32 bytes in hexadecimal, 0x and 64 digits");
}

/** A checksummed address. */
export function addressOf(name: string, value: string): string {
  // ethers takes addresses without 0x, too.
  if (value.startsWith("0x") && isAddress(value)) return getAddress(value);
  return invalid(name, value, "an address, 0x and 40 hexadecimal digits");
}

/** A whole number in [min, max]. */
export function integer(name: string, value: string, min: number, max: number): number {
  const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  return invalid(name, value, `a whole number from ${min} to ${max}`);
}

/** An amount of a coin or token with `decimals` digits after the point, in its smallest unit, below 2^96. */
export function amount(name: string, value: string, decimals: number): bigint {
  const [whole = "", fraction = ""] = value.split(".");
  if (/^[0-9]+(\.[0-9]+)?$/.test(value) && whole.length <= 30 && fraction.length <= decimals) {
    const units = parseUnits(value, decimals);
    if (units < 1n << 96n) return units;
  }
  return invalid(name, value, `a decimal number with at most ${decimals} digits after the point, below 2^96 units`);
}

/** Seconds of "90", "90s", "15m", "2h" or "7d". */
export function duration(name: string, value: string, max: number): number {
  const match = /^([0-9]{1,9})([smhd]?)$/.exec(value);
  const unit = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 }[match?.[2] ?? ""] ?? 1;
  const seconds = match === null ? Number.NaN : Number(match[1]) * unit;
  if (seconds >= 1 && seconds <= max) return seconds;
  return invalid(name, value, `a time such as 90s, 15m, 2h or 7d, from 1 s to ${max} s`);
}

/** "1.5 ETH" and the like. */
export function showAmount(units: bigint, decimals: number, symbol: string): string {
  return `${formatUnits(units, decimals)} ${symbol}`;
}
