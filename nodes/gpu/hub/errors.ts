import { AssayError } from "@assay/sdk";

/** A log that the hub cannot have emitted: the endpoint changed it, or it is another hub's. */
export class LogInvalidError extends AssayError {
  override readonly code = "ASY-WATCH-001";
  // The same range may come unharmed the next time.
  override readonly retryable = true;
}
