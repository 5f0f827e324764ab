import { encodeOnnx } from "../../compiler/src/onnx/schema.ts";

type Message = Record<string, unknown>;

/** A float32 initializer; `rows` is a matrix row by row, or a vector. */
export function floatTensor(name: string, dims: readonly number[], values: readonly number[]): Message {
  return { name, dims, data_type: 1, raw_data: new Uint8Array(Float32Array.from(values).buffer) };
}

/** An int64 initializer with one dimension. */
export function integerTensor(name: string, values: readonly number[]): Message {
  return {
    name,
    dims: [values.length],
    data_type: 7,
    raw_data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  };
}

const ENCODERS: Readonly<Record<number, (values: readonly number[]) => ArrayBufferView>> = {
  1: (values) => Float32Array.from(values),
  2: (values) => Uint8Array.from(values),
  3: (values) => Int8Array.from(values),
  4: (values) => Uint16Array.from(values),
  5: (values) => Int16Array.from(values),
  6: (values) => Int32Array.from(values),
  7: (values) => BigInt64Array.from(values, BigInt),
  9: (values) => Uint8Array.from(values),
  11: (values) => Float64Array.from(values),
  12: (values) => Uint32Array.from(values),
  13: (values) => BigUint64Array.from(values, BigInt),
};

/** An initializer of any type of onnx.proto's TensorProto.DataType that JavaScript has an array for, as raw data. */
export function tensor(name: string, type: number, dims: readonly number[], values: readonly number[]): Message {
  const encode = ENCODERS[type];
  if (encode === undefined) throw new RangeError(`no array for data type ${type}`);
  const { buffer, byteOffset, byteLength } = encode(values);
  return { name, dims, data_type: type, raw_data: new Uint8Array(buffer, byteOffset, byteLength) };
}

export const attribute = {
  integers: (name: string, ints: readonly number[]): Message => ({ name, type: 7, ints }),
  floats: (name: string, floats: readonly number[]): Message => ({ name, type: 6, floats }),
  string: (name: string, text: string): Message => ({ name, type: 3, s: new TextEncoder().encode(text) }),
  integer: (name: string, i: number): Message => ({ name, type: 2, i }),
  float: (name: string, f: number): Message => ({ name, type: 1, f }),
  tensor: (name: string, t: Message): Message => ({ name, type: 4, t }),
};

/** A node; its name is `<op>_<first output>`. */
export function node(
  op: string,
  input: readonly string[],
  output: string | readonly string[],
  attributes: readonly Message[] = [],
  domain = "",
): Message {
  const made = typeof output === "string" ? [output] : output;
  return { name: `${op}_${made[0] ?? ""}`, op_type: op, domain, input, output: made, attribute: attributes };
}

/** A graph output of which only the element type is said. */
export function outputInfo(name: string, type = 1): Message {
  return { name, type: { tensor_type: { elem_type: type } } };
}

/** A graph input or output. A dimension is a size, a name (dynamic) or null (nothing said). */
export function valueInfo(name: string, dims: readonly (number | string | null)[], type = 1): Message {
  const dim = dims.map((size) =>
    size === null ? {} : typeof size === "number" ? { dim_value: size } : { dim_param: size },
  );
  return { name, type: { tensor_type: { elem_type: type, shape: { dim } } } };
}

export interface ModelParts {
  readonly nodes: readonly Message[];
  readonly initializers?: readonly Message[];
  readonly inputs?: readonly Message[];
  readonly outputs?: readonly Message[];
  readonly opset?: number;
  /** More fields of the ModelProto, or other values for those above. */
  readonly model?: Message;
  /** More fields of the GraphProto. */
  readonly graph?: Message;
}

/** The bytes of an ONNX file, through the same schema that reads them. */
export function buildModel({
  nodes,
  initializers = [],
  inputs,
  outputs,
  opset = 17,
  model,
  graph,
}: ModelParts): Uint8Array {
  return encodeOnnx({
    ir_version: 8,
    opset_import: [{ domain: "", version: opset }],
    producer_name: "test",
    graph: {
      name: "net",
      node: nodes,
      initializer: initializers,
      input: inputs ?? [valueInfo("x", [1, 4])],
      output: outputs ?? [valueInfo("y", [1], 7)],
      ...graph,
    },
    ...model,
  });
}
