import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { equal, where } from "./compare.ts";
import { readFeatures, type Features } from "./features.ts";
import { repeat } from "./layout.ts";
import { bounded, misfit, operand } from "./operands.ts";
import { flatIndices, pick } from "./picks.ts";
import { absolute } from "./reduce.ts";
import { binary, classified, readLabels, readPostTransform, regressed } from "./scores.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Divisors are kept above 0; a row whose norm is below this comes out smaller than it should. */
const LEAST_NORM = 1e-6;

/** features * coefficients + intercepts, for `outputs` scores. @throws {OnnxAttributeError} when the lists do not fit. */
function affine(
  context: OpContext,
  { value, rows, width }: Features,
  outputs: number,
  intercepts: readonly number[],
): Value {
  const { builder, attributes, node } = context;
  const coefficients = attributes.floats("coefficients") ?? [];
  bounded(context, outputs * width);
  if (coefficients.length !== outputs * width) {
    const found = `${coefficients.length} long`;
    throw new OnnxAttributeError(
      node,
      "coefficients",
      found,
      `${outputs} scores of ${width} features need ${outputs * width}`,
    );
  }
  const weights = Array.from({ length: outputs }, (_, row) => {
    return Float64Array.from(coefficients.slice(row * width, (row + 1) * width));
  });
  const bias = Float64Array.from({ length: outputs }, (_, at) => intercepts[at] ?? 0);
  return builder.dense(value, rows, weights, bias, [rows, outputs]);
}

const linearRegressor: Lowering = (context) => {
  const { attributes, node } = context;
  const features = readFeatures(context);
  const targets = attributes.integer("targets", 1);
  const intercepts = attributes.floats("intercepts") ?? [];
  if (targets < 1) throw new OnnxAttributeError(node, "targets", String(targets), "it must be at least 1");
  if (intercepts.length !== 0 && intercepts.length !== targets) {
    throw new OnnxAttributeError(node, "intercepts", `${intercepts.length} long`, `none or ${targets} are needed`);
  }
  const post = readPostTransform(context);
  return [regressed(context, affine(context, features, targets, intercepts), post)];
};

const linearClassifier: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const features = readFeatures(context);
  const labels = readLabels(context, "classlabels_ints");
  const intercepts = attributes.floats("intercepts") ?? [];
  // One score against the rest, or all at once: it is in the coefficients already.
  attributes.flag("multi_class", false);
  const post = readPostTransform(context);
  const { length } = intercepts;
  if (length !== labels.length && !(length === 1 && labels.length === 2)) {
    throw new OnnxAttributeError(node, "intercepts", `${length} long`, `${labels.length} classes need as many`);
  }
  const scores = affine(context, features, length, intercepts);
  if (length === 1) return binary(builder, scores, { labels, limit: 0, post, opposed: false });
  return classified(builder, scores, { labels, post });
};

/** A list with one element for each feature, or one for all. */
function perFeature(
  context: OpContext,
  name: string,
  found: readonly number[] | undefined,
  width: number,
  absent?: number,
) {
  const list = found ?? (absent === undefined ? [] : [absent]);
  if (list.length === 1) return new Float64Array(width).fill(list[0]!);
  if (list.length === width) return Float64Array.from(list);
  throw new OnnxAttributeError(context.node, name, `${list.length} long`, `1 or ${width} numbers are needed`);
}

/** The size of the last axis, along which features lie. */
function lastSize(value: Value): number {
  return value.dims.at(-1) ?? 1;
}

/** (features - offset) * scale. */
const scaler: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  const width = lastSize(input);
  const offset = perFeature(context, "offset", attributes.floats("offset"), width, 0);
  const scale = perFeature(context, "scale", attributes.floats("scale"), width, 1);
  const count = elementCount(input.dims);
  const factors = Float64Array.from({ length: count }, (_, at) => scale[at % width]!);
  const offsets = Float64Array.from({ length: count }, (_, at) => -offset[at % width]! * scale[at % width]!);
  return [builder.scale(input, factors, offsets)];
};

/** Rows by their greatest element, which may be negative; a row whose greatest is 0 stays. */
function byGreatest(builder: ProgramBuilder, { value, rows, width }: Features, sure: boolean): Value {
  const greatest = builder.max(value, width, [rows]);
  const size = builder.table(greatest, "size", (each) => (each === 0 ? 1 : Math.abs(each)));
  const divisors = repeat(builder, size, width, value.dims);
  if (sure) return builder.divide(value, divisors);
  const sign = builder.table(greatest, "sign", (each) => (each < 0 ? -1 : 1));
  return builder.divide(builder.multiply(value, repeat(builder, sign, width, value.dims)), divisors);
}

const normalizer: Lowering = (context) => {
  const { builder, attributes } = context;
  const norm = attributes.choice("norm", "MAX", ["MAX", "L1", "L2"]);
  const input = operand(context, 0);
  const features = readFeatures(context);
  const { value, rows, width } = features;
  const { dims } = input;
  if (norm === "MAX") {
    return [builder.reshape(byGreatest(builder, features, context.nonNegative?.(input) === true), dims)];
  }
  const parts = norm === "L1" ? absolute(builder, value) : builder.multiply(value, value);
  const sum = builder.sum(parts, width, [rows]);
  const size = norm === "L1" ? sum : builder.table(sum, "sqrt", (each) => Math.sqrt(Math.max(each, 0)));
  const divisors = repeat(builder, builder.clamp(size, LEAST_NORM, Infinity), width, value.dims);
  return [builder.reshape(builder.divide(value, divisors), dims)];
};

/** 1 where a feature is above the threshold, else 0, as a number of the input's type. */
const binarizer: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  const limits = new Float64Array(elementCount(input.dims)).fill(attributes.float("threshold", 0));
  const bits = builder.greater(input, builder.constant(input.dims, limits, input.type));
  return [builder.linear([[1, bits]], 0, input.type)];
};

const extractor: Lowering = (context) => {
  const [input, indices] = [operand(context, 0), operand(context, 1)];
  const size = lastSize(input);
  if (input.dims.length === 0) throw misfit(context, "its input has no axis to choose from");
  const chosen = elementCount(indices.dims);
  const index = flatIndices(context, { value: indices, sizes: [size], tuples: false });
  const outer = elementCount(input.dims) / size;
  const picks = {
    count: outer * chosen,
    size,
    row: (at: number) => at % chosen,
    place: (at: number, each: number) => Math.floor(at / chosen) * size + each,
  };
  const dims = [...(input.dims.length === 1 ? [1] : input.dims.slice(0, -1)), chosen];
  return [pick(context, input, index, picks, dims)];
};

/** Where an element is the one that stands for a missing value, another. NaN and infinities never occur, so nothing stands for them. */
const imputer: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  const whole = input.type === "integer";
  const missing = attributes.any("replaced_value_float")?.f ?? 0;
  const missingInteger = attributes.integer("replaced_value_int64", 0);
  const floats = attributes.floats("imputed_value_floats");
  const integers = attributes.integers("imputed_value_int64s");
  const replaced = whole ? missingInteger : missing;
  if (!Number.isFinite(replaced)) return [input];
  const name = whole ? "imputed_value_int64s" : "imputed_value_floats";
  const width = lastSize(input);
  const given = perFeature(context, name, whole ? integers : floats, width);
  const spread = (of: (at: number) => number) => {
    return builder.constant(
      input.dims,
      Float64Array.from({ length: elementCount(input.dims) }, (_, at) => of(at)),
      input.type,
    );
  };
  const bits = equal(
    builder,
    input,
    spread(() => replaced),
  );
  return [
    where(
      builder,
      bits,
      spread((at) => given[at % width]!),
      input,
    ),
  ];
};

/** Models and preparation of `ai.onnx.ml` that are not trees. */
export const mlOps: Operators = {
  "ai.onnx.ml.LinearRegressor": { inputs: [1, 1], lower: linearRegressor },
  "ai.onnx.ml.LinearClassifier": { inputs: [1, 1], lower: linearClassifier },
  "ai.onnx.ml.Scaler": { inputs: [1, 1], lower: scaler },
  "ai.onnx.ml.Normalizer": { inputs: [1, 1], lower: normalizer },
  "ai.onnx.ml.Binarizer": { inputs: [1, 1], lower: binarizer },
  "ai.onnx.ml.ArrayFeatureExtractor": { inputs: [2, 2], lower: extractor },
  "ai.onnx.ml.Imputer": { inputs: [1, 1], lower: imputer },
};
