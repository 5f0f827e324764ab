import { AssayError } from "@assay/sdk";

/** Codes of errors that belong to no single stage; `docs/errors/node.md` has a row for each. */
export const NodeErrorCode = {
  ConfigInvalid: "ASY-NODE-001",
  /** A kind is served for which no key or prover is configured. */
  KeyMissing: "ASY-NODE-002",
  /** `start` was called on a node that was started before. */
  AlreadyStarted: "ASY-NODE-003",
  /** Contracts behind the configured hub do not answer as Assay's do. */
  HubInvalid: "ASY-NODE-004",
  /** The chain would refuse every answer: the key or payee is not a registered node's, or the policy does not exist. */
  NotRegistered: "ASY-NODE-005",
} as const;
export type NodeErrorCode = (typeof NodeErrorCode)[keyof typeof NodeErrorCode];

/** The node cannot run as configured. */
export class NodeError extends AssayError {
  override readonly code: NodeErrorCode;

  constructor(code: NodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
