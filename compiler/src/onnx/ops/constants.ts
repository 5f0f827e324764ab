import { elementCount } from "../../program/geometry.ts";
import type { ValueType } from "../../program/types.ts";
import { elementType } from "../dtypes.ts";
import { OnnxAttributeError } from "../errors.ts";
import { MAX_RANK } from "../limits.ts";
import { dataTypeName, type TensorProto } from "../proto.ts";
import { readTensor, type Tensor } from "../tensor.ts";
import { bounded, boundedShape, constantOperand, integerOperand, misfit, operand } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** The tensor of an attribute, under the node's name. protobufjs keeps absent fields on the prototype. */
function named({ node }: OpContext, proto: TensorProto): Tensor {
  return readTensor(Object.create(proto, { name: { value: node } }) as TensorProto);
}

/** Every form but strings and sparse tensors. */
const constant: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const value = attributes.tensor("value");
  const made = (dims: readonly number[], data: readonly number[], type: ValueType) => [
    builder.constant(dims, data, type),
  ];
  if (value !== undefined) {
    const { dims, data, type } = named(context, value);
    return [builder.constant(dims, data, type)];
  }
  const [floats, integers] = [attributes.floats("value_floats"), attributes.integers("value_ints")];
  if (floats !== undefined) return made([floats.length], floats, "real");
  if (integers !== undefined) return made([integers.length], integers, "integer");
  if (attributes.has("value_float")) return made([], [attributes.float("value_float", 0)], "real");
  if (attributes.has("value_int")) return made([], [attributes.integer("value_int", 0)], "integer");
  throw new OnnxAttributeError(node, "value", "not a number or a tensor", "use a numeric constant");
};

const constantOfShape: Lowering = (context) => {
  const { builder, attributes } = context;
  const dims = integerOperand(context, 0, "shape") ?? [];
  if (dims.length > MAX_RANK || dims.some((size) => size < 0))
    throw misfit(context, `its shape is [${dims.join(", ")}]`);
  const proto = attributes.tensor("value");
  const { data, type } =
    proto === undefined ? { data: Float64Array.of(0), type: "real" as const } : named(context, proto);
  const [value] = data;
  if (value === undefined || data.length !== 1) throw misfit(context, `its value has ${data.length} elements, not one`);
  return [builder.constant(dims, new Float64Array(boundedShape(context, dims)).fill(value), type)];
};

/** start, start + delta, ... up to, and without, limit. */
const range: Lowering = (context) => {
  const [start, limit, delta] = ["start", "limit", "delta"].map((what, at) => {
    const found = constantOperand(context, at, what)!;
    if (found.length !== 1) throw misfit(context, `its ${what} is not one number`);
    return found[0]!;
  }) as [number, number, number];
  if (delta === 0) throw misfit(context, "its delta is 0");
  const count = bounded(context, Math.max(Math.ceil((limit - start) / delta), 0));
  const data = Float64Array.from({ length: count }, (_, at) => start + at * delta);
  return [context.builder.constant([count], data, operand(context, 0).type)];
};

/** Ones on a diagonal, under the shape of the input. */
const eyeLike: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = operand(context, 0);
  const [rows, columns] = input.dims;
  const dtype = attributes.integer("dtype", 0);
  const diagonal = attributes.integer("k", 0);
  if (rows === undefined || columns === undefined || input.dims.length !== 2) {
    throw misfit(context, `its input has shape [${input.dims.join(", ")}]`, "use a matrix");
  }
  const type = dtype === 0 ? input.type : elementType(dtype)?.type;
  if (type === undefined) throw new OnnxAttributeError(node, "dtype", dataTypeName(dtype), "use a number type");
  const data = new Float64Array(rows * columns);
  for (let row = Math.max(0, -diagonal); row < rows && row + diagonal < columns; row++) {
    data[row * columns + row + diagonal] = 1;
  }
  return [builder.constant(input.dims, data, type)];
};

/** Where a constant is not 0: [rank][count], in the order of the elements. */
const nonZero: Lowering = (context) => {
  const { dims } = operand(context, 0);
  const data = constantOperand(context, 0, "input")!;
  const found = [...data.keys()].filter((at) => data[at] !== 0);
  const places = new Float64Array(bounded(context, dims.length * found.length));
  for (const axis of dims.keys()) {
    const inner = elementCount(dims.slice(axis + 1));
    for (const [k, at] of found.entries()) places[axis * found.length + k] = Math.floor(at / inner) % dims[axis]!;
  }
  return [context.builder.constant([dims.length, found.length], places, "integer")];
};

export const constantOps: Operators = {
  Constant: { inputs: [0, 0], lower: constant },
  ConstantOfShape: { inputs: [1, 1], lower: constantOfShape },
  Range: { inputs: [3, 3], lower: range },
  EyeLike: { inputs: [1, 1], lower: eyeLike },
  NonZero: { inputs: [1, 1], lower: nonZero },
};
