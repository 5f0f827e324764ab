import { requestOf } from "../hub/hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
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
}

/** Runs the model on the request's input. An input that is not the model's is declined: no answer to it exists. */
export class InferService implements Stage {
  readonly name = "infer";
  readonly takes = "accepted";
  readonly #of: InferDependencies;

  constructor(dependencies: InferDependencies) {
    this.#of = dependencies;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { journal, models, metrics } = this.#of;
    const { version } = requestOf(entry);
    const at = requireHead(this.#of.head).number;
    const output = await models.use(
      version,
      at,
      async ({ files, runner }) => {
        let values: readonly bigint[];
        try {
          values = readInput(entry.input, files.manifest.input);
        } catch (error) {
          if (!(error instanceof InferError) || error.code !== InferErrorCode.InputInvalid) throw error;
          journal.advance(entry.id, "accepted", "declined", { reason: "input-invalid", detail: error.message });
          metrics.skipped.inc({ reason: "input-invalid" });
          log.info({ detail: error.message }, "request declined");
          return undefined;
        }
        const end = metrics.inferenceSeconds.startTimer();
        const answer = await runner.run(values);
        log.debug({ seconds: end(), provider: runner.provider }, "model ran");
        return writeOutput(answer, files.manifest.output);
      },
      signal,
    );
    if (output !== undefined) journal.advance(entry.id, "accepted", "inferred", { output });
  }
}
