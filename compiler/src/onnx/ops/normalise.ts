import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { number } from "./elementwise.ts";
import { broadcastDims, broadcastTo, repeat } from "./layout.ts";
import { axisOf, constantOperand, misfit, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Each row of `width` less its mean, over its deviation: (x - mean) / sqrt(variance + epsilon). */
function normalised(builder: ProgramBuilder, input: Value, width: number, epsilon: number): Value {
  const rows = [elementCount(input.dims) / width];
  const mean = builder.linear([[1 / width, builder.sum(input, width, rows)]], 0);
  const centred = builder.linear([[1, input], [-1, repeat(builder, mean, width, input.dims)]], 0); // prettier-ignore
  const variance = builder.linear([[1 / width, builder.sum(builder.multiply(centred, centred), width, rows)]], 0);
  const deviation = builder.table(variance, "deviation", (value) => Math.sqrt(Math.max(value, 0) + epsilon));
  return builder.divide(centred, repeat(builder, deviation, width, input.dims));
}

/** input * scale + bias, both broadcast to the input. */
function affine(context: OpContext, input: Value, scale: Value, bias: Value | undefined): Value {
  const { builder } = context;
  const spread = (value: Value) => {
    const dims = broadcastDims(context, [input.dims, value.dims]);
    if (elementCount(dims) !== elementCount(input.dims)) {
      throw misfit(context, `[${value.dims.join(", ")}] does not fit its input [${input.dims.join(", ")}]`);
    }
    return broadcastTo(builder, value, input.dims);
  };
  const scaled = builder.multiply(input, spread(scale));
  if (bias === undefined) return scaled;
  return builder.linear([[1, scaled], [1, spread(bias)]], 0); // prettier-ignore
}

function readEpsilon({ attributes, node }: OpContext): number {
  const epsilon = attributes.float("epsilon", 1e-5);
  if (epsilon > 0) return epsilon;
  throw new OnnxAttributeError(node, "epsilon", String(epsilon), "it must be above 0");
}

/** One number for each channel, under dims that broadcast to the input. */
function perChannel(context: OpContext, at: number, input: Value, repeats = 1): Value {
  const { builder } = context;
  const value = number(context, at);
  const channels = input.dims[1];
  const count = elementCount(value.dims);
  if (channels === undefined || count * repeats !== channels) {
    throw misfit(context, `input ${at} has ${count} elements for the channels of [${input.dims.join(", ")}]`);
  }
  return builder.reshape(repeat(builder, value, repeats, [channels]), [channels, ...input.dims.slice(2).map(() => 1)]);
}

/** Inference only: mean and variance are constants, so it is a factor and an offset for each channel. */
const batchNormalization: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = number(context, 0);
  const epsilon = attributes.float("epsilon", 1e-5);
  attributes.float("momentum", 0.9);
  if (attributes.flag("training_mode", false)) throw unsupported(context, "call model.eval() before export");
  if (!attributes.flag("spatial", true)) throw unsupported(context, "export with a newer operator set: spatial is 0");
  const [scale, bias, mean, variance] = ["scale", "bias", "mean", "variance"].map((what, k) =>
    constantOperand(context, k + 1, what),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (const at of [1, 2, 3, 4]) perChannel(context, at, input);
  const channels = input.dims[1] ?? 0;
  const factors = scale.map((each, c) => each / Math.sqrt(variance[c]! + epsilon));
  if (!factors.every(Number.isFinite)) throw misfit(context, "a variance is not above 0");
  const offsets = bias.map((each, c) => each - mean[c]! * factors[c]!);
  const dims = [channels, ...input.dims.slice(2).map(() => 1)];
  const spread = (elements: Float64Array) =>
    broadcastTo(builder, builder.constant(dims, elements), input.dims).constant!;
  return [builder.scale(input, spread(factors), spread(offsets))];
};

const instanceNormalization: Lowering = (context) => {
  const { builder } = context;
  const input = number(context, 0);
  const made = normalised(builder, input, elementCount(input.dims.slice(2)), readEpsilon(context));
  return [affine(context, made, perChannel(context, 1, input), perChannel(context, 2, input))];
};

const layerNormalization: Lowering = (context) => {
  const { builder, attributes, inputs } = context;
  const input = number(context, 0);
  const axis = axisOf(context, attributes.integer("axis", -1), input.dims.length);
  attributes.integer("stash_type", 1);
  const made = normalised(builder, input, elementCount(input.dims.slice(axis)), readEpsilon(context));
  return [affine(context, made, number(context, 1), inputs[2] === undefined ? undefined : number(context, 2))];
};

/** Until operator set 20 scale and bias have one number for each group, from then on for each channel. */
const groupNormalization: Lowering = (context) => {
  const { builder, attributes, opset, node } = context;
  const input = number(context, 0);
  const [images = 1, channels = 1] = input.dims;
  const groups = attributes.integer("num_groups", 0);
  attributes.integer("stash_type", 1);
  if (groups < 1 || channels % groups !== 0) {
    throw new OnnxAttributeError(node, "num_groups", String(groups), `it must divide the ${channels} channels`);
  }
  const width = elementCount(input.dims) / (images * groups);
  const repeats = opset < 21 ? channels / groups : 1;
  const made = normalised(builder, input, width, readEpsilon(context));
  return [affine(context, made, perChannel(context, 1, input, repeats), perChannel(context, 2, input, repeats))];
};

export const normaliseOps: Operators = {
  BatchNormalization: { inputs: [5, 5], lower: batchNormalization },
  InstanceNormalization: { inputs: [3, 3], lower: instanceNormalization },
  LayerNormalization: { inputs: [2, 3], lower: layerNormalization },
  GroupNormalization: { inputs: [3, 3], lower: groupNormalization },
};
