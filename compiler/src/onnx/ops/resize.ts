import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { MAX_ELEMENTS } from "../limits.ts";
import { number } from "./elementwise.ts";
import { COORDINATES, NEAREST, tapsOf, type Axis, type Interpolation, type Taps } from "./interpolate.ts";
import { stridesOf } from "./layout.ts";
import { axisOf, boundedShape, constantOperand, integerOperand, misfit } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { pick } from "./wiring.ts";

/** Each element of the result as a weighted sum; one tap with weight 1 everywhere is wiring alone. */
function interpolated(context: OpContext, input: Value, axes: readonly (readonly Taps[])[]): Value {
  const { builder } = context;
  const dims = axes.map(({ length }) => length);
  if (axes.every((taps) => taps.every((each) => each.length === 1))) {
    return pick(builder, input, axes.map((taps) => taps.map((each) => each[0]![0]))); // prettier-ignore
  }
  const counts = axes.map((taps) => taps[0]!.length);
  const width = elementCount(counts);
  const length = boundedShape(context, [...dims, width]);
  const [from, outer, inner] = [stridesOf(input.dims), stridesOf(dims), stridesOf(counts)];
  const index = new Int32Array(length);
  const weights = new Float64Array(length);
  for (let at = 0; at < length; at++) {
    const [place, tap] = [Math.floor(at / width), at % width];
    let [flat, weight] = [0, 1];
    for (const [axis, taps] of axes.entries()) {
      const along = taps[Math.floor(place / outer[axis]!) % dims[axis]!]!;
      const [coordinate, factor] = along[Math.floor(tap / inner[axis]!) % counts[axis]!]!;
      flat += coordinate * from[axis]!;
      weight *= factor;
    }
    index[at] = flat;
    weights[at] = weight;
  }
  const taps = builder.gather([input], index, [elementCount(dims), width]);
  return builder.sum(builder.scale(taps, weights, new Float64Array(length)), width, dims);
}

function fromScales(context: OpContext, dims: readonly number[], scales: readonly number[]): readonly Axis[] {
  if (scales.length !== dims.length) throw misfit(context, `it has ${scales.length} scales for ${dims.length} axes`);
  return dims.map((size, axis) => {
    const scale = scales[axis]!;
    // In single precision, as runtimes do.
    const out = Math.floor(Math.fround(size * scale));
    if (!(scale > 0) || out < 1 || out > MAX_ELEMENTS)
      throw misfit(context, `a scale of ${scale} makes an axis of ${out}`);
    return { size, scale, out };
  });
}

function resized(context: OpContext, input: Value, axes: readonly Axis[], how: Interpolation): readonly Value[] {
  boundedShape(context, axes.map(({ out }) => out)); // prettier-ignore
  return [interpolated(context, input, axes.map((axis) => tapsOf(axis, how)))]; // prettier-ignore
}

const OLD = { coordinates: "asymmetric", nearest: "simple", cubic: -0.75, excludeOutside: false } as const;

/** Upsample, and Resize of operator set 10. */
const old: Lowering = (context) => {
  const { attributes, opset, op } = context;
  const input = number(context, 0);
  const mode = attributes.choice("mode", "nearest", ["nearest", "linear"]);
  const given = op === "Upsample" && opset < 9 ? attributes.floats("scales") : constantOperand(context, 1, "scales");
  return resized(context, input, fromScales(context, input.dims, [...(given ?? [])]), { mode, ...OLD });
};

/** Sizes or scales of some axes, the rest as they are. */
function readTarget(context: OpContext, dims: readonly number[]): readonly Axis[] {
  const { attributes, opset, node } = context;
  const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
  if (policy !== "stretch")
    throw new OnnxAttributeError(node, "keep_aspect_ratio_policy", policy, "only stretch is supported");
  const rank = dims.length;
  const listed = opset < 18 ? undefined : attributes.integers("axes");
  const axes = listed?.map((axis) => axisOf(context, axis, rank, "axes")) ?? dims.map((_, axis) => axis);
  const scales = constantOperand(context, 2, "scales") ?? new Float64Array();
  const sizes = integerOperand(context, 3, "sizes") ?? [];
  if (scales.length > 0 === sizes.length > 0) throw misfit(context, "it needs either scales or sizes");
  if (scales.length + sizes.length !== axes.length)
    throw misfit(context, `it has not one size for each of ${axes.length} axes`);
  if (scales.length > 0) {
    const spread = dims.map((_, axis) => (axes.includes(axis) ? scales[axes.indexOf(axis)]! : 1));
    return fromScales(context, dims, spread);
  }
  return dims.map((size, axis) => {
    const out = axes.includes(axis) ? sizes[axes.indexOf(axis)]! : size;
    if (out < 1 || out > MAX_ELEMENTS) throw misfit(context, `an axis cannot have ${out} elements`);
    return { size, out, scale: Math.fround(out / size) };
  });
}

const resize: Lowering = (context) => {
  const { attributes, opset } = context;
  if (opset < 11) return old(context);
  const input = number(context, 0);
  const how: Interpolation = {
    mode: attributes.choice("mode", "nearest", ["nearest", "linear", "cubic"]),
    coordinates: attributes.choice("coordinate_transformation_mode", "half_pixel", COORDINATES),
    nearest: attributes.choice("nearest_mode", "round_prefer_floor", NEAREST),
    cubic: attributes.float("cubic_coeff_a", -0.75),
    excludeOutside: attributes.flag("exclude_outside", false),
  };
  attributes.float("extrapolation_value", 0);
  if (attributes.flag("antialias", false)) {
    throw new OnnxAttributeError(context.node, "antialias", "1", "only 0 is supported");
  }
  return resized(context, input, readTarget(context, input.dims), how);
};

export const resizeOps: Operators = {
  Resize: { inputs: [1, 4], lower: resize },
  Upsample: { inputs: [1, 2], lower: old },
};
