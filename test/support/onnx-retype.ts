import { onnxModelType } from "../../compiler/src/onnx/schema.ts";

interface Tensor {
  data_type: number;
  raw_data: Uint8Array;
}
interface Declared {
  type?: { tensor_type?: { elem_type: number } };
}
interface Model {
  opset_import: { domain: string; version: number }[];
  graph: {
    initializer: Tensor[];
    input: Declared[];
    output: Declared[];
    value_info: Declared[];
    node: { op_type: string; attribute: { name: string; i: number; t?: Tensor }[] }[];
  };
}

const [INT8, INT32] = [3, 6];

function widen(tensor: Tensor): void {
  if (tensor.data_type !== INT8) return;
  tensor.data_type = INT32;
  if (tensor.raw_data.length > 0) {
    tensor.raw_data = new Uint8Array(Int32Array.from(Int8Array.from(tensor.raw_data)).buffer);
  }
}

/**
 * The same model in a form that ONNX Runtime takes: int8, of which it has no matrix product, becomes int32, and
 * operator set 10, in which floats cannot be compared, becomes 12.
 */
export function retyped(bytes: Uint8Array): Uint8Array {
  const type = onnxModelType();
  const model = type.decode(bytes) as unknown as Model;
  for (const each of model.opset_import) if (Number(each.version) === 10) each.version = 12;
  const { graph } = model;
  for (const tensor of graph.initializer) widen(tensor);
  for (const { type: declared } of [...graph.input, ...graph.output, ...graph.value_info]) {
    if (declared?.tensor_type?.elem_type === INT8) declared.tensor_type.elem_type = INT32;
  }
  for (const { op_type, attribute } of graph.node) {
    for (const each of attribute) {
      if (each.t != null) widen(each.t);
      if (op_type === "Cast" && each.name === "to" && Number(each.i) === INT8) each.i = INT32;
    }
  }
  return Uint8Array.from(type.encode(type.fromObject(model)).finish());
}
