import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { MAX_ELEMENTS } from "../limits.ts";
import { convolve } from "./conv-general.ts";
import { biasOf, groupsOf, perImage, readConvolution, shapeOf, type Weights } from "./conv.ts";
import { boundedShape, misfit } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { AUTO_PADS, perAxis, reachOf, type Along } from "./window.ts";
import { all, pick } from "./wiring.ts";

/** `out` counts what the transposed convolution makes; `begin` and `end` are what it cuts off. */
function readTransposed(context: OpContext, sizes: readonly number[], kernel: readonly number[]): readonly Along[] {
  const { attributes, node } = context;
  const count = sizes.length;
  const auto = attributes.choice("auto_pad", "NOTSET", AUTO_PADS);
  const declared = perAxis(context, "kernel_shape", count, 0, 0);
  if (declared.some((size, axis) => size !== 0 && size !== kernel[axis])) {
    throw new OnnxAttributeError(node, "kernel_shape", `[${declared.join(", ")}]`, "it must be that of the weights");
  }
  const [strides, dilations] = [perAxis(context, "strides", count, 1), perAxis(context, "dilations", count, 1)];
  const pads = perAxis(context, "pads", 2 * count, 0, 0);
  const extra = perAxis(context, "output_padding", count, 0, 0);
  const wanted = attributes.has("output_shape") ? perAxis(context, "output_shape", count, undefined) : undefined;
  return sizes.map((size, axis) => {
    const [stride, dilation] = [strides[axis]!, dilations[axis]!];
    const shape = { size, kernel: kernel[axis]!, stride, dilation };
    const full = stride * (size - 1) + extra[axis]! + reachOf(shape);
    const same = auto === "SAME_UPPER" || auto === "SAME_LOWER";
    if (wanted === undefined && !same) {
      const [begin, end] = auto === "VALID" ? [0, 0] : [pads[axis]!, pads[axis + count]!];
      const out = full - begin - end;
      if (out < 1 || out > MAX_ELEMENTS) throw misfit(context, `it would make an axis of ${out}`);
      return { ...shape, begin, end, out };
    }
    const out = wanted?.[axis] ?? size * stride;
    const total = full - out;
    if (total < 0) throw misfit(context, `it makes at most ${full} of the ${out} elements that its axis is to have`);
    const half = Math.floor(total / 2);
    const begin = auto === "SAME_UPPER" ? half : total - half;
    return { ...shape, begin, end: total - begin, out };
  });
}

/** [channels][outputs per group][kernel] as [outputs][channels per group][kernel turned round]. */
function turned({ dims, data }: Weights, groups: number): Float64Array {
  const [channels = 1, made = 1, ...kernel] = dims;
  const area = kernel.reduce((product, size) => product * size, 1);
  const perGroup = channels / groups;
  const weights = new Float64Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const [group, place] = [Math.floor(channel / perGroup), channel % perGroup];
    for (let o = 0; o < made; o++) {
      // All spatial axes turned round at once is the flat order from behind.
      const part = data.subarray((channel * made + o) * area, (channel * made + o + 1) * area).toReversed();
      weights.set(part, ((group * made + o) * perGroup + place) * area);
    }
  }
  return weights;
}

/** For each place of the padded input of the plain convolution: the element there, or -1 for the zeros in between. */
function stuffed({ size, kernel, stride, dilation, begin, out }: Along): Int32Array {
  const reach = reachOf({ kernel, dilation });
  return all(out + reach - 1).map((place) => {
    const from = place - (reach - 1 - begin);
    return from >= 0 && from % stride === 0 && from / stride < size ? from / stride : -1;
  });
}

/** A convolution of the input with zeros between its elements and around it, with the kernel turned round. */
const convTranspose: Lowering = (context) => {
  const { builder } = context;
  const [input, weights] = readConvolution(context);
  const [images = 1, channels = 1, ...sizes] = input.dims;
  const [first, perGroup = 1, ...kernel] = weights.dims;
  const groups = groupsOf(context, channels);
  if (first !== channels) throw misfit(context, `weights [${weights.dims.join(", ")}] do not fit ${channels} channels`);
  const outputs = perGroup * groups;
  const windows = readTransposed(context, sizes, kernel);
  const dims = [images, outputs, ...windows.map(({ out }) => out)];
  boundedShape(context, dims);
  const places = windows.map(stuffed);
  boundedShape(context, [images, channels, ...places.map(({ length }) => length)]);
  const plain = windows.map((along, axis) => ({ ...along, size: places[axis]!.length, stride: 1, begin: 0, end: 0 }));
  const bias = biasOf(context, weights.bias, outputs);
  const matrix = turned(weights, groups);
  if (plain.length > 2) {
    const kernels = builder.constant([outputs, channels / groups, ...kernel], matrix);
    const operands = {
      input: pick(builder, input, [all(images), all(channels), ...places]),
      weights: kernels,
      bias: builder.constant([outputs], bias),
    };
    return [convolve(context, operands, plain, groups)];
  }
  const shape = shapeOf(plain, channels, outputs, groups);
  const make = (image: Value) =>
    builder.conv(pick(builder, image, [all(1), all(channels), ...places]), shape, matrix, bias);
  return [perImage(builder, input, dims, make)];
};

export const convTransposeOps: Operators = { ConvTranspose: { inputs: [2, 3], lower: convTranspose } };
