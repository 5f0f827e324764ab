import { AssayError } from "@assay/sdk";

/** Codes of errors of the infer stage; `docs/errors/node.md` has a row for each. */
export const InferErrorCode = {
  /** No execution provider of the configuration runs the model and agrees with the reference. */
  NoProvider: "ASY-INFER-001",
  /** A provider gave something else than the reference interpreter. */
  ProviderInexact: "ASY-INFER-002",
  /** A provider failed while running. */
  ProviderFailed: "ASY-INFER-003",
  /** The input is not a tensor of the model, so the request cannot be answered. */
  InputInvalid: "ASY-INFER-004",
} as const;
export type InferErrorCode = (typeof InferErrorCode)[keyof typeof InferErrorCode];

/** A model could not be run. */
export class InferError extends AssayError {
  override readonly code: InferErrorCode;
  override readonly retryable: boolean;

  constructor(code: InferErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === InferErrorCode.ProviderFailed;
  }
}
