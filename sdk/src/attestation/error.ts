import { AssayError } from "../errors.ts";

/**
 * Evidence of an enclave that is refused. `reason` is the name of the error with which the contracts refuse the same bytes at
 * the same time.
 */
export class AttestationError extends AssayError {
  override readonly code = "ASY-ATTEST-001" as const;
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(`${reason}: ${message}`, options);
    this.reason = reason;
  }
}
