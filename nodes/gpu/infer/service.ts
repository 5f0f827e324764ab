import { getBytes, hexlify } from "ethers";

import type { DeclineReason } from "../accept/types.ts";
import { requestOf } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import { OpeningError } from "../openings/errors.ts";
import type { OpeningStore } from "../openings/store.ts";
import type { HeadTracker } from "../supervise/head.ts";
import { requireHead } from "../supervise/require-head.ts";
import type { Stage, StageContext } from "../supervise/stage.ts";
import { InferError, InferErrorCode } from "./errors.ts";
import type { ModelHost } from "./host.ts";
import { readInput, writeOutput } from "./tensor.ts";

export interface InferDependencies {
  readonly journal: Journal;
  readonly models: ModelHost;
  readonly head: HeadTracker;
  readonly metrics: NodeMetrics;
  readonly openings: OpeningStore;
}

/**
 * Runs the model on the request's input. An input that is not the model's is declined: no answer to it exists; and so is a
 * commitment that nobody opened to this node. A committed output is answered with its commitment, and its opening kept.
 */
export class InferService implements Stage {
  readonly name = "infer";
  readonly takes = "accepted";
  readonly #of: InferDependencies;

  constructor(dependencies: InferDependencies) {
    this.#of = dependencies;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { journal, models, metrics, openings } = this.#of;
    const { version } = requestOf(entry);
    const at = requireHead(this.#of.head).number;
    const output = await models.use(
      version,
      at,
      async ({ files, runner }) => {
        let values: readonly bigint[];
        try {
          const committed = files.binding.input === "committed";
          const input = committed ? (await openings.get(hexlify(entry.input))).encoding : entry.input;
          values = readInput(input, files.manifest.input);
        } catch (error) {
          const reason = reasonOf(error);
          if (reason === undefined) throw error;
          const detail = (error as Error).message;
          journal.advance(entry.id, "accepted", "declined", { reason, detail });
          metrics.skipped.inc({ reason });
          log.info({ detail }, "request declined");
          return undefined;
        }
        const end = metrics.inferenceSeconds.startTimer();
        const answer = await runner.run(values);
        log.debug({ seconds: end(), provider: runner.provider }, "model ran");
        const encoded = writeOutput(answer, files.manifest.output);
        if (files.binding.output === "public") return encoded;
        return getBytes((await openings.commit(encoded)).commitment);
      },
      signal,
    );
    if (output !== undefined) journal.advance(entry.id, "accepted", "inferred", { output });
  }
}

/** Why a request with an input like this is declined; undefined for what is no fault of the input. */
function reasonOf(error: unknown): DeclineReason | undefined {
  if (error instanceof OpeningError) return "opening-missing";
  return error instanceof InferError && error.code === InferErrorCode.InputInvalid ? "input-invalid" : undefined;
}
