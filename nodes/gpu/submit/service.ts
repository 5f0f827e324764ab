import { decodeContractError } from "@assay/sdk";

import type { Chain } from "../../shared/chain/chain.ts";
import { CallRevertedError } from "../../shared/chain/errors.ts";
import { type Hub, requestOf } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { HeadTracker } from "../supervise/head.ts";
import { requireHead } from "../supervise/require-head.ts";
import type { Stage, StageContext } from "../supervise/stage.ts";
import type { SendingAccount } from "./account.ts";
import { SubmitError, SubmitErrorCode } from "./errors.ts";
import { quoteFees } from "./fees.ts";

/** Most gas of one transaction on chains since Osaka (EIP-7825). */
const MAX_TRANSACTION_GAS = 16_777_216n;

/** Refusals that no new attempt changes: the answer itself is not accepted. */
const FINAL_REFUSALS = new Set([
  "BeneficiaryZero",
  "EvidenceCountMismatch",
  "EvidenceLengthInvalid",
  "EvidenceSelectorMismatch",
  "InputHashMismatch",
  "InputLengthMismatch",
  "OutputHashMismatch",
  "OutputLengthMismatch",
  "PayeeMismatch",
  "PayloadTooLong",
  "ProofElementNotInField",
  "ProofInvalid",
  "PublicWordCountMismatch",
  "PublicWordNotInField",
  "SelectorRetired",
  "SelectorUnknown",
  "SignatureInvalid",
  "SignatureMalleable",
  "VersionRevoked",
]);

export interface SubmitDependencies {
  readonly chain: Chain;
  readonly hub: Hub;
  readonly journal: Journal;
  readonly account: SendingAccount;
  readonly head: HeadTracker;
  readonly metrics: NodeMetrics;
}

export interface SubmitOptions {
  readonly payee: string;
  /** Most wei per gas. */
  readonly maxFeePerGas: bigint;
}

/**
 * Tries the answer on the pending block and, when the contracts take it, signs the transaction into the journal. Nothing
 * is sent here, so a transaction that anybody can see is always on disk first.
 */
export class SubmitService implements Stage {
  readonly name = "submit";
  readonly takes = "proved";
  readonly #of: SubmitDependencies;
  readonly #options: SubmitOptions;

  constructor(dependencies: SubmitDependencies, options: SubmitOptions) {
    this.#of = dependencies;
    this.#options = options;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { chain, hub, journal, account } = this.#of;
    const head = requireHead(this.#of.head);
    const status = await hub.status(entry.id, head.number, signal);
    if (status === "expired" || status === "reclaimed") {
      journal.advance(entry.id, "proved", "expired", { reason: status });
      return;
    }
    if (status !== "pending") return this.#settled(entry, status, head.number);

    const request = requestOf(entry);
    // Present in this state: they were written together with it.
    const data = hub.fulfilData(request, entry.output!, this.#options.payee, entry.evidence!);
    let gas: bigint;
    try {
      gas = await chain.estimateGas({ from: account.address, to: hub.address, data }, "pending", signal);
    } catch (error) {
      if (!(error instanceof CallRevertedError)) throw error;
      return this.#refused(entry, error, head.number);
    }
    const room = (gas * 6n) / 5n + 10_000n;
    const gasLimit = room < MAX_TRANSACTION_GAS ? room : MAX_TRANSACTION_GAS;
    const fees = await quoteFees(chain, head, this.#options.maxFeePerGas, signal);
    const draft = { requestId: entry.id, to: hub.address, data, gasLimit, purpose: "fulfil", fees } as const;
    await account.signNext(
      draft,
      (transaction) => {
        journal.sign(entry.id, "proved", transaction);
        log.info({ transaction: transaction.hash, nonce: transaction.nonce, gasLimit: `${gasLimit}` }, "answer signed");
      },
      signal,
    );
    this.#of.metrics.transactions.inc({ event: "signed" });
  }

  #settled(entry: JournalEntry, detail: string, block: number): void {
    this.#of.journal.advance(entry.id, "proved", "settled", { reason: "not-pending", detail, markBlock: block });
  }

  #refused(entry: JournalEntry, error: CallRevertedError, block: number): void {
    const { name, text } = decodeContractError(error.data);
    if (name === "RequestNotPending") return this.#settled(entry, text, block);
    if (name === "RequestExpired") {
      this.#of.journal.advance(entry.id, "proved", "expired", { reason: "expired", detail: text });
      return;
    }
    if (name === "TooEarly") throw new SubmitError(SubmitErrorCode.TooEarly, `Too early for ${entry.id}: ${text}.`);
    throw new SubmitError(SubmitErrorCode.Refused, `The contracts refuse the answer, ${name}: ${text}.`, {
      cause: error,
      retryable: !FINAL_REFUSALS.has(name),
    });
  }
}
