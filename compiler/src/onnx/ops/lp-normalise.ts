import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { number } from "./elementwise.ts";
import { axesLast, broadcastDims, broadcastTo, lastTo, permute, repeat } from "./layout.ts";
import { axisOf, bounded, misfit, typed } from "./operands.ts";
import { absolute } from "./reduce.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** An attribute that must be at least `least`, or above it. */
function atLeast(
  { attributes, node }: OpContext,
  name: string,
  absent: number,
  least: number,
  strictly: boolean,
): number {
  const value = attributes.float(name, absent);
  if (value > least || (value === least && !strictly)) return value;
  throw new OnnxAttributeError(node, name, String(value), `it must be ${strictly ? "above" : "at least"} ${least}`);
}

/** The mean of the squares of each row of `width`. */
function meanSquare(builder: ProgramBuilder, input: Value, width: number): Value {
  const squares = builder.sum(builder.multiply(input, input), width, [elementCount(input.dims) / width]);
  return builder.linear([[1 / width, squares]], 0);
}

/** x / |x| along an axis, by the sum of sizes or by the root of the sum of squares; zeros stay zeros. */
const lpNormalization: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = typed(context, number(context, 0), "real");
  const axis = axisOf(context, attributes.integer("axis", -1), input.dims.length);
  const p = attributes.integer("p", 2);
  if (p !== 1 && p !== 2) throw new OnnxAttributeError(node, "p", String(p), "it must be 1 or 2");
  const rows = axesLast(builder, input, [axis]);
  const width = input.dims[axis]!;
  const sum = builder.sum(p === 1 ? absolute(builder, rows) : builder.multiply(rows, rows), width, [
    elementCount(rows.dims) / width,
  ]);
  const norm = builder.table(sum, "norm", (value) => (value > 0 ? (p === 1 ? value : Math.sqrt(value)) : 1));
  return [lastTo(builder, builder.divide(rows, repeat(builder, norm, width, rows.dims)), axis)];
};

/** x / (bias + alpha / size * the sum of squares over `size` channels around its own)^beta. */
const lrn: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = typed(context, number(context, 0), "real");
  const [, channels] = input.dims;
  const size = attributes.integer("size", 0);
  if (size < 1) throw new OnnxAttributeError(node, "size", String(size), "it must be above 0");
  // With these the base of the power is above 0 everywhere.
  const [alpha, bias] = [atLeast(context, "alpha", 1e-4, 0, false), atLeast(context, "bias", 1, 0, true)];
  const beta = attributes.float("beta", 0.75);
  if (channels === undefined) throw misfit(context, `its input [${input.dims.join(", ")}] has no channels`);
  // What is further away than there are channels is outside of every window.
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)].map((each) => Math.min(each, channels - 1)) as [number, number]; // prettier-ignore
  const [count, width, inner] = [elementCount(input.dims), before + 1 + after, elementCount(input.dims.slice(2))];
  const near = Int32Array.from({ length: bounded(context, count * width) }, (_, each) => {
    const [at, step] = [Math.floor(each / width), (each % width) - before];
    const channel = (Math.floor(at / inner) % channels) + step;
    return channel < 0 || channel >= channels ? count : at + step * inner;
  });
  const sum = builder.sum(
    builder.gather([builder.multiply(input, input)], near, [count, width], [0]),
    width,
    input.dims,
  );
  const factor = builder.table(sum, "lrn", (value) => (bias + (alpha / size) * Math.max(value, 0)) ** -beta);
  return [builder.multiply(input, factor)];
};

/** (x - mean) / deviation over some axes: those of images by default. */
const meanVariance: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = typed(context, number(context, 0), "real");
  const rank = input.dims.length;
  const given = attributes.integers("axes") ?? [0, 2, 3];
  const axes = given.length > rank ? [] : given.map((axis) => axisOf(context, axis, rank, "axes"));
  if (axes.length === 0 || new Set(axes).size < axes.length) {
    throw new OnnxAttributeError(node, "axes", `${given.length} long`, `it must name some of ${rank} axes, each once`);
  }
  const order = [...input.dims.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const rows = permute(builder, input, order);
  const width = elementCount(axes.map((axis) => input.dims[axis]!));
  const mean = builder.linear([[1 / width, builder.sum(rows, width, [elementCount(rows.dims) / width])]], 0);
  const centred = builder.linear([[1, rows], [-1, repeat(builder, mean, width, rows.dims)]], 0); // prettier-ignore
  const root = (value: number) => Math.sqrt(Math.max(value, 0)) + 1e-9;
  const deviation = builder.table(meanSquare(builder, centred, width), "deviation", root);
  const made = builder.divide(centred, repeat(builder, deviation, width, rows.dims));
  return [permute(builder, made, [...order.keys()].map((axis) => order.indexOf(axis)))]; // prettier-ignore
};

/** x / sqrt(mean of squares + epsilon) * scale, over the axes from `axis` on. */
const rmsNormalization: Lowering = (context) => {
  const { builder, attributes } = context;
  const [input, scale] = [typed(context, number(context, 0), "real"), number(context, 1)];
  const axis = axisOf(context, attributes.integer("axis", -1), input.dims.length);
  attributes.integer("stash_type", 1);
  const epsilon = atLeast(context, "epsilon", 1e-5, 0, true);
  const width = elementCount(input.dims.slice(axis));
  const root = (value: number) => Math.sqrt(Math.max(value, 0) + epsilon);
  const size = builder.table(meanSquare(builder, input, width), "root mean square", root);
  const made = builder.divide(input, repeat(builder, size, width, input.dims));
  if (elementCount(broadcastDims(context, [input.dims, scale.dims])) !== elementCount(input.dims)) {
    throw misfit(context, `[${scale.dims.join(", ")}] does not fit its input [${input.dims.join(", ")}]`);
  }
  return [builder.multiply(made, broadcastTo(builder, scale, input.dims))];
};

/** Normalisations by a sum of sizes or squares. */
export const lpNormaliseOps: Operators = {
  LpNormalization: { inputs: [1, 1], lower: lpNormalization },
  LRN: { inputs: [1, 1], lower: lrn },
  MeanVarianceNormalization: { inputs: [1, 1], lower: meanVariance },
  RMSNormalization: { inputs: [2, 2], lower: rmsNormalization },
};
