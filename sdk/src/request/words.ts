import { FieldError } from "../core/field-error.ts";
import { address, uint, type Integer } from "../core/fields.ts";
import type { CallbackTerms } from "./types.ts";

/** Flags of a callback word, as in contracts/types/Words.sol. */
export const FLAG_STORE_RESULT = 0x01n;
export const FLAG_PRICED = 0x02n;

const MASK_56 = (1n << 56n) - 1n;
const MASK_96 = (1n << 96n) - 1n;

/** 160-bit token | 96-bit amount. */
export function packPayment(token: string, amount: Integer): bigint {
  return (BigInt(address("token", token)) << 96n) | uint("amount", amount, 96);
}

/** Token and amount of a payment word. */
export function unpackPayment(payment: bigint): { token: string; amount: bigint } {
  const word = uint("payment", payment, 256);
  return { token: upperAddress(word), amount: word & MASK_96 };
}

/** 160-bit target | 32-bit gas | 56 zero bits | 8-bit flags. */
export function packCallback({ target, gas, storeResult, priced }: CallbackTerms): bigint {
  const flags = (storeResult ? FLAG_STORE_RESULT : 0n) | (priced ? FLAG_PRICED : 0n);
  return (BigInt(address("callback.target", target)) << 96n) | (uint("callback.gas", gas, 32) << 64n) | flags;
}

/**
 * Terms of a callback word.
 * @throws {FieldError} when a bit without meaning is set.
 */
export function unpackCallback(callback: bigint): CallbackTerms {
  const word = uint("callback", callback, 256);
  if ((word & ((1n << 64n) - 1n)) > (FLAG_STORE_RESULT | FLAG_PRICED)) {
    throw new FieldError("callback", word, "a word whose low 64 bits hold known flags only");
  }
  return {
    target: upperAddress(word),
    gas: (word >> 64n) & 0xffff_ffffn,
    storeResult: (word & FLAG_STORE_RESULT) !== 0n,
    priced: (word & FLAG_PRICED) !== 0n,
  };
}

/** 160-bit requester | 40-bit deadline | 56-bit stamp. */
export function packTicket(requester: string, deadline: Integer, stamp: bigint): bigint {
  return (
    (BigInt(address("requester", requester)) << 96n) |
    (uint("deadline", deadline, 40) << 56n) |
    uint("stamp", stamp, 56)
  );
}

/** Requester, deadline and stamp of a ticket word. */
export function unpackTicket(ticket: bigint): { requester: string; deadline: bigint; stamp: bigint } {
  const word = uint("ticket", ticket, 256);
  return { requester: upperAddress(word), deadline: (word >> 56n) & ((1n << 40n) - 1n), stamp: word & MASK_56 };
}

/** Stamp of a request made on chain: 40-bit time of creation | 16-bit salt. */
export function packStamp(createdAt: Integer, salt: Integer): bigint {
  return (uint("createdAt", createdAt, 40) << 16n) | uint("salt", salt, 16);
}

function upperAddress(word: bigint): string {
  return address("address", `0x${(word >> 96n).toString(16).padStart(40, "0")}`);
}
