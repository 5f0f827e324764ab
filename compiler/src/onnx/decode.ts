import { OnnxFormatError, OnnxTooLargeError } from "./errors.ts";
import { MAX_STRUCTURE_BYTES } from "./limits.ts";
import type { ModelProto } from "./proto.ts";
import { countWeightBytes } from "./scan.ts";
import { onnxModelType } from "./schema.ts";

/**
 * Decodes a ModelProto. Sizes are bounded before anything is decoded; the graph itself is not checked here.
 *
 * @throws {OnnxTooLargeError} when the file, the number of its nodes, or the part of it that is not weight data is over its limit.
 * @throws {OnnxTruncatedError} when the file ends inside a field.
 * @throws {OnnxFormatError} when the bytes are no protobuf message of this schema.
 */
export function decodeOnnx(bytes: Uint8Array, maxBytes: number): ModelProto {
  if (bytes.length > maxBytes) {
    const remedy = "compile a smaller model, or raise maxBytes if you trust the file";
    throw new OnnxTooLargeError("Bytes in the ONNX file", bytes.length, maxBytes, remedy);
  }
  if (bytes.length === 0) throw new OnnxFormatError("it is empty");
  const structure = bytes.length - countWeightBytes(bytes);
  if (structure > MAX_STRUCTURE_BYTES) {
    const remedy = "store weights as raw_data and strip metadata";
    throw new OnnxTooLargeError("Bytes in the ONNX file that are not weights", structure, MAX_STRUCTURE_BYTES, remedy);
  }
  try {
    return onnxModelType().decode(bytes) as unknown as ModelProto;
  } catch (cause) {
    // Whatever protobufjs throws on bytes from outside means the same: they do not follow the schema.
    throw new OnnxFormatError("its protobuf fields do not follow onnx.proto", { cause });
  }
}
