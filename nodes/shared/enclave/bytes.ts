import { EnclaveInputError } from "./errors.ts";

/**
 * `value` itself, once it is sure to be 32 bytes in hex.
 *
 * @throws {EnclaveInputError} that names `field` when it is not.
 */
export function bytes32(field: string, value: string): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(value)) throw new EnclaveInputError(field, value, "use 32 bytes as 0x and hex");
  return value;
}
