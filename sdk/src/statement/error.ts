import { AssayError } from "../errors.ts";

/** Codes of evidence errors; `docs/errors/sdk.md` has a row for each. */
export const EvidenceErrorCode = {
  LengthInvalid: "ASY-EVIDENCE-001",
  SelectorUnknown: "ASY-EVIDENCE-002",
  SignatureMalformed: "ASY-EVIDENCE-003",
  ProofMalformed: "ASY-EVIDENCE-004",
} as const;
export type EvidenceErrorCode = (typeof EvidenceErrorCode)[keyof typeof EvidenceErrorCode];

/** Evidence that has not the form of its kind. Whether well-formed evidence holds is for `verifyReceipt` to say. */
export class EvidenceError extends AssayError {
  override readonly code: EvidenceErrorCode;

  constructor(code: EvidenceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
