import { AssayError } from "@assay/sdk";
import type { Logger } from "pino";

import { backoffMs } from "../../shared/async/backoff.ts";
import { Notifier } from "../../shared/async/notifier.ts";
import { requestOf } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import { ACTIVE_STATES, type JournalEntry, type RequestState } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { HeadTracker } from "./head.ts";
import type { Stage } from "./stage.ts";

/** Failures in a row after which an error that no class names ends its request. */
const MAX_UNKNOWN_FAILURES = 5;

export interface PipelineDependencies {
  readonly journal: Journal;
  readonly head: HeadTracker;
  readonly metrics: NodeMetrics;
  readonly log: Logger;
  readonly stages: readonly Stage[];
}

export interface PipelineOptions {
  readonly concurrency: number;
  readonly pollMs: number;
}

/**
 * Moves requests from stage to stage, several at a time. A stage that fails leaves its request where it is, to be tried
 * again later and later until its deadline; what cannot succeed is marked failed. No request can stop another one.
 */
export class Pipeline {
  readonly #of: PipelineDependencies;
  readonly #options: PipelineOptions;
  readonly #stages: ReadonlyMap<RequestState, Stage>;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #news = new Notifier();
  #draining = false;

  constructor(dependencies: PipelineDependencies, options: PipelineOptions) {
    this.#of = dependencies;
    this.#options = options;
    this.#stages = new Map(dependencies.stages.map((stage) => [stage.takes, stage]));
  }

  /** Requests at work now. */
  get busy(): number {
    return this.#inFlight.size;
  }

  /** Looks for work at once. */
  notify(): void {
    this.#news.notify();
  }

  /** Takes no new work; requests at work stop after their stage. */
  drain(): void {
    this.#draining = true;
    this.#news.notify();
  }

  /** Works until drained or aborted, and ends when nothing is at work any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!this.#draining && !signal.aborted) {
      this.#start(signal);
      await this.#news.wait(this.#options.pollMs, signal);
    }
    await Promise.allSettled(this.#inFlight.values());
  }

  #start(signal: AbortSignal): void {
    const { journal, log } = this.#of;
    const { concurrency } = this.#options;
    let due: JournalEntry[];
    try {
      due = journal.due(ACTIVE_STATES, concurrency + this.#inFlight.size);
    } catch (error) {
      log.error({ err: error }, "cannot read the journal");
      return;
    }
    for (const { id } of due) {
      if (this.#inFlight.size >= concurrency) return;
      if (this.#inFlight.has(id)) continue;
      const work = this.#advance(id, signal).finally(() => {
        this.#inFlight.delete(id);
        this.#news.notify();
      });
      this.#inFlight.set(id, work);
    }
  }

  /** Takes one request through as many stages as it can go. Never rejects. */
  async #advance(id: string, signal: AbortSignal): Promise<void> {
    const { journal, head, metrics } = this.#of;
    const log = this.#of.log.child({ requestId: id });
    for (;;) {
      let stage: Stage | undefined;
      let entry: JournalEntry | undefined;
      try {
        entry = journal.get(id);
        stage = entry === undefined ? undefined : this.#stages.get(entry.state);
        if (entry === undefined || stage === undefined || entry.notBefore > Date.now()) return;
        if (this.#draining || signal.aborted) return;
        // What was signed is followed to its end, because its nonce is taken.
        const deadline = Number(requestOf(entry).deadline);
        if (entry.state !== "signed" && (head.current?.timestamp ?? 0) > deadline) {
          journal.advance(id, entry.state, "expired", { reason: "deadline", detail: `stood at ${entry.state}` });
          log.warn({ state: entry.state, lastError: entry.detail }, "deadline passed before the answer was sent");
          return;
        }
        await stage.run(entry, { signal, log });
      } catch (error) {
        if (signal.aborted) return;
        metrics.stageErrors.inc({ stage: stage?.name ?? "journal" });
        if (entry === undefined) {
          log.error({ err: error }, "cannot read the journal");
          return;
        }
        this.#failed(entry, stage?.name ?? "journal", error, log);
        return;
      }
    }
  }

  #failed(entry: JournalEntry, stage: string, error: unknown, log: Logger): void {
    const { journal } = this.#of;
    const known = error instanceof AssayError;
    const failures = entry.failures + 1;
    const reason = known ? error.code : "unexpected";
    const detail = error instanceof Error ? error.message : String(error);
    // A signed transaction must not be given up: later nonces wait for it.
    const hopeless = entry.state !== "signed" && (known ? !error.retryable : failures >= MAX_UNKNOWN_FAILURES);
    try {
      if (hopeless) {
        log.error({ err: error, stage }, "request failed");
        journal.advance(entry.id, entry.state, "failed", { reason, detail });
        return;
      }
      const pause = backoffMs(failures, { baseMs: Math.min(this.#options.pollMs, 1000), maxMs: 30_000 });
      log.warn({ err: error, stage, failures, pause }, "stage failed; trying again");
      journal.postpone(entry.id, reason, detail, Date.now() + pause);
    } catch (journalError) {
      log.error({ err: journalError, stage }, "cannot write the journal");
    }
  }
}
