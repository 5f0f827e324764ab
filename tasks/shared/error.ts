import { AssayError } from "@assay/sdk";

/** Codes of what can go wrong in a task; `docs/errors/tasks.md` has a row for each. */
export const TaskErrorCode = {
  OptionMissing: "ASY-TASK-001",
  OptionInvalid: "ASY-TASK-002",
  /** A file that cannot be read or written, or is larger than it may be. */
  File: "ASY-TASK-003",
  /** A file that was read but does not hold what it should. */
  FileContent: "ASY-TASK-004",
  /** The network's RPC does not answer. */
  Unreachable: "ASY-TASK-005",
  /** No contracts are known for the network. */
  NotDeployed: "ASY-TASK-006",
  NoAccount: "ASY-TASK-007",
  LocalOnly: "ASY-TASK-008",
  /** An id that the contracts, or the events asked for, do not know. */
  NotFound: "ASY-TASK-009",
  /** What was waited for did not happen in time. */
  TimedOut: "ASY-TASK-010",
  /** A check that the task makes came out negative. */
  NotVerified: "ASY-TASK-011",
  /** Hardhat itself refused: a configuration variable that is not set, a network that does not exist. */
  Hardhat: "ASY-TASK-012",
  Unexpected: "ASY-TASK-013",
} as const;
export type TaskErrorCode = (typeof TaskErrorCode)[keyof typeof TaskErrorCode];

const RETRYABLE: ReadonlySet<TaskErrorCode> = new Set([TaskErrorCode.Unreachable, TaskErrorCode.TimedOut]);

/** A task that could not do what it was asked. The message names what was given and the remedy. */
export class TaskError extends AssayError {
  override readonly code: TaskErrorCode;
  override readonly retryable: boolean;

  constructor(code: TaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
