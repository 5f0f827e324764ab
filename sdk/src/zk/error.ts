import { AssayError } from "../errors.ts";

export type ZkFormatErrorCode = "ASY-ZK-001" | "ASY-ZK-002" | "ASY-ZK-003" | "ASY-ZK-004";

/**
 * What cannot be read or used: a verifying key (001) or a proof (002) in snarkjs's JSON form, a binding, salt, commitment or
 * hash (003), an opening (004).
 */
export class ZkFormatError extends AssayError {
  override readonly code: ZkFormatErrorCode;

  constructor(code: ZkFormatErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
