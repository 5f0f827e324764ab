import { AssayError } from "@assay/sdk/errors";

/** The integer graph breaks a rule that the circuit's soundness rests on. */
export class GraphNotProvableError extends AssayError {
  override readonly code = "ASY-ZKML-001" as const;
}

/** The circom compiler refused the generated program, or could not be run. */
export class CircomFailedError extends AssayError {
  override readonly code = "ASY-ZKML-002" as const;
}

/** The caller's signal ended the work. */
export class ZkmlAbortedError extends AssayError {
  override readonly code = "ASY-ZKML-003" as const;
  override readonly retryable = true;
}
