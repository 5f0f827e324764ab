import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

import { JournalError, JournalErrorCode } from "./errors.ts";
import { readEntry, readTransaction } from "./rows.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import type {
  Anchor,
  JournalEntry,
  JournalTransaction,
  Patch,
  RequestState,
  SeenRequest,
  TransactionState,
  Transition,
} from "./types.ts";

export interface JournalOptions {
  /** File, or ":memory:" for tests. Its folder is made. */
  readonly path: string;
  readonly chainId: bigint;
  readonly hub: string;
  /** Told of every change of state. What it throws before a write stops the write. */
  readonly observer?: (transition: Transition) => void;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/**
 * What the node did and is about to do, on disk before it is done: SQLite with a write-ahead log, every change one
 * synchronous transaction. Only one process can have a journal open, which makes it the one owner of the nonces in it.
 */
export class Journal {
  readonly #db: DatabaseSync;
  readonly #key: readonly [string, string];
  readonly #observer: (transition: Transition) => void;
  readonly #now: () => number;

  /** @throws {JournalError} when another process has it open, or it belongs to another chain or hub. */
  constructor({ path, chainId, hub, observer = () => undefined, now = Date.now }: JournalOptions) {
    this.#key = [chainId.toString(), hub.toLowerCase()];
    this.#observer = observer;
    this.#now = now;
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    this.#db = new DatabaseSync(path, { timeout: 0 });
    try {
      // Exclusive: the lock is taken by the first write and held until the process ends, however it ends.
      this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      this.#db.exec(SCHEMA);
    } catch (cause) {
      this.#db.close();
      if ((cause as { errcode?: number }).errcode !== 5) throw cause;
      const words = `Journal ${path} is open in another process; a journal has one node, so stop the other.`;
      throw new JournalError(JournalErrorCode.Locked, words, { cause });
    }
    const owner = [SCHEMA_VERSION, ...this.#key].join(" ");
    this.#run("INSERT OR IGNORE INTO meta (key, value) VALUES ('owner', ?)", owner);
    const found = this.#db.prepare("SELECT value FROM meta WHERE key = 'owner'").get()?.["value"];
    if (found !== owner) {
      this.#db.close();
      const words =
        `Journal ${path} is of "${String(found)}" (version, chain, hub), not "${owner}"; give another path as journal, ` +
        "or delete the file if that chain or hub is gone.";
      throw new JournalError(JournalErrorCode.Foreign, words);
    }
  }

  /** First block that the next scan reads, or undefined in a new journal. */
  cursor(): number | undefined {
    const value = this.#meta("cursor");
    return value === undefined ? undefined : Number(value);
  }

  /** A block of the chain that the journal is of, kept to tell it from another one with its id. */
  anchor(): Anchor | undefined {
    const [number, hash] = this.#meta("anchor")?.split(" ") ?? [];
    return number === undefined || hash === undefined ? undefined : { number: Number(number), hash };
  }

  /** Keeps a block that no reorganisation takes back. */
  keepAnchor({ number, hash }: Anchor): void {
    this.#put("anchor", `${number} ${hash}`);
  }

  /** Forgets every request and transaction, of a chain that is gone; the new one is read from its first block. */
  startOver(): void {
    this.#atomically(() => {
      this.#db.exec("DELETE FROM requests; DELETE FROM transactions; DELETE FROM meta WHERE key = 'anchor';");
      this.#put("cursor", "0");
    });
  }

  /**
   * Records the requests of a scanned range and where the next scan begins, together. Requests that are known already
   * stay as they are.
   * @returns Ids of those that were new.
   */
  recordRange(next: number, requests: readonly SeenRequest[]): string[] {
    return this.#atomically(() => {
      const added: string[] = [];
      for (const request of requests) {
        if (this.get(request.id) !== undefined) continue;
        this.#change(request.id, "none", "seen", () => {
          const time = this.#now();
          this.#run(
            `INSERT INTO requests (chain_id, hub, request_id, state, packed, input, block_number, block_hash,
              created_at, updated_at) VALUES (?, ?, ?, 'seen', ?, ?, ?, ?, ?, ?)`,
            ...this.#key,
            request.id,
            JSON.stringify(request.packed),
            request.input,
            request.blockNumber,
            request.blockHash,
            time,
            time,
          );
          return 1;
        });
        added.push(request.id);
      }
      this.#put("cursor", String(next));
      return added;
    });
  }

  /** The entry of a request. */
  get(id: string): JournalEntry | undefined {
    const row = this.#db
      .prepare("SELECT * FROM requests WHERE chain_id = ? AND hub = ? AND request_id = ?")
      .get(...this.#key, id);
    return row === undefined ? undefined : readEntry(row);
  }

  /** Entries in one of `states` that may be touched now, those that wait longest first. */
  due(states: readonly RequestState[], limit: number): JournalEntry[] {
    const marks = states.map(() => "?").join(", ");
    return this.#db
      .prepare(
        `SELECT * FROM requests WHERE chain_id = ? AND hub = ? AND state IN (${marks}) AND not_before <= ?
          ORDER BY not_before, created_at LIMIT ?`,
      )
      .all(...this.#key, ...states, this.#now(), limit)
      .map(readEntry);
  }

  /** Number of requests in each state that has any. */
  counts(): Partial<Record<RequestState, number>> {
    const rows = this.#db.prepare("SELECT state, COUNT(*) AS n FROM requests GROUP BY state").all();
    return Object.fromEntries(rows.map((row) => [String(row["state"]), Number(row["n"])]));
  }

  /**
   * Moves a request from one state to the next, with what is to be kept; failures start at none again.
   * @throws {JournalError} when it is in another state.
   */
  advance(id: string, from: RequestState, to: RequestState, patch: Patch = {}): void {
    this.#atomically(() => this.#advance(id, from, to, patch));
  }

  /** Writes a transaction and the change of state that goes with it, together. */
  sign(id: string, from: RequestState, transaction: JournalTransaction): void {
    this.#atomically(() => {
      this.#advance(id, from, "signed", { reason: null, detail: null });
      this.addTransaction(transaction);
    });
  }

  /** Keeps a failure and when to try again. */
  postpone(id: string, reason: string, detail: string, notBefore: number): void {
    this.#run(
      `UPDATE requests SET failures = failures + 1, reason = ?, detail = ?, not_before = ?, updated_at = ?
        WHERE chain_id = ? AND hub = ? AND request_id = ?`,
      reason,
      detail.slice(0, 1000),
      notBefore,
      this.#now(),
      ...this.#key,
      id,
    );
  }

  /** Adds a signed transaction: a replacement of one that has its nonce. */
  addTransaction(transaction: JournalTransaction): void {
    this.#run(
      `INSERT INTO transactions (hash, request_id, sender, nonce, raw, purpose, max_fee, tip, state, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      transaction.hash,
      transaction.requestId,
      transaction.sender.toLowerCase(),
      transaction.nonce,
      transaction.raw,
      transaction.purpose,
      transaction.maxFee.toString(),
      transaction.tip.toString(),
      transaction.state,
      transaction.createdAt,
    );
  }

  /** Transactions signed for a request, oldest first. */
  transactionsOf(id: string): JournalTransaction[] {
    return this.#db
      .prepare("SELECT * FROM transactions WHERE request_id = ? ORDER BY created_at, rowid")
      .all(id)
      .map(readTransaction);
  }

  /** Notes what became of a transaction. */
  markTransaction(hash: string, state: TransactionState): void {
    this.#run("UPDATE transactions SET state = ? WHERE hash = ?", state, hash);
  }

  /** Greatest nonce that `sender` signed with, or undefined. A nonce that somebody else used up does not count. */
  highestNonce(sender: string): number | undefined {
    const row = this.#db
      .prepare("SELECT MAX(nonce) AS top FROM transactions WHERE sender = ? AND state <> 'dropped'")
      .get(sender.toLowerCase());
    const top = row?.["top"];
    return typeof top === "number" || typeof top === "bigint" ? Number(top) : undefined;
  }

  /** When the oldest request that is not at an end was seen, milliseconds since 1970. */
  oldestOpen(): number | undefined {
    const row = this.#db
      .prepare(
        `SELECT MIN(created_at) AS oldest FROM requests
          WHERE state IN ('seen', 'accepted', 'inferred', 'proved', 'signed', 'broadcast', 'mined', 'settled')`,
      )
      .get();
    const oldest = row?.["oldest"];
    return oldest === null || oldest === undefined ? undefined : Number(oldest);
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #advance(id: string, from: RequestState, to: RequestState, patch: Patch): void {
    const sets: string[] = ["state = ?", "failures = 0", "not_before = 0", "updated_at = ?"];
    const values: SQLInputValue[] = [to, this.#now()];
    const set = (column: string, value: SQLInputValue | undefined): void => {
      if (value === undefined) return;
      sets.push(`${column} = ?`);
      values.push(value);
    };
    set("reason", patch.reason);
    set("detail", patch.detail?.slice(0, 1000) ?? patch.detail);
    set("output", patch.output);
    set("evidence", patch.evidence === undefined ? undefined : JSON.stringify(patch.evidence));
    set("mark_block", patch.markBlock);
    set("mark_hash", patch.markHash);
    const where = "WHERE chain_id = ? AND hub = ? AND request_id = ? AND state = ?";
    this.#change(id, from, to, () =>
      this.#run(`UPDATE requests SET ${sets.join(", ")} ${where}`, ...values, ...this.#key, id, from),
    );
  }

  #change(id: string, from: RequestState | "none", to: RequestState, write: () => number): void {
    this.#observer({ id, from, to, phase: "before" });
    if (write() !== 1) {
      const state = this.get(id)?.state ?? "none";
      const words = `Request ${id} is ${state}, so it cannot go from ${from} to ${to}; two stages handled it at once.`;
      throw new JournalError(JournalErrorCode.Conflict, words);
    }
    this.#told.push({ id, from, to, phase: "after" });
  }

  /** Changes of the transaction under way, told when it is on disk. */
  #told: Transition[] = [];

  #atomically<T>(work: () => T): T {
    this.#told = [];
    this.#db.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
    for (const transition of this.#told) this.#observer(transition);
    return result;
  }

  #meta(key: string): string | undefined {
    const value = this.#db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.["value"];
    return value === undefined ? undefined : String(value);
  }

  #put(key: string, value: string): void {
    this.#run("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2", key, value);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#db.prepare(sql).run(...values).changes);
  }
}
