import { AssayError } from "@assay/sdk";

/** Codes of errors of the submit stage; `docs/errors/node.md` has a row for each. */
export const SubmitErrorCode = {
  /** The hub does not take answers in the second of the request; the next block will do. */
  TooEarly: "ASY-SUBMIT-001",
  /** The contracts refuse the answer as it stands. */
  Refused: "ASY-SUBMIT-002",
  /** The chain asks more per gas than the configuration allows. */
  FeeTooHigh: "ASY-SUBMIT-003",
  /** The endpoint did not take the transaction. */
  NotTaken: "ASY-SUBMIT-004",
  /** The sending account cannot pay for the transaction. */
  NoFunds: "ASY-SUBMIT-005",
} as const;
export type SubmitErrorCode = (typeof SubmitErrorCode)[keyof typeof SubmitErrorCode];

/** An answer could not be sent. */
export class SubmitError extends AssayError {
  override readonly code: SubmitErrorCode;
  override readonly retryable: boolean;

  constructor(code: SubmitErrorCode, message: string, { retryable = true, ...options }: SubmitErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryable = retryable;
  }
}

interface SubmitErrorOptions extends ErrorOptions {
  readonly retryable?: boolean;
}
