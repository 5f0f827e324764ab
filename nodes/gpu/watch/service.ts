import { MAX_PAYLOAD_BYTES } from "@assay/sdk";
import type { Logger } from "pino";

import { backoffMs } from "../../shared/async/backoff.ts";
import { sleep } from "../../shared/async/sleep.ts";
import type { Chain } from "../../shared/chain/chain.ts";
import type { Log } from "../../shared/chain/types.ts";
import { RpcRefusedError } from "../../shared/rpc/errors.ts";
import { LogInvalidError } from "../hub/errors.ts";
import type { Hub } from "../hub/hub.ts";
import { JournalError, JournalErrorCode } from "../journal/errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { SeenRequest } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { HeadTracker } from "../supervise/head.ts";
import type { WatchOptions } from "./types.ts";

/** How often a range is read again for a log that makes no sense, before the log is left out. */
const LOG_ATTEMPTS = 5;

export interface WatchDependencies {
  readonly chain: Chain;
  readonly hub: Hub;
  readonly journal: Journal;
  readonly head: HeadTracker;
  readonly log: Logger;
  readonly metrics: NodeMetrics;
  /** Told when there is a new block or request. */
  readonly onNews: () => void;
  /**
   * Throws a `JournalError` when the chain is another one now, which ends the watch. `doubt`: the head went back, or the
   * endpoint was away.
   */
  readonly requireSameChain?: (doubt: boolean, signal: AbortSignal) => Promise<void>;
}

/**
 * Follows the hub's `Requested` events from the journal's cursor, reading the last blocks again every time, so that each
 * request is recorded at least once whatever the endpoint does, and at most once because its id is the journal's key.
 * Not checked here: that the endpoint shows all logs; one that hides logs makes the node miss requests.
 */
export class WatchService {
  readonly #of: WatchDependencies;
  readonly #options: WatchOptions;
  readonly #bad = new Map<string, number>();
  #range: number;
  #scannedAt = 0;
  /** Number of the newest block at the last look, and whether that look failed. */
  #last = -1;
  #doubtful = false;

  constructor(dependencies: WatchDependencies, options: WatchOptions) {
    this.#of = dependencies;
    this.#options = options;
    this.#range = options.maxBlockRange;
  }

  /** When the whole chain was last scanned to its head, milliseconds since 1970; 0 for never. */
  get scannedAt(): number {
    return this.#scannedAt;
  }

  /**
   * Scans until the signal is aborted. Failures are logged and waited out; they end nothing.
   * @throws {JournalError} when the chain is another one than the journal's.
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      let pause = this.#options.pollMs;
      try {
        await this.poll(signal);
        failures = 0;
      } catch (error) {
        if (isOver()) return;
        if (error instanceof JournalError && error.code === JournalErrorCode.Foreign) throw error;
        failures++;
        this.#doubtful = true;
        pause = Math.max(pause, backoffMs(failures));
        this.#of.metrics.stageErrors.inc({ stage: "watch" });
        this.#of.log.warn({ err: error, failures, pause }, "cannot read the chain");
      }
      await sleep(pause, signal).catch(() => undefined);
    }
  }

  /** Scans from the cursor to the head once. */
  async poll(signal: AbortSignal): Promise<void> {
    const { chain, journal, head, metrics, onNews } = this.#of;
    const { startBlock, reorgDepth, maxBlockRange } = this.#options;
    const before = head.current?.number;
    const newest = await chain.head(signal);
    await this.#of.requireSameChain?.(this.#doubtful || newest.number < this.#last, signal);
    this.#doubtful = false;
    this.#last = newest.number;
    head.update(newest);
    if (newest.number !== before) onNews();
    const start = startBlock ?? Math.max(0, newest.number - reorgDepth);
    let from = Math.max(journal.cursor() ?? start, startBlock ?? 0);
    while (from <= newest.number) {
      const to = Math.min(from + this.#range - 1, newest.number);
      const found = await this.#scan(from, to, signal);
      // Refused as too wide: the range is smaller now.
      if (found === undefined) continue;
      // The cursor stays behind the last blocks: a reorganisation may put other requests there, so they are read again.
      const settled = Math.min(to + 1, Math.max(0, newest.number + 1 - reorgDepth));
      const added = journal.recordRange(Math.max(settled, journal.cursor() ?? 0), found);
      for (const id of added) this.#of.log.info({ requestId: id }, "request seen");
      metrics.seen.inc(added.length);
      if (added.length > 0) onNews();
      from = to + 1;
      metrics.cursorLag.set(newest.number - to);
    }
    this.#range = Math.min(maxBlockRange, this.#range * 2);
    this.#scannedAt = Date.now();
  }

  async #scan(from: number, to: number, signal: AbortSignal): Promise<SeenRequest[] | undefined> {
    let logs: Log[];
    try {
      logs = await this.#of.hub.requestedLogs(from, to, signal);
    } catch (error) {
      // Endpoints bound ranges and results in their own words; a smaller range answers all of them.
      if (!(error instanceof RpcRefusedError) || from === to) throw error;
      this.#range = Math.max(1, Math.floor((to - from + 1) / 2));
      return undefined;
    }
    const found: SeenRequest[] = [];
    for (const log of logs) {
      try {
        found.push(this.#of.hub.readRequested(log, MAX_PAYLOAD_BYTES));
      } catch (error) {
        if (!(error instanceof LogInvalidError)) throw error;
        const key = `${log.blockHash}:${log.index}`;
        const attempts = (this.#bad.get(key) ?? 0) + 1;
        this.#bad.set(key, attempts);
        // A garbled log comes right when it is read again; one that never does must not stop all others.
        if (attempts < LOG_ATTEMPTS) throw error;
        if (attempts === LOG_ATTEMPTS) {
          this.#of.metrics.refusedLogs.inc();
          this.#of.log.error({ err: error, blockNumber: log.blockNumber }, "log left out for good");
        }
      }
    }
    return found;
  }
}
