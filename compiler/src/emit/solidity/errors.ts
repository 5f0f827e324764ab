import { AssayError } from "@assay/sdk";

/** A verifier contract cannot be written from what was given. */
export class VerifierOptionsError extends AssayError {
  override readonly code = "ASY-ZKML-010" as const;
}
