import { AssayError } from "../errors.ts";

/** A verifying key or a proof, in snarkjs's JSON form, that cannot be read. */
export class ZkFormatError extends AssayError {
  override readonly code: "ASY-ZK-001" | "ASY-ZK-002";

  constructor(code: "ASY-ZK-001" | "ASY-ZK-002", message: string) {
    super(message);
    this.code = code;
  }
}
