import { AssayError } from "@assay/sdk/errors";

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

/** A proving or verifying key is missing, cut short, damaged, or of another proof system or curve. */
export class ProvingKeyError extends AssayError {
  override readonly code = "ASY-PROVER-001" as const;
}

/** A witness is cut short, of another circuit or curve, or has other public words than the statement. */
export class WitnessFileError extends AssayError {
  override readonly code = "ASY-PROVER-002" as const;
}

/** A program from outside cannot be started, failed, or wrote what it should not. */
export class ExternalProgramError extends AssayError {
  override readonly code = "ASY-PROVER-003" as const;
}

/** A proof took longer than the limit and was ended. */
export class ProvingTimeoutError extends AssayError {
  override readonly code = "ASY-PROVER-004" as const;
  override readonly retryable = true;
}

/** A proof needs more memory than the service may use, however long it waits. */
export class ProofTooLargeError extends AssayError {
  override readonly code = "ASY-PROVER-005" as const;
}

/** As many proofs wait as may wait. */
export class ProvingQueueFullError extends AssayError {
  override readonly code = "ASY-PROVER-006" as const;
  override readonly retryable = true;
}

/** A proof was made and does not hold under the verifying key; it is not handed out. */
export class ProofRefusedError extends AssayError {
  override readonly code = "ASY-PROVER-007" as const;
}

/** The prover ended in a way that no check before it explains. */
export class ProverFailedError extends AssayError {
  override readonly code = "ASY-PROVER-008" as const;
}
