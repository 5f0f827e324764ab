import { AssayError } from "@assay/sdk";

/** Codes of errors of the prove stage; `docs/errors/node.md` has a row for each. */
export const ProveErrorCode = {
  /** Evidence is asked for that this node has no key, circuit or prover for. */
  NoProver: "ASY-PROVE-001",
  /** Evidence that was just made does not verify. */
  EvidenceDoesNotHold: "ASY-PROVE-002",
  /** The circuit's public words are not those that the contracts will rebuild. */
  WordsDiffer: "ASY-PROVE-003",
} as const;
export type ProveErrorCode = (typeof ProveErrorCode)[keyof typeof ProveErrorCode];

/** The evidence for an answer could not be made. */
export class ProveError extends AssayError {
  override readonly code: ProveErrorCode;

  constructor(code: ProveErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
