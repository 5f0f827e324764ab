import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { MAX_ELEMENTS } from "../limits.ts";
import { around } from "./layout.ts";
import { axisOf, boundedShape, constantOperand, integerOperand, misfit, operand } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { all, gatherAll, pick, type Picks } from "./wiring.ts";

/** Joins values along an axis. */
const concat: Lowering = (context) => {
  const { builder, attributes, inputs } = context;
  const values = inputs.map((_, at) => operand(context, at));
  const [first] = values as [Value];
  const axis = axisOf(context, attributes.integer("axis", 0), first.dims.length);
  const fits = ({ dims, type }: Value) =>
    type === first.type &&
    dims.length === first.dims.length &&
    dims.every((size, at) => at === axis || size === first.dims[at]);
  if (!values.every(fits)) {
    throw misfit(context, `its inputs ${values.map(({ dims }) => `[${dims.join(", ")}]`).join(", ").slice(0, 400)} do not fit`); // prettier-ignore
  }
  const dims = first.dims.map((size, at) => (at === axis ? values.reduce((sum, v) => sum + v.dims[axis]!, 0) : size));
  const index = new Int32Array(boundedShape(context, dims));
  const [outer] = around(dims, axis);
  const rows = values.map((value) => elementCount(value.dims.slice(axis)));
  const starts = values.map((_, k) => values.slice(0, k).reduce((sum, value) => sum + elementCount(value.dims), 0));
  let to = 0;
  for (let row = 0; row < outer; row++) {
    for (const [k, length] of rows.entries()) {
      for (let i = 0; i < length; i++) index[to++] = starts[k]! + row * length + i;
    }
  }
  return [values.length === 1 ? first : gatherAll(builder, values, index, dims)];
};

/** Coordinates of every axis, `picks` in place of those of one. */
function along(dims: readonly number[], axis: number, picks: Picks): readonly Picks[] {
  return dims.map((size, at) => (at === axis ? picks : all(size)));
}

const split: Lowering = (context) => {
  const { builder, attributes, opset, outputs } = context;
  const input = operand(context, 0);
  const axis = axisOf(context, attributes.integer("axis", 0), input.dims.length);
  const size = input.dims[axis]!;
  const given = opset < 13 ? attributes.integers("split") : integerOperand(context, 1, "split");
  const count = attributes.integer("num_outputs", outputs);
  const each = Math.ceil(size / count);
  // Equal parts, the last one smaller where they do not divide.
  const even = Array.from({ length: outputs }, (_, k) => Math.max(Math.min(each, size - k * each), 0));
  const sizes = given ?? even;
  const total = sizes.reduce((sum, part) => sum + part, 0);
  if (count !== outputs || sizes.length !== outputs || total !== size || sizes.some((part) => part < 1)) {
    throw misfit(context, `an axis of ${size} cannot be split into [${sizes.slice(0, 10).join(", ")}]`);
  }
  let start = 0;
  return sizes.map((part) => {
    start += part;
    const from = start - part;
    return pick(builder, input, along(input.dims, axis, all(part).map((at) => from + at))); // prettier-ignore
  });
};

/** Coordinates from `start` to, and without, `end`, each counted from behind when negative, in steps. */
function stepped(size: number, start: number, end: number, step: number): Picks {
  const place = (at: number, least: number, most: number) => Math.min(Math.max(at < 0 ? at + size : at, least), most);
  const back = step < 0;
  const [from, to] = back
    ? [place(start, 0, size - 1), place(end, -1, size - 1)]
    : [place(start, 0, size), place(end, 0, size)];
  return all(Math.max(Math.ceil((to - from) / step), 0)).map((at) => from + at * step);
}

const slice: Lowering = (context) => {
  const { builder, attributes, opset, node } = context;
  const input = operand(context, 0);
  const rank = input.dims.length;
  const read = (name: string, at: number) => {
    return opset < 10 ? attributes.integers(name) : integerOperand(context, at, name);
  };
  const [starts, ends] = [read("starts", 1) ?? [], read("ends", 2) ?? []];
  const axes = (read("axes", 3) ?? starts.map((_, axis) => axis)).map((axis) => axisOf(context, axis, rank, "axes"));
  const steps = (opset < 10 ? undefined : integerOperand(context, 4, "steps")) ?? starts.map(() => 1);
  const lengths = [ends, axes, steps].map(({ length }) => length);
  if (lengths.some((length) => length !== starts.length) || new Set(axes).size !== axes.length) {
    throw misfit(context, `it has ${starts.length} starts, and ${lengths.join(", ")} ends, axes and steps`);
  }
  if (steps.includes(0)) throw new OnnxAttributeError(node, "steps", "0", "a step cannot be 0");
  const picks = input.dims.map((size, axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? all(size) : stepped(size, starts[at]!, ends[at]!, steps[at]!);
  });
  return [pick(builder, input, picks)];
};

const MODES = ["constant", "edge", "reflect", "wrap"] as const;

/** The coordinate that stands at `at`, which may lie outside of an axis of `size`; -1 for the filling. */
function padded(at: number, size: number, mode: (typeof MODES)[number]): number {
  if (at >= 0 && at < size) return at;
  if (mode === "constant") return -1;
  if (mode === "edge") return at < 0 ? 0 : size - 1;
  const period = mode === "wrap" ? size : Math.max(2 * size - 2, 1);
  const place = ((at % period) + period) % period;
  return place < size ? place : period - place;
}

const pad: Lowering = (context) => {
  const { builder, attributes, opset } = context;
  const input = operand(context, 0);
  const rank = input.dims.length;
  const mode = attributes.choice("mode", "constant", MODES);
  const given = (opset < 11 ? attributes.integers("pads") : integerOperand(context, 1, "pads")) ?? [];
  const value = opset < 11 ? attributes.float("value", 0) : (constantOperand(context, 2, "constant value")?.[0] ?? 0);
  const listed = opset < 18 ? undefined : integerOperand(context, 3, "axes");
  const axes = listed?.map((axis) => axisOf(context, axis, rank, "axes")) ?? input.dims.map((_, axis) => axis);
  if (given.length !== 2 * axes.length || given.some((each) => Math.abs(each) > MAX_ELEMENTS)) {
    throw misfit(context, `pads [${given.slice(0, 10).join(", ")}] do not fit ${axes.length} axes`);
  }
  const before = input.dims.map((_, axis) => (axes.includes(axis) ? given[axes.indexOf(axis)]! : 0));
  const after = input.dims.map((_, axis) => (axes.includes(axis) ? given[axes.indexOf(axis) + axes.length]! : 0));
  const dims = input.dims.map((size, axis) => size + before[axis]! + after[axis]!);
  if (dims.some((size) => size < 1)) throw misfit(context, `it makes a shape of [${dims.join(", ")}]`);
  boundedShape(context, dims);
  const picks = dims.map((size, axis) => all(size).map((at) => padded(at - before[axis]!, input.dims[axis]!, mode)));
  return [pick(builder, input, picks, value)];
};

/** Keeps the triangle above, or below, a diagonal, and puts zeros elsewhere. */
const trilu: Lowering = (context: OpContext) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  const upper = attributes.flag("upper", true);
  const [diagonal = 0] = integerOperand(context, 1, "diagonal") ?? [];
  if (input.dims.length < 2) throw misfit(context, `its input has shape [${input.dims.join(", ")}]`, "use matrices");
  const [rows, columns] = [input.dims.at(-2)!, input.dims.at(-1)!];
  const count = elementCount(input.dims);
  const index = all(count).map((at) => {
    const [row, column] = [Math.floor(at / columns) % rows, at % columns];
    return (upper ? column - row >= diagonal : column - row <= diagonal) ? at : count;
  });
  return [builder.gather([input], index, input.dims, [0])];
};

export const cutOps: Operators = {
  Concat: { inputs: [1, 4_096], lower: concat },
  Split: { inputs: [1, 2], lower: split },
  Slice: { inputs: [1, 5], lower: slice },
  Pad: { inputs: [1, 4], lower: pad },
  Trilu: { inputs: [1, 2], lower: trilu },
};
