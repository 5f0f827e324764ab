import { AssayError, decodeTensor, encodeTensor, type IntegralDtype, type ManifestTensor } from "@assay/sdk";

import { InferError, InferErrorCode } from "./errors.ts";

/**
 * The elements of a canonical input, after checking that it is the tensor that `spec` describes.
 * @throws {InferError} when dtype or dims differ, or an element is out of range; names the element.
 */
export function readInput(bytes: Uint8Array, spec: ManifestTensor): readonly bigint[] {
  const invalid = (words: string, cause?: unknown): InferError =>
    new InferError(InferErrorCode.InputInvalid, `Input ${spec.name}: ${words}.`, { cause });
  let tensor;
  try {
    tensor = decodeTensor(bytes);
  } catch (error) {
    if (error instanceof AssayError) throw invalid(error.message, error);
    throw error;
  }
  if (tensor.dtype === "f32" || tensor.dtype !== spec.dtype || tensor.dims.join() !== spec.dims.join()) {
    throw invalid(`${tensor.dtype} [${tensor.dims.join(", ")}] is not ${spec.dtype} [${spec.dims.join(", ")}]`);
  }
  const [min, max] = [BigInt(spec.range.min), BigInt(spec.range.max)];
  const index = tensor.data.findIndex((value) => value < min || value > max);
  if (index !== -1) throw invalid(`element ${index} is ${String(tensor.data[index])}, outside ${min} to ${max}`);
  return tensor.data;
}

/**
 * Canonical bytes of an output.
 * @throws {InferError} when the model gave something that its manifest rules out.
 */
export function writeOutput(values: readonly bigint[], spec: ManifestTensor): Uint8Array {
  const [min, max] = [BigInt(spec.range.min), BigInt(spec.range.max)];
  const count = spec.dims.reduce((product, dim) => product * dim, 1);
  if (values.length !== count || values.some((value) => value < min || value > max)) {
    const words = `The model gave ${values.length} values, not ${count} from ${min} to ${max} as its manifest says.`;
    throw new InferError(InferErrorCode.ProviderInexact, words);
  }
  return encodeTensor({ dtype: spec.dtype as IntegralDtype, dims: spec.dims, data: values });
}
