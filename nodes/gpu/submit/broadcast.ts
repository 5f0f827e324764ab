import type { Chain } from "../../shared/chain/chain.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { Stage, StageContext } from "../supervise/stage.ts";
import { send } from "./send.ts";

export interface BroadcastDependencies {
  readonly chain: Chain;
  readonly journal: Journal;
  readonly metrics: NodeMetrics;
}

/** Sends the bytes that the journal holds, never others: after a restart the same transaction goes out again. */
export class BroadcastService implements Stage {
  readonly name = "broadcast";
  readonly takes = "signed";
  readonly #of: BroadcastDependencies;

  constructor(dependencies: BroadcastDependencies) {
    this.#of = dependencies;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { chain, journal, metrics } = this.#of;
    for (const transaction of journal.transactionsOf(entry.id)) {
      if (transaction.state !== "signed") continue;
      await send(chain, transaction, signal);
      journal.markTransaction(transaction.hash, "broadcast");
      metrics.transactions.inc({ event: "sent" });
      log.info({ transaction: transaction.hash }, "answer sent");
    }
    journal.advance(entry.id, "signed", "broadcast", { markBlock: null, markHash: null });
  }
}
