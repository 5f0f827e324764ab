import { AssayError } from "@assay/sdk";

/** Codes of errors of the folder of openings; `docs/errors/node.md` has a row for each. */
export const OpeningErrorCode = {
  /** A commitment has to be opened, or one made, and there is no folder for it or no file in it. */
  Missing: "ASY-OPENING-001",
  /** A file is too long, cannot be read, or opens something else. */
  Unusable: "ASY-OPENING-002",
} as const;
export type OpeningErrorCode = (typeof OpeningErrorCode)[keyof typeof OpeningErrorCode];

/** A commitment cannot be opened. */
export class OpeningError extends AssayError {
  override readonly code: OpeningErrorCode;

  constructor(code: OpeningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
