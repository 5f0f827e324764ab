import { AssayError } from "@assay/sdk";

/** Codes of errors of the fetch stage; `docs/errors/node.md` has a row for each. */
export const FetchErrorCode = {
  /** The registry does not know the version, or it was revoked. */
  VersionUnusable: "ASY-FETCH-001",
  /** The manifest lacks a file that is needed, or names one twice. */
  FileMissing: "ASY-FETCH-002",
  /** Two things that must agree do not: graph and manifest, verifying key and manifest. */
  FilesDisagree: "ASY-FETCH-003",
} as const;
export type FetchErrorCode = (typeof FetchErrorCode)[keyof typeof FetchErrorCode];

/** The files of a version cannot be used. */
export class FetchError extends AssayError {
  override readonly code: FetchErrorCode;

  constructor(code: FetchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
