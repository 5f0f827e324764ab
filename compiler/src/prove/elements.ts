import type { PortLayout } from "../emit/circom/layout.ts";
import { dtypeInterval } from "../emit/circom/layout.ts";
import { ProofInputError } from "./errors.ts";

/**
 * Elements of a canonical tensor encoding, after checking that it is the one that `port` describes.
 *
 * @throws {ProofInputError} when length or header differ, or an element is outside of the port's range.
 */
export function portElements(port: PortLayout, bytes: Uint8Array): bigint[] {
  const { spec, header, elements, bytesPerElement, byteLength } = port;
  if (bytes.length !== byteLength) {
    throw new ProofInputError(`${spec.name}: ${bytes.length} bytes; its canonical encoding has ${byteLength}`);
  }
  if (header.some((byte, index) => byte !== bytes[index])) {
    throw new ProofInputError(`${spec.name}: the header is not that of ${spec.dtype} [${spec.dims.join(", ")}]`);
  }
  const signed = dtypeInterval(spec.dtype).min < 0n;
  const values: bigint[] = [];
  for (let index = 0; index < elements; index++) {
    let value = 0n;
    for (let byte = 0; byte < bytesPerElement; byte++) {
      value = (value << 8n) | BigInt(bytes[header.length + index * bytesPerElement + byte] as number);
    }
    if (signed) value = BigInt.asIntN(8 * bytesPerElement, value);
    if (value < spec.range.min || value > spec.range.max) {
      throw new ProofInputError(
        `${spec.name}: element ${index} is ${value}, outside of [${spec.range.min}, ${spec.range.max}]; the model was not ` +
          "compiled for it",
      );
    }
    values.push(value);
  }
  return values;
}
