import type { SQLOutputValue } from "node:sqlite";

import type { JournalEntry, JournalTransaction, RequestState, TransactionPurpose, TransactionState } from "./types.ts";

type Row = Record<string, SQLOutputValue>;

const text = (value: SQLOutputValue | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const whole = (value: SQLOutputValue | undefined): number | undefined =>
  typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
const blob = (value: SQLOutputValue | undefined): Uint8Array | undefined =>
  value instanceof Uint8Array ? value : undefined;

/** An entry from its row, which only the journal writes. */
export function readEntry(row: Row): JournalEntry {
  const evidence = text(row["evidence"]);
  return {
    id: text(row["request_id"])!,
    state: text(row["state"]) as RequestState,
    packed: JSON.parse(text(row["packed"])!) as Record<string, string>,
    input: blob(row["input"])!,
    blockNumber: whole(row["block_number"])!,
    blockHash: text(row["block_hash"])!,
    reason: text(row["reason"]),
    detail: text(row["detail"]),
    output: blob(row["output"]),
    evidence: evidence === undefined ? undefined : (JSON.parse(evidence) as string[]),
    failures: whole(row["failures"])!,
    notBefore: whole(row["not_before"])!,
    markBlock: whole(row["mark_block"]),
    markHash: text(row["mark_hash"]),
  };
}

/** A transaction from its row, which only the journal writes. */
export function readTransaction(row: Row): JournalTransaction {
  return {
    hash: text(row["hash"])!,
    requestId: text(row["request_id"])!,
    sender: text(row["sender"])!,
    nonce: whole(row["nonce"])!,
    raw: text(row["raw"])!,
    purpose: text(row["purpose"]) as TransactionPurpose,
    maxFee: BigInt(text(row["max_fee"])!),
    tip: BigInt(text(row["tip"])!),
    state: text(row["state"]) as TransactionState,
    createdAt: whole(row["created_at"])!,
  };
}
