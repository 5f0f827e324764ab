import { Transaction } from "ethers";
import type { Logger } from "pino";

import type { Chain } from "../../shared/chain/chain.ts";
import type { Block, Receipt } from "../../shared/chain/types.ts";
import { fulfilmentIn, type Hub } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry, JournalTransaction, RequestState } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { SendingAccount } from "../submit/account.ts";
import { bumpFees, quoteFees } from "../submit/fees.ts";
import { send } from "../submit/send.ts";
import type { ConfirmOptions } from "./types.ts";

const BATCH = 500;
/** Gas of a transaction that only uses up its nonce. */
const CANCEL_GAS = 21_000n;

export interface ConfirmDependencies {
  readonly chain: Chain;
  readonly hub: Hub;
  readonly journal: Journal;
  readonly account: SendingAccount;
  readonly metrics: NodeMetrics;
  readonly log: Logger;
  /** Told when a request goes back to work. */
  readonly onNews: () => void;
}

/**
 * Follows what was sent until it is final: sends again what was lost, raises the fee of what is stuck, takes back what a
 * reorganisation took back. Every nonce that was signed for is used up in the end, because later ones wait for it.
 */
export class ConfirmService {
  readonly #of: ConfirmDependencies;
  readonly #options: ConfirmOptions;

  constructor(dependencies: ConfirmDependencies, options: ConfirmOptions) {
    this.#of = dependencies;
    this.#options = options;
  }

  /** Looks at everything that waits, as of `head`. One request's failure does not stop the others. */
  async tick(head: Block, signal: AbortSignal): Promise<void> {
    for (const entry of this.#of.journal.due(["broadcast", "mined", "settled"], BATCH)) {
      signal.throwIfAborted();
      const log = this.#of.log.child({ requestId: entry.id });
      try {
        if (entry.state === "settled") await this.#settle(entry, head, log, signal);
        else await this.#follow(entry, head, log, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#of.metrics.stageErrors.inc({ stage: "confirm" });
        log.warn({ err: error }, "cannot follow the transaction; looking again at the next block");
      }
    }
  }

  async #follow(entry: JournalEntry, head: Block, log: Logger, signal: AbortSignal): Promise<void> {
    const { journal, metrics } = this.#of;
    const all = journal.transactionsOf(entry.id).filter(({ state }) => state !== "dropped");
    const nonce = all.at(-1)?.nonce;
    // The transactions of one nonce: the first one and its replacements.
    const current = all.filter((transaction) => transaction.nonce === nonce);
    const mined = await this.#mined(current, signal);
    if (mined !== undefined) {
      const { transaction, receipt } = mined;
      if (entry.state === "broadcast" || entry.markHash !== receipt.blockHash) {
        if (entry.state === "mined") metrics.reorganised.inc();
        journal.markTransaction(transaction.hash, receipt.succeeded ? "mined" : "reverted");
        const mark = { markBlock: receipt.blockNumber, markHash: receipt.blockHash };
        journal.advance(entry.id, entry.state, "mined", mark);
        log.info({ transaction: transaction.hash, block: receipt.blockNumber, ok: receipt.succeeded }, "mined");
      }
      if (head.number - receipt.blockNumber + 1 >= this.#options.confirmations) {
        await this.#finalise(entry, current, transaction, receipt, head, log, signal);
      }
      return;
    }
    if (entry.state === "mined") {
      metrics.reorganised.inc();
      for (const { hash } of current) journal.markTransaction(hash, "broadcast");
      journal.advance(entry.id, "mined", "broadcast", { markBlock: null, markHash: null });
      log.warn("the transaction's block left the chain; sending it again");
    }
    await this.#push(journal.get(entry.id)!, current, head, log, signal);
  }

  /** The one of `current` that stands in a block of the chain. */
  async #mined(
    current: readonly JournalTransaction[],
    signal: AbortSignal,
  ): Promise<{ transaction: JournalTransaction; receipt: Receipt } | undefined> {
    for (const transaction of current) {
      const receipt = await this.#of.chain.receipt(transaction.hash, signal);
      if (receipt === undefined) continue;
      const block = await this.#of.chain.block(receipt.blockNumber, signal);
      if (block?.hash === receipt.blockHash) return { transaction, receipt };
    }
    return undefined;
  }

  async #finalise(
    entry: JournalEntry,
    current: readonly JournalTransaction[],
    transaction: JournalTransaction,
    receipt: Receipt,
    head: Block,
    log: Logger,
    signal: AbortSignal,
  ): Promise<void> {
    const { journal, hub } = this.#of;
    for (const { hash } of current) if (hash !== transaction.hash) journal.markTransaction(hash, "replaced");
    const paid = receipt.logs.some((item) => fulfilmentIn(item, hub.address)?.id === entry.id);
    if (transaction.purpose === "fulfil" && receipt.succeeded && paid) {
      journal.advance(entry.id, "mined", "final");
      log.info({ transaction: transaction.hash, gasUsed: `${receipt.gasUsed}` }, "answer is final");
      return;
    }
    // Reverted or cancelled: whatever the reason was, the hub says what there is left to do.
    log.warn(
      { transaction: transaction.hash, purpose: transaction.purpose },
      "the transaction did not answer the request",
    );
    await this.#reconsider(entry.id, "mined", head, log, signal);
  }

  /** Gets a transaction that is in no block mined: sends it again, or replaces it with a better paid one. */
  async #push(
    entry: JournalEntry,
    current: readonly JournalTransaction[],
    head: Block,
    log: Logger,
    signal: AbortSignal,
  ): Promise<void> {
    const { chain, journal, account, metrics } = this.#of;
    const newest = current.at(-1);
    if (newest === undefined) return;
    if ((await chain.nonce(account.address, signal)) > newest.nonce) {
      // Used up, but by none of ours as far as this endpoint knows; believed only when it has stayed so.
      if (entry.markBlock === undefined) {
        journal.advance(entry.id, "broadcast", "broadcast", { markBlock: head.number });
      } else if (head.number - entry.markBlock >= this.#options.confirmations) {
        for (const { hash } of current) journal.markTransaction(hash, "dropped");
        metrics.transactions.inc({ event: "dropped" });
        log.error({ nonce: newest.nonce }, "another program uses this account's nonces; give the node its own account");
        await this.#reconsider(entry.id, "broadcast", head, log, signal);
      }
      return;
    }
    if (entry.markBlock !== undefined) journal.advance(entry.id, "broadcast", "broadcast", { markBlock: null });
    const due = Date.now() - newest.createdAt >= this.#options.bumpAfterMs;
    const replacement = due ? await this.#replacement(entry, newest, head, signal) : undefined;
    if (replacement !== undefined) {
      journal.addTransaction(replacement);
      metrics.transactions.inc({ event: "replaced" });
      const { hash, nonce, maxFee, purpose } = replacement;
      log.info({ transaction: hash, nonce, maxFee: maxFee.toString(), purpose }, "fee raised");
    } else if (await chain.knows(newest.hash, signal)) {
      return;
    }
    const outgoing = replacement ?? newest;
    await send(chain, outgoing, signal);
    journal.markTransaction(outgoing.hash, "broadcast");
    metrics.transactions.inc({ event: "sent" });
  }

  /** A better paid transaction with the same nonce: the same answer, or nothing when no answer is wanted any more. */
  async #replacement(
    entry: JournalEntry,
    old: JournalTransaction,
    head: Block,
    signal: AbortSignal,
  ): Promise<JournalTransaction | undefined> {
    const { chain, hub, account } = this.#of;
    const cap = this.#options.maxFeePerGas;
    const asked = await quoteFees(chain, head, cap, signal);
    const fees = bumpFees({ maxFee: old.maxFee, tip: asked.tip === undefined ? undefined : old.tip }, asked, cap);
    if (fees === undefined) return undefined;
    const wanted = old.purpose === "fulfil" && (await hub.status(entry.id, head.number, signal)) === "pending";
    const common = { requestId: entry.id, fees };
    if (!wanted) {
      const draft = { ...common, to: account.address, data: "0x", gasLimit: CANCEL_GAS, purpose: "cancel" } as const;
      return await account.sign(draft, old.nonce);
    }
    // The old one's own fields: it was tried before it was signed, and the pending block may hold it now.
    const { to, data, gasLimit } = Transaction.from(old.raw);
    if (to === null) return undefined;
    return await account.sign({ ...common, to, data, gasLimit, purpose: "fulfil" }, old.nonce);
  }

  /** Decides by the hub alone how it goes on with a request whose nonce did not answer it. */
  async #reconsider(id: string, from: RequestState, head: Block, log: Logger, signal: AbortSignal): Promise<void> {
    const { journal, hub, onNews } = this.#of;
    const status = await hub.status(id, head.number, signal);
    const clear = { markBlock: null, markHash: null };
    if (status === "expired" || status === "reclaimed") {
      journal.advance(id, from, "expired", { ...clear, reason: status });
    } else if (status !== "pending") {
      journal.advance(id, from, "settled", { ...clear, reason: "not-pending", detail: status, markBlock: head.number });
    } else if (new Set(journal.transactionsOf(id).map(({ nonce }) => nonce)).size >= this.#options.maxAttempts) {
      const detail = `${this.#options.maxAttempts} transactions did not answer it`;
      journal.advance(id, from, "failed", { ...clear, reason: "reverted", detail });
      log.error({ detail }, "request given up");
    } else {
      journal.advance(id, from, "proved", clear);
      onNews();
    }
  }

  /** A request that is open no more: done, unless a reorganisation opens it again before enough blocks confirm it. */
  async #settle(entry: JournalEntry, head: Block, log: Logger, signal: AbortSignal): Promise<void> {
    const { journal, hub, onNews } = this.#of;
    const status = await hub.status(entry.id, head.number, signal);
    const clear = { markBlock: null, markHash: null };
    // Written together with this state.
    const since = entry.markBlock!;
    if (status === "pending") {
      // Nothing new: the answer that made it look settled waits for a block still.
      if (head.number <= since) return;
      const back = entry.evidence !== undefined ? "proved" : entry.output !== undefined ? "inferred" : "seen";
      journal.advance(entry.id, "settled", back, { ...clear, reason: null, detail: null });
      log.info({ back }, "the request is open after all");
      onNews();
      return;
    }
    if (status === "expired" || status === "reclaimed") {
      journal.advance(entry.id, "settled", "expired", { ...clear, reason: status });
      return;
    }
    if (head.number - since + 1 < this.#options.confirmations) return;
    const first = Math.max(entry.blockNumber, since - this.#options.maxBlockRange + 1, 0);
    const beneficiary = await hub.beneficiaryOf(entry.id, first, since, signal);
    if (beneficiary?.toLowerCase() === this.#options.payee.toLowerCase()) {
      // Evidence names who is paid, so it does not matter who sent it.
      journal.advance(entry.id, "settled", "final", { ...clear, reason: "sent-by-other", detail: beneficiary });
      log.info("another account sent our answer; we are paid");
      return;
    }
    const detail = beneficiary === undefined ? "no fulfilment found" : `paid to ${beneficiary}`;
    journal.advance(entry.id, "settled", "doneByOther", { ...clear, reason: "done-by-other", detail });
    log.info({ detail }, "request was answered by another node");
  }
}
