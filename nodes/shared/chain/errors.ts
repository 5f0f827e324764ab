import { AssayError } from "@assay/sdk";

/** A call was executed and reverted. */
export class CallRevertedError extends AssayError {
  override readonly code = "ASY-CHAIN-001";
  /** What the contract reverted with, hex, empty when the endpoint did not say. */
  readonly data: string;

  constructor(to: string, data: string, reason: string) {
    super(`The call to ${to} reverted (${reason}); the contract refuses it as it stands.`);
    this.data = data;
  }
}
