import { elementCount } from "../../program/geometry.ts";
import { OnnxAttributeError } from "../errors.ts";
import { around } from "./layout.ts";
import { axisOf, boundedShape, constantOperand, integerOperand, misfit, operand, typed } from "./operands.ts";
import type { Lowering, Operators } from "./types.ts";
import { all, pick } from "./wiring.ts";

/** Turns round the first lengths[b] elements along the time axis, for each place b along the batch axis. */
const reverseSequence: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = operand(context, 0);
  const { dims } = input;
  const lengths = integerOperand(context, 1, "sequence lengths") ?? [];
  const batch = axisOf(context, attributes.integer("batch_axis", 1), dims.length, "batch_axis");
  const time = axisOf(context, attributes.integer("time_axis", 0), dims.length, "time_axis");
  if (batch === time) throw new OnnxAttributeError(node, "batch_axis", String(batch), "it must not be the time axis");
  const steps = dims[time]!;
  if (lengths.length !== dims[batch] || lengths.some((each) => each < 0 || each > steps)) {
    throw misfit(context, `it needs ${dims[batch]} sequence lengths from 0 to ${steps}`);
  }
  const [, , perBatch] = around(dims, batch);
  const [, , perStep] = around(dims, time);
  const index = Int32Array.from({ length: elementCount(dims) }, (_, at) => {
    const length = lengths[Math.floor(at / perBatch) % dims[batch]!]!;
    const step = Math.floor(at / perStep) % steps;
    return step < length ? at + (length - 1 - 2 * step) * perStep : at;
  });
  return [builder.gather([input], index, dims)];
};

/** What stands along an axis, or in the flat tensor, where a constant condition is true. */
const compress: Lowering = (context) => {
  const { builder, attributes } = context;
  const given = operand(context, 0);
  const flat = !attributes.has("axis");
  const input = flat ? builder.reshape(given, [elementCount(given.dims)]) : given;
  const axis = axisOf(context, attributes.integer("axis", 0), input.dims.length);
  const condition = constantOperand(context, 1, "condition") ?? new Float64Array();
  typed(context, operand(context, 1), "boolean");
  if (condition.length > input.dims[axis]!) {
    throw misfit(context, `its condition has ${condition.length} elements for ${input.dims[axis]}`);
  }
  const chosen = [...condition.keys()].filter((at) => condition[at] !== 0);
  return [pick(builder, input, input.dims.map((size, each) => (each === axis ? chosen : all(size))))]; // prettier-ignore
};

/** Cuts, or fills up with zeros, both ends of some axes; where the two cannot be equal the end has one more. */
const centerCropPad: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const input = operand(context, 0);
  const rank = input.dims.length;
  const shape = integerOperand(context, 1, "shape") ?? [];
  const given = attributes.integers("axes");
  const axes = given === undefined ? [...input.dims.keys()] : given.slice(0, rank + 1).map((axis) => axisOf(context, axis, rank, "axes")); // prettier-ignore
  if (new Set(axes).size < axes.length) {
    throw new OnnxAttributeError(node, "axes", `[${axes.join(", ")}]`, "each axis can be named once");
  }
  if (shape.length !== axes.length || shape.some((each) => each < 1)) {
    throw misfit(context, `its shape must have ${axes.length} sizes above 0, one for each axis`);
  }
  const dims = input.dims.map((size, axis) => shape[axes.indexOf(axis)] ?? size);
  boundedShape(context, dims);
  const picks = input.dims.map((size, axis) => {
    const made = dims[axis]!;
    const start = made > size ? -Math.floor((made - size) / 2) : Math.floor((size - made) / 2);
    return all(made).map((at) => (at + start < 0 || at + start >= size ? -1 : at + start));
  });
  return [pick(builder, input, picks)];
};

/** Choosing and turning round along axes, by constants: wiring. */
export const sequenceOps: Operators = {
  ReverseSequence: { inputs: [2, 2], lower: reverseSequence },
  Compress: { inputs: [2, 2], lower: compress },
  CenterCropPad: { inputs: [2, 2], lower: centerCropPad },
};
