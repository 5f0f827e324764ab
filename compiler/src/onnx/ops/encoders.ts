import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { equal } from "./compare.ts";
import { bounded, operand, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

const STRINGS = "its categories are strings, which are no numbers; encode them as integers before the model";

/** Which of the categories each element is, as bits in a new last axis; an element that is none of them has none. */
function bitsOf({ builder }: OpContext, input: Value, categories: readonly number[]): Value {
  const width = categories.length;
  const dims = [...input.dims, width];
  const total = elementCount(dims);
  const index = Int32Array.from({ length: total }, (_, at) => Math.floor(at / width));
  const spread = builder.gather([input], index, dims);
  const wanted = Float64Array.from({ length: total }, (_, at) => categories[at % width]!);
  return equal(builder, spread, builder.constant(dims, wanted, input.type));
}

const oneHotEncoder: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = operand(context, 0);
  if ((attributes.strings("cats_strings") ?? []).length > 0) throw unsupported(context, STRINGS);
  const categories = attributes.integers("cats_int64s") ?? [];
  // Without zeros for what is unknown, the runtime refuses it; here it gets zeros either way.
  attributes.flag("zeros", true);
  if (categories.length === 0) throw new OnnxAttributeError(node, "cats_int64s", "empty", "it needs categories");
  bounded(context, elementCount(input.dims) * categories.length);
  return [builder.linear([[1, bitsOf(context, input, categories)]], 0)];
};

/** Keys and what they become, all of them numbers. */
function readPairs(context: OpContext): {
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly whole: boolean;
  readonly absent: number;
} {
  const { attributes, node } = context;
  const text = ["keys_strings", "values_strings", "classes_strings"].some((name) => attributes.has(name));
  if (text) throw unsupported(context, STRINGS);
  const keys = attributes.integers("keys_int64s") ?? attributes.floats("keys_floats") ?? [];
  const integers = attributes.integers("values_int64s");
  const values = integers ?? attributes.floats("values_floats") ?? [];
  const [float, integer] = [attributes.any("default_float")?.f ?? 0, attributes.integer("default_int64", -1)];
  attributes.string("default_string", "");
  if (keys.length === 0 || keys.length !== values.length) {
    throw new OnnxAttributeError(
      node,
      "keys",
      `${keys.length} long`,
      `lists of numbers as long as the values are needed`,
    );
  }
  return { keys, values, whole: integers !== undefined, absent: integers === undefined ? float : integer };
}

const labelEncoder: Lowering = (context) => {
  const { builder } = context;
  const input = operand(context, 0);
  const { keys, values, whole, absent } = readPairs(context);
  bounded(context, elementCount(input.dims) * keys.length);
  const bits = bitsOf(context, input, keys);
  const count = elementCount(bits.dims);
  const factors = Float64Array.from({ length: count }, (_, at) => values[at % keys.length]! - absent);
  const type = whole ? "integer" : "real";
  const chosen = builder.sum(builder.scale(bits, factors, new Float64Array(count), type), keys.length, input.dims);
  return [builder.as(builder.linear([[1, chosen]], absent, type), type)];
};

/** Categories of `ai.onnx.ml`; each costs two comparisons for each element. */
export const encoderOps: Operators = {
  "ai.onnx.ml.OneHotEncoder": { inputs: [1, 1], lower: oneHotEncoder },
  "ai.onnx.ml.LabelEncoder": { inputs: [1, 1], lower: labelEncoder },
};
