import type { Logger } from "pino";

import type { JournalEntry, RequestState } from "../journal/types.ts";

/** One step of the way from a request to its answer. */
export interface Stage {
  readonly name: string;
  /** State of the requests it takes. */
  readonly takes: RequestState;
  /** Does the step and moves the request on in the journal, or throws and leaves it where it is. */
  run(entry: JournalEntry, context: StageContext): Promise<void>;
}

/** What a stage is given beside the request. */
export interface StageContext {
  readonly signal: AbortSignal;
  /** Writes the request's id into every line. */
  readonly log: Logger;
}
