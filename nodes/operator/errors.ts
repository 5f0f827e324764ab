import { AssayError } from "@assay/sdk";

/** Codes of what can go wrong in an operator's steps; `docs/errors/tasks.md` has a row for each. */
export const OperatorErrorCode = {
  /** The address is not that of a hub with the adapters that Assay deploys. */
  NotAHub: "ASY-OPERATOR-001",
  /** A file of a model folder is missing, changed, or belongs to another model. */
  ModelFolder: "ASY-OPERATOR-002",
  /** Keys of a development setup were to go on a chain that is not local. */
  DevelopmentOnLiveNetwork: "ASY-OPERATOR-003",
  /** A transaction was mined and failed, or an event that it must emit is not there. */
  TransactionFailed: "ASY-OPERATOR-004",
  /** A value that a step was given cannot be used. */
  Input: "ASY-OPERATOR-005",
  /** The chain does not know the id. */
  Unknown: "ASY-OPERATOR-006",
} as const;
export type OperatorErrorCode = (typeof OperatorErrorCode)[keyof typeof OperatorErrorCode];

/** A step of an owner, operator or requester that could not be taken. */
export class OperatorError extends AssayError {
  override readonly code: OperatorErrorCode;

  constructor(code: OperatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
