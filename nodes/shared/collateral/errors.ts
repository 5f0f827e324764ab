import { AssayError } from "@assay/sdk";

/** Codes of collateral errors; `docs/errors/enclave.md` has a row for each. */
export const CollateralErrorCode = {
  /** No connection, no answer in time, or an HTTP status that may pass. */
  Unreachable: "ASY-COLLATERAL-001",
  /** The service knows no such thing. */
  NotFound: "ASY-COLLATERAL-002",
  /** An answer that is too long or not what the service documents. */
  Garbage: "ASY-COLLATERAL-003",
  /** The request itself is malformed; nothing was sent. */
  Invalid: "ASY-COLLATERAL-004",
} as const;
export type CollateralErrorCode = (typeof CollateralErrorCode)[keyof typeof CollateralErrorCode];

/** Fetching what a vendor signs about its hardware failed. */
export class CollateralError extends AssayError {
  override readonly code: CollateralErrorCode;
  override readonly retryable: boolean;

  constructor(code: CollateralErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === CollateralErrorCode.Unreachable;
  }
}
