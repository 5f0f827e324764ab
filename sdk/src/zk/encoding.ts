import { decodeTensor } from "../tensor/decode.ts";
import { TensorError } from "../tensor/error.ts";
import { ZkFormatError } from "./error.ts";

/**
 * `bytes`, if they are one canonical tensor encoding: words do not say where one ends, the encoding itself does.
 * @throws {ZkFormatError} when they are not.
 */
export function tensorEncoding(name: string, bytes: Uint8Array): Uint8Array {
  try {
    decodeTensor(bytes);
    return bytes;
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    throw new ZkFormatError("ASY-ZK-003", `The ${name} is no tensor's encoding: ${error.message}`);
  }
}
