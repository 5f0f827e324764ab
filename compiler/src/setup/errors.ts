import { AssayError } from "@assay/sdk/errors";

/** A file of constraints is cut short, too large, or not of the form that circom writes for BN254. */
export class R1csInvalidError extends AssayError {
  override readonly code = "ASY-ZKML-004" as const;
}

/** A seed or a secret of a development setup cannot be used. */
export class SetupInputError extends AssayError {
  override readonly code = "ASY-ZKML-005" as const;
}
