import type { Hub } from "../hub/hub.ts";
import { requestOf } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { HeadTracker } from "../supervise/head.ts";
import { requireHead } from "../supervise/require-head.ts";
import type { Stage, StageContext } from "../supervise/stage.ts";
import { judge } from "./judge.ts";
import type { AcceptTerms, DeclineReason } from "./types.ts";

export interface AcceptDependencies {
  readonly hub: Hub;
  readonly journal: Journal;
  readonly head: HeadTracker;
  readonly metrics: NodeMetrics;
  /** Whether the manifest of a version is at hand. */
  readonly isAtHand: (manifestDigest: string) => Promise<boolean>;
}

/** Decides which requests the node answers. What the chain says counts, never what the node remembers. */
export class AcceptService implements Stage {
  readonly name = "accept";
  readonly takes = "seen";
  readonly #of: AcceptDependencies;
  readonly #terms: AcceptTerms;

  constructor(dependencies: AcceptDependencies, terms: AcceptTerms) {
    this.#of = dependencies;
    this.#terms = terms;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { hub, journal, metrics } = this.#of;
    const head = requireHead(this.#of.head);
    const request = requestOf(entry);
    const status = await hub.status(entry.id, head.number, signal);
    if (status === "expired" || status === "reclaimed") {
      journal.advance(entry.id, "seen", "expired", { reason: status });
      return;
    }
    if (status !== "pending") {
      journal.advance(entry.id, "seen", "settled", { reason: "not-pending", detail: status, markBlock: head.number });
      return;
    }
    const decline = (reason: DeclineReason, detail: string): void => {
      journal.advance(entry.id, "seen", "declined", { reason, detail });
      metrics.skipped.inc({ reason });
      log.info({ reason, detail }, "request declined");
    };
    const refusal = judge(request, entry.input.length, this.#terms, head.timestamp);
    if (refusal !== undefined) return decline(refusal.reason, refusal.detail);

    const version = await hub.version(request.version, head.number, signal);
    if (version.status !== "active" && version.status !== "deprecated") {
      return decline("version-not-active", `the version is ${version.status}`);
    }
    if (this.#terms.models === undefined && !(await this.#of.isAtHand(version.manifestDigest))) {
      return decline("model-not-served", `manifest ${version.manifestDigest} is not in the blob folders`);
    }
    const net = await hub.netPayment(request, head.number, signal);
    const least = this.#terms.minPayment[request.token] ?? 0n;
    if (net < least) return decline("payment-too-small", `${net} is left for the node; at least ${least}`);

    journal.advance(entry.id, "seen", "accepted");
    metrics.accepted.inc();
    log.info({ version: request.version, proofs: request.proofs, net: net.toString() }, "request accepted");
  }
}
