import { AssayError } from "@assay/sdk";

/** The statement to prove is malformed: a length, a header or an element's range is wrong. */
export class ProofInputError extends AssayError {
  override readonly code = "ASY-ZKML-006" as const;
}

/** The statement is well-formed but false: the output is not the model's for that input. */
export class StatementFalseError extends AssayError {
  override readonly code = "ASY-ZKML-007" as const;
}

/** Circuit, keys and graph do not belong together, or a file of them is damaged. */
export class ArtefactMismatchError extends AssayError {
  override readonly code = "ASY-ZKML-008" as const;
}

/** The prover was used after `close`. */
export class ProverClosedError extends AssayError {
  override readonly code = "ASY-ZKML-009" as const;
}
