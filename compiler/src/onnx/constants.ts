import { Attributes } from "./attributes.ts";
import { OnnxAttributeError } from "./errors.ts";
import { ATTRIBUTE, FLOAT, INT64, type NodeProto, type TensorProto } from "./proto.ts";

/** A TensorProto with `fields`, everything else empty. */
function tensorOf(name: string, fields: Partial<TensorProto>): TensorProto {
  return {
    name,
    dims: [],
    data_type: 0,
    float_data: [],
    int64_data: [],
    int32_data: [],
    double_data: [],
    uint64_data: [],
    string_data: [],
    raw_data: new Uint8Array(),
    external_data: [],
    data_location: 0,
    segment: null,
    ...fields,
  };
}

/**
 * The tensor that a Constant node makes, under the name of the node's output.
 *
 * @throws {OnnxAttributeError} when its value is not numbers (a string, a sparse tensor), or is not given exactly once.
 */
export function constantTensor(node: NodeProto, name: string): TensorProto {
  const output = node.output[0] ?? "";
  if (node.attribute.length !== 1) {
    throw new OnnxAttributeError(name, "value", `one of ${node.attribute.length}`, "a Constant has one attribute");
  }
  const attributes = new Attributes(node, name);
  const value = attributes.tensor("value");
  if (value !== undefined) {
    // protobufjs keeps absent fields on the prototype, so a spread would lose them.
    return Object.create(value, { name: { value: output } }) as TensorProto;
  }
  const listed = attributes.any("value_floats") ?? attributes.any("value_ints");
  const single = attributes.any("value_float") ?? attributes.any("value_int");
  attributes.done();
  const found = listed ?? single;
  switch (found?.type) {
    case ATTRIBUTE.FLOAT:
      return tensorOf(output, { data_type: FLOAT, float_data: [found.f] });
    case ATTRIBUTE.INT:
      return tensorOf(output, { data_type: INT64, int64_data: [found.i] });
    case ATTRIBUTE.FLOATS:
      return tensorOf(output, { data_type: FLOAT, dims: [found.floats.length], float_data: found.floats });
    case ATTRIBUTE.INTS:
      return tensorOf(output, { data_type: INT64, dims: [found.ints.length], int64_data: found.ints });
    default:
      throw new OnnxAttributeError(name, found?.name ?? "value", "not a number or a tensor", "use a numeric constant");
  }
}
