import { AssayError } from "@assay/sdk/errors";

/** A file of a ceremony (`.zkey`, `.ptau`) is missing, cut short, too large, or not what snarkjs writes for BN254. */
export class CeremonyFileError extends AssayError {
  override readonly code = "ASY-CEREMONY-001" as const;
}

/** A name, a beacon or a path that a step of a ceremony was given cannot be used. */
export class CeremonyInputError extends AssayError {
  override readonly code = "ASY-CEREMONY-002" as const;
}

/** A step that is not due: a contribution after the beacon, a key without contribution or beacon. */
export class CeremonyOrderError extends AssayError {
  override readonly code = "ASY-CEREMONY-003" as const;
}

/** A key is well-formed and does not follow from its circuit, its powers of tau and its contributions. */
export class CeremonyInvalidError extends AssayError {
  override readonly code = "ASY-CEREMONY-004" as const;
}

/** A powers-of-tau file has another hash than the one that is pinned. */
export class PtauHashError extends AssayError {
  override readonly code = "ASY-CEREMONY-005" as const;
}

/** A powers-of-tau file could not be downloaded; what came is kept, and the next try goes on there. */
export class PtauDownloadError extends AssayError {
  override readonly code = "ASY-CEREMONY-006" as const;
  override readonly retryable = true;
}

/** A circuit needs more powers of tau than there are. */
export class CircuitTooLargeError extends AssayError {
  override readonly code = "ASY-CEREMONY-007" as const;
}

/** snarkjs ended in a way that no check before it explains. */
export class CeremonyFailedError extends AssayError {
  override readonly code = "ASY-CEREMONY-008" as const;
}
