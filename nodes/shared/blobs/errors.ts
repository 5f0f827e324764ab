import { AssayError } from "@assay/sdk";

/** Codes of blob errors; `docs/errors/node.md` has a row for each. */
export const BlobErrorCode = {
  NotFound: "ASY-BLOB-001",
  /** The bytes under a digest are not the bytes of that digest. */
  DigestMismatch: "ASY-BLOB-002",
  TooLarge: "ASY-BLOB-003",
  SizeMismatch: "ASY-BLOB-004",
  DigestInvalid: "ASY-BLOB-005",
} as const;
export type BlobErrorCode = (typeof BlobErrorCode)[keyof typeof BlobErrorCode];

/** A blob that is missing or is not what its name says. */
export class BlobError extends AssayError {
  override readonly code: BlobErrorCode;
  /** Only a missing blob can appear later. */
  override readonly retryable: boolean;

  constructor(code: BlobErrorCode, message: string) {
    super(message);
    this.code = code;
    this.retryable = code === BlobErrorCode.NotFound;
  }
}
