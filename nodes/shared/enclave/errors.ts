import { AssayError } from "@assay/sdk";

/** A value given to the enclave tools that cannot be used, by field. */
export class EnclaveInputError extends AssayError {
  override readonly code = "ASY-ENCLAVE-001" as const;

  constructor(field: string, value: unknown, remedy: string) {
    super(`${field} is ${String(value)}: ${remedy}`);
  }
}
