import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { ConvShape, Value } from "../../program/types.ts";
import { convolve } from "./conv-general.ts";
import { number } from "./elementwise.ts";
import { boundedShape, constantOperand, misfit, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { readWindows, type Along } from "./window.ts";
import { gatherAll } from "./wiring.ts";

/** Applies `make` to each image [1, ...] of a batch, and puts the results together; `dims` has the batch in front. */
export function perImage(
  builder: ProgramBuilder,
  input: Value,
  dims: readonly number[],
  make: (image: Value) => Value,
): Value {
  const images = input.dims[0]!;
  if (images === 1) return builder.reshape(make(input), dims);
  const size = elementCount(input.dims) / images;
  const parts = Array.from({ length: images }, (_, image) => {
    const index = Int32Array.from({ length: size }, (_unused, at) => image * size + at);
    return make(builder.gather([input], index, [1, ...input.dims.slice(1)]));
  });
  return gatherAll(builder, parts, Int32Array.from({ length: elementCount(dims) }, (_, at) => at), dims); // prettier-ignore
}

/** Constant weights, [a][b][spatial...], and the bias, of a convolution either way. */
export interface Weights {
  readonly dims: readonly number[];
  readonly data: Float64Array;
  readonly bias: Float64Array | undefined;
}

/** Input and weights of a convolution. @throws when they do not go together or there are not one to three spatial axes. */
function readTensors(context: OpContext): readonly [input: Value, weights: Value] {
  const [input, weights] = [number(context, 0), number(context, 1)];
  const rank = input.dims.length;
  if (rank < 3 || rank > 5) throw unsupported(context, "convolutions have one, two or three spatial axes");
  if (weights.dims.length !== rank || weights.dims.includes(0)) {
    throw misfit(context, `weights [${weights.dims.join(", ")}] do not fit the input [${input.dims.join(", ")}]`);
  }
  return [input, weights];
}

/** Inputs of a convolution. @throws as {@link readTensors}, and when the weights vary. */
export function readConvolution(context: OpContext): readonly [input: Value, weights: Weights] {
  const [input, { dims }] = readTensors(context);
  const data = constantOperand(context, 1, "weights")!;
  return [input, { dims, data, bias: constantOperand(context, 2, "bias") }];
}

/** The bias, or zeros. @throws {OnnxShapeError} when it does not have one number for each output. */
export function biasOf(context: OpContext, bias: Float64Array | undefined, outputs: number): Float64Array {
  const found = bias ?? new Float64Array(outputs);
  if (found.length === outputs) return found;
  throw misfit(context, `its bias has ${found.length} elements for ${outputs} outputs`);
}

/** The number of groups. @throws {OnnxShapeError} when the channels do not divide into them. */
export function groupsOf(context: OpContext, ...channels: readonly number[]): number {
  const groups = context.attributes.integer("group", 1);
  if (groups >= 1 && channels.every((each) => each % groups === 0)) return groups;
  throw misfit(context, `${channels.join(" and ")} channels do not divide into ${groups} groups`);
}

/** One spatial axis is a height of 1. */
export function planar(windows: readonly Along[]): readonly [Along, Along] {
  const unit: Along = { size: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0, out: 1 };
  const [first = unit, second] = windows;
  return second === undefined ? [unit, first] : [first, second];
}

export function shapeOf(windows: readonly Along[], channels: number, outputs: number, groups: number): ConvShape {
  const [tall, wide] = planar(windows);
  return {
    channels,
    outputs,
    groups,
    size: [tall.size, wide.size],
    kernel: [tall.kernel, wide.kernel],
    strides: [tall.stride, wide.stride],
    pads: [tall.begin, wide.begin, tall.end, wide.end],
    dilations: [tall.dilation, wide.dilation],
  };
}

const conv: Lowering = (context) => {
  const { builder } = context;
  const [input, weights] = readTensors(context);
  const [images = 1, channels = 1, ...sizes] = input.dims;
  const [outputs = 1, perGroup, ...kernel] = weights.dims;
  const groups = groupsOf(context, channels, outputs);
  if (perGroup !== channels / groups) {
    throw misfit(context, `weights [${weights.dims.join(", ")}] do not fit ${channels} channels in ${groups} groups`);
  }
  const windows = readWindows(context, sizes, kernel);
  const dims = [images, outputs, ...windows.map(({ out }) => out)];
  boundedShape(context, dims);
  const added = context.inputs[2] === undefined ? undefined : number(context, 2);
  if (added !== undefined && elementCount(added.dims) !== outputs)
    biasOf(context, new Float64Array(elementCount(added.dims)), outputs);
  const known = added === undefined || added.constant !== undefined;
  // Quantised weights that vary would be rounded again.
  if (context.op !== "Conv") constantOperand(context, 1, "weights");
  if (windows.length > 2 || weights.constant === undefined || !known) {
    return [convolve(context, { input, weights, bias: added }, windows, groups)];
  }
  const shape = shapeOf(windows, channels, outputs, groups);
  const [bias, data] = [biasOf(context, added?.constant, outputs), weights.constant];
  return [perImage(builder, input, dims, (image) => builder.conv(image, shape, data, bias))];
};

export const convOps: Operators = { Conv: { inputs: [2, 3], lower: conv } };
