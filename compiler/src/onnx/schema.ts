import { readFileSync } from "node:fs";

import protobuf from "protobufjs";

let modelType: protobuf.Type | undefined;

/** The message `onnx.ModelProto`, from the vendored schema, with the schema's own field names. */
export function onnxModelType(): protobuf.Type {
  if (modelType === undefined) {
    const schema = readFileSync(new URL("./vendor/onnx.proto", import.meta.url), "utf8");
    modelType = protobuf.parse(schema, { keepCase: true }).root.lookupType("onnx.ModelProto");
  }
  return modelType;
}

/**
 * Writes an ONNX file from a plain object with the schema's field names. The same object gives the same bytes.
 *
 * @throws {TypeError} when a field does not have the type that the schema gives it.
 */
export function encodeOnnx(model: Record<string, unknown>): Uint8Array {
  const type = onnxModelType();
  const problem = type.verify(model);
  if (problem !== null) throw new TypeError(`onnx.ModelProto: ${problem}`);
  return Uint8Array.from(type.encode(type.create(model)).finish());
}
