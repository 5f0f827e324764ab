import { AssayError } from "../errors.ts";

/** Something that evidence is judged by, and when it is valid: Unix seconds, both ends included. */
export interface Validity {
  /** In words: "the root's revocation list". */
  readonly what: string;
  readonly from: number;
  readonly until: number;
}

/**
 * Evidence of an enclave that is refused. `reason` is the name of the error with which the contracts refuse the same bytes at
 * the same time.
 */
export class AttestationError extends AssayError {
  override readonly code = "ASY-ATTEST-001" as const;
  readonly reason: string;
  /** What was judged outside its time; undefined where the refusal is for something else. */
  readonly validity: Validity | undefined;

  constructor(reason: string, message: string, options?: ErrorOptions & { readonly validity?: Validity }) {
    super(`${reason}: ${message}`, options);
    this.reason = reason;
    this.validity = options?.validity;
  }
}

/** @throws {AttestationError} named `reason` when `at` is outside the time in which something is valid. */
export function requireCurrent(reason: string, validity: Validity, at: number): void {
  const { what, from, until } = validity;
  if (at >= from && at <= until) return;
  throw new AttestationError(reason, `${what} is valid from ${from} to ${until}, and it is ${at}`, { validity });
}
