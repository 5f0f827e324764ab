import { AssayError } from "../errors.ts";

/** Codes of tensor errors; `docs/errors/sdk.md` has a row for each. */
export const TensorErrorCode = {
  /** Bytes end before the header or the data does. */
  Truncated: "ASY-TENSOR-001",
  UnknownDtype: "ASY-TENSOR-002",
  RankTooHigh: "ASY-TENSOR-003",
  DimensionInvalid: "ASY-TENSOR-004",
  /** More bytes than the limit, counted before anything is read or made. */
  TooLarge: "ASY-TENSOR-005",
  TrailingBytes: "ASY-TENSOR-006",
  /** An element the dtype cannot hold, or not in its one canonical form. */
  ElementInvalid: "ASY-TENSOR-007",
  /** The number of elements is not the product of the dims. */
  CountMismatch: "ASY-TENSOR-008",
  QuantisationInvalid: "ASY-TENSOR-009",
  NumberInvalid: "ASY-TENSOR-010",
} as const;
export type TensorErrorCode = (typeof TensorErrorCode)[keyof typeof TensorErrorCode];

/** A tensor, or its encoding, that is not allowed. Trying again with the same bytes cannot help. */
export class TensorError extends AssayError {
  override readonly code: TensorErrorCode;

  constructor(code: TensorErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
