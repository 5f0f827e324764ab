import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { MAX_RANK } from "../limits.ts";
import { inferenceOnly } from "./activation.ts";
import { broadcastDims, broadcastTo, permute } from "./layout.ts";
import { axisOf, boundedShape, integerOperand, misfit, operand } from "./operands.ts";
import type { Lowering, OpContext, Operator, Operators } from "./types.ts";

const identity: Lowering = (context) => [operand(context, 0)];

/** At inference nothing is dropped; the mask, where it is asked for, is all true. */
const dropout: Lowering = (context) => {
  const { builder, attributes, inputs, outputs } = context;
  attributes.float("ratio", 0.5);
  attributes.integer("seed", 0);
  inferenceOnly(context, inputs[2]);
  const input = operand(context, 0);
  if (outputs < 2) return [input];
  return [input, builder.constant(input.dims, new Float64Array(elementCount(input.dims)).fill(1), "boolean")];
};

/** Sizes from `start` to `end` of the input's axes, which are known whatever the input is. */
const shape: Lowering = (context) => {
  const { builder, attributes } = context;
  const { dims } = operand(context, 0);
  const [start, end] = [attributes.integer("start", 0), attributes.integer("end", dims.length)];
  const kept = dims.slice(start, end);
  return [builder.constant([kept.length], kept, "integer")];
};

const size: Lowering = (context) => {
  return [context.builder.constant([], [elementCount(operand(context, 0).dims)], "integer")];
};

function text(dims: readonly number[]): string {
  return `[${dims.slice(0, 10).join(", ")}]`;
}

/** 0 copies a dimension (unless `allowzero`), one -1 takes what is left. */
const reshape: Lowering = (context) => {
  const input = operand(context, 0);
  const wanted = integerOperand(context, 1, "shape") ?? [];
  const allowZero = context.attributes.flag("allowzero", false);
  const unfit = () => misfit(context, `the shape ${text(wanted)} cannot be applied to ${text(input.dims)}`);
  if (wanted.length > MAX_RANK) throw unfit();
  const dims = wanted.map((each, axis) => {
    if (each > 0 || each === -1 || (each === 0 && allowZero)) return each;
    const copied = each === 0 ? input.dims[axis] : undefined;
    if (copied === undefined) throw unfit();
    return copied;
  });
  const open = dims.indexOf(-1);
  const fixed = elementCount(dims.filter((each) => each !== -1));
  const count = elementCount(input.dims);
  if (open >= 0 && dims.lastIndexOf(-1) === open && fixed > 0 && count % fixed === 0) dims[open] = count / fixed;
  if (elementCount(dims) !== count || dims.includes(-1)) throw unfit();
  return [context.builder.reshape(input, dims)];
};

const flatten: Lowering = (context) => {
  const input = operand(context, 0);
  const { dims } = input;
  const given = context.attributes.integer("axis", 1);
  const axis = given === dims.length ? given : axisOf(context, given, dims.length);
  return [context.builder.reshape(input, [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))])];
};

/** Axes from the attribute (before operator set 13) or input 1, counted from the front, each once. */
function readAxes(context: OpContext, rank: number): readonly number[] | undefined {
  const { attributes, opset, node } = context;
  const given = opset < 13 ? attributes.integers("axes") : integerOperand(context, 1, "axes");
  if (given !== undefined && given.length > rank) throw misfit(context, `it names ${given.length} axes of ${rank}`);
  const axes = given?.map((axis) => axisOf(context, axis, rank, "axes"));
  if (axes !== undefined && new Set(axes).size !== axes.length) {
    throw new OnnxAttributeError(node, "axes", text(axes), "each axis can be named once");
  }
  return axes;
}

const squeeze: Lowering = (context) => {
  const input = operand(context, 0);
  const axes = readAxes(context, input.dims.length);
  const dropped = axes ?? input.dims.flatMap((each, axis) => (each === 1 ? [axis] : []));
  if (dropped.some((axis) => input.dims[axis] !== 1)) {
    throw misfit(context, `axes ${text(dropped)} of ${text(input.dims)} are not all of size 1`);
  }
  return [context.builder.reshape(input, input.dims.filter((_, axis) => !dropped.includes(axis)))]; // prettier-ignore
};

const unsqueeze: Lowering = (context) => {
  const { attributes, opset, builder } = context;
  const input = operand(context, 0);
  const count = opset < 13 ? attributes.has("axes") : context.inputs[1] !== undefined;
  if (!count) throw misfit(context, "its axes are missing");
  const added = opset < 13 ? undefined : elementCount(operand(context, 1).dims);
  const axes = added === undefined ? unsqueezeAttribute(context, input) : readAxes(context, input.dims.length + added)!;
  const rest = [...input.dims];
  const dims = Array.from({ length: input.dims.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : rest.shift()!,
  );
  return [builder.reshape(input, dims)];
};

/** The attribute's axes count in the result, whose rank depends on how many there are. */
function unsqueezeAttribute(context: OpContext, input: Value): readonly number[] {
  const given = context.attributes.integers("axes") ?? [];
  const rank = input.dims.length + given.length;
  if (rank > MAX_RANK) throw misfit(context, `it makes ${rank} dimensions`);
  const axes = given.map((axis) => axisOf(context, axis, rank, "axes"));
  if (new Set(axes).size === axes.length) return axes;
  throw new OnnxAttributeError(context.node, "axes", text(axes), "each axis can be named once");
}

const transpose: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = operand(context, 0);
  const axes = input.dims.map((_, axis) => axis);
  const order = attributes.integers("perm") ?? axes.toReversed();
  if (order.length !== axes.length || axes.some((axis) => !order.includes(axis))) {
    throw new OnnxAttributeError(node, "perm", text(order), `it must order ${axes.length} axes`);
  }
  return [permute(builder, input, order)];
};

const expand: Lowering = (context) => {
  const input = operand(context, 0);
  const shape_ = integerOperand(context, 1, "shape") ?? [];
  if (shape_.length > MAX_RANK || shape_.some((each) => each < 0)) {
    throw misfit(context, `the shape ${text(shape_)} cannot be made`);
  }
  return [broadcastTo(context.builder, input, broadcastDims(context, [input.dims, shape_]))];
};

/** [d0][d1]... with each axis `repeats` times, one after the other. */
const tile: Lowering = (context) => {
  const { builder, opset } = context;
  const input = operand(context, 0);
  const repeats = integerOperand(context, 1, "repeats") ?? [];
  if (opset < 6 || repeats.length !== input.dims.length || repeats.some((each) => each < 1)) {
    throw misfit(
      context,
      `repeats ${text(repeats)} do not fit ${text(input.dims)}`,
      "use one of at least 1 for each axis",
    );
  }
  boundedShape(context, [...input.dims, ...repeats]);
  // A new axis before each one, repeated, and then both read as one.
  const dims = input.dims.map((each, axis) => each * repeats[axis]!);
  const apart = builder.reshape(input, input.dims.flatMap((each) => [1, each])); // prettier-ignore
  const spread = input.dims.flatMap((each, axis) => [repeats[axis]!, each]);
  return [builder.reshape(broadcastTo(builder, apart, spread), dims)];
};

const takes = (min: number, max: number, lower: Lowering): Operator => ({ inputs: [min, max], lower });

export const shapeOps: Operators = {
  Identity: takes(1, 1, identity),
  Dropout: takes(1, 3, dropout),
  Shape: takes(1, 1, shape),
  Size: takes(1, 1, size),
  Reshape: takes(2, 2, reshape),
  Flatten: takes(1, 1, flatten),
  Squeeze: takes(1, 2, squeeze),
  Unsqueeze: takes(1, 2, unsqueeze),
  Transpose: takes(1, 1, transpose),
  Expand: takes(2, 2, expand),
  Tile: takes(2, 2, tile),
};
