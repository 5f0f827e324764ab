import { safeInteger } from "./integers.ts";
import { FLOAT, INT64, UINT8, type NodeProto } from "./proto.ts";

/** Operators whose first output has the element type of their first input. */
const SAME = new Set([
  "Identity",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "Transpose",
  "Expand",
  "Slice",
  "Tile",
  "BitShift",
  "BitwiseAnd",
  "BitwiseNot",
  "BitwiseOr",
  "BitwiseXor",
  "CenterCropPad",
  "Compress",
  "ReverseSequence",
]);

/** TensorProto.DataType of a node's output, or 0 where nothing depends on it and it is not followed. */
export function outputDtype(node: NodeProto, inputs: readonly number[], output: number): number {
  if (output !== 0) return 0;
  const attribute = (name: string) => node.attribute.find((each) => each.name === name);
  switch (node.op_type) {
    case "Constant":
      if (attribute("value_float") !== undefined || attribute("value_floats") !== undefined) return FLOAT;
      if (attribute("value_int") !== undefined || attribute("value_ints") !== undefined) return INT64;
      return attribute("value")?.t?.data_type ?? 0;
    case "ConstantOfShape":
      return attribute("value")?.t?.data_type ?? FLOAT;
    case "Cast":
      return safeInteger(attribute("to")?.i ?? 0) ?? 0;
    case "QuantizeLinear":
      return inputs[2] ?? UINT8;
    case "DynamicQuantizeLinear":
      return UINT8;
    case "QLinearConv":
    case "QLinearMatMul":
      return inputs[7] ?? 0;
    default:
      return SAME.has(node.op_type) ? (inputs[0] ?? 0) : 0;
  }
}
