import { AssayError } from "@assay/sdk";

/** Codes of journal errors; `docs/errors/node.md` has a row for each. */
export const JournalErrorCode = {
  /** Another process has the journal open. */
  Locked: "ASY-JOURNAL-001",
  /** The file is of another chain, be it one with the same id, or of another hub or version. */
  Foreign: "ASY-JOURNAL-002",
  /** A request was not in the state that a change of state starts from. */
  Conflict: "ASY-JOURNAL-003",
} as const;
export type JournalErrorCode = (typeof JournalErrorCode)[keyof typeof JournalErrorCode];

/** The journal cannot be used as asked. */
export class JournalError extends AssayError {
  override readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
