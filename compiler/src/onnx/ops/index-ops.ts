import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { around, broadcastTo, lastTo, stridesOf } from "./layout.ts";
import { axisOf, bounded, boundedShape, integerOperand, misfit, operand, signed, typed } from "./operands.ts";
import { flatIndices, hotRows, pick, wrapped, type Picks } from "./picks.ts";
import { scatter, type Reduction } from "./scatter.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

const show = (dims: readonly number[]) => `[${dims.join(", ")}]`;

const gather: Lowering = (context) => {
  const [data, indices] = [operand(context, 0), operand(context, 1)];
  const axis = axisOf(context, context.attributes.integer("axis", 0), data.dims.length);
  const [outer, size, inner] = around(data.dims, axis);
  const rows = elementCount(indices.dims);
  const picks: Picks = {
    count: outer * rows * inner,
    size,
    row: (at) => Math.floor(at / inner) % rows,
    place: (at, index) => (Math.floor(at / (rows * inner)) * size + index) * inner + (at % inner),
    shared: { columns: outer * inner, column: (at) => Math.floor(at / (rows * inner)) * inner + (at % inner) },
  };
  const index = flatIndices(context, { value: indices, sizes: [size], tuples: false });
  return [pick(context, data, index, picks, data.dims.toSpliced(axis, 1, ...indices.dims))];
};

/** Positions along one axis, chosen element by element. */
function elementPicks(context: OpContext, data: Value, indices: Value, axis: number): Picks {
  const fits = indices.dims.every((size, each) => each === axis || size <= data.dims[each]!);
  if (indices.dims.length !== data.dims.length || !fits) {
    throw misfit(context, `indices ${show(indices.dims)} do not fit into data ${show(data.dims)}`);
  }
  const [from, to] = [stridesOf(indices.dims), stridesOf(data.dims)];
  const fixed = (at: number) =>
    indices.dims.reduce((sum, size, each) => {
      return each === axis ? sum : sum + (Math.floor(at / from[each]!) % size) * to[each]!;
    }, 0);
  return {
    count: boundedShape(context, indices.dims),
    size: data.dims[axis]!,
    row: (at) => at,
    place: (at, index) => fixed(at) + index * to[axis]!,
  };
}

const gatherElements: Lowering = (context) => {
  const [data, indices] = [operand(context, 0), operand(context, 1)];
  const axis = axisOf(context, context.attributes.integer("axis", 0), data.dims.length);
  const picks = elementPicks(context, data, indices, axis);
  const index = flatIndices(context, { value: indices, sizes: [picks.size], tuples: false });
  return [pick(context, data, index, picks, indices.dims)];
};

/** Slices of `data`, each chosen by one tuple of indices; the first `batch` axes belong to both. */
function slicePicks(context: OpContext, data: Value, indices: Value, batch: number) {
  const length = indices.dims.at(-1) ?? 0;
  const shared = data.dims.slice(0, batch);
  const fits = shared.every((size, axis) => size === indices.dims[axis]);
  if (length < 1 || batch + length > data.dims.length || batch >= indices.dims.length || !fits) {
    throw misfit(context, `indices ${show(indices.dims)} do not fit data ${show(data.dims)}`);
  }
  const sizes = data.dims.slice(batch, batch + length);
  const slice = data.dims.slice(batch + length);
  const [size, width] = [elementCount(sizes), elementCount(slice)];
  const batches = elementCount(shared);
  const each = elementCount(indices.dims.slice(batch, -1));
  const picks: Picks = {
    count: batches * each * width,
    size,
    row: (at) => Math.floor(at / width),
    place: (at, index) => (Math.floor(at / (each * width)) * size + index) * width + (at % width),
    ...(batches === 1 ? { shared: { columns: width, column: (at: number) => at % width } } : {}),
  };
  const index = flatIndices(context, { value: indices, sizes, tuples: true });
  return { picks, index, dims: [...indices.dims.slice(0, -1), ...slice] };
}

const gatherND: Lowering = (context) => {
  const [data, indices] = [operand(context, 0), operand(context, 1)];
  const batch = context.attributes.integer("batch_dims", 0);
  if (batch < 0) throw new OnnxAttributeError(context.node, "batch_dims", String(batch), "it must be at least 0");
  const { picks, index, dims } = slicePicks(context, data, indices, batch);
  return [pick(context, data, index, picks, dims)];
};

function scatterInputs(context: OpContext): { data: Value; indices: Value; updates: Value; reduction: Reduction } {
  const [data, indices] = [operand(context, 0), operand(context, 1)];
  const updates = typed(context, operand(context, 2), data.type);
  const reduction = context.attributes.string("reduction", "none");
  if (reduction !== "none" && reduction !== "add") {
    throw new OnnxAttributeError(context.node, "reduction", reduction, "only none and add are supported");
  }
  if (reduction === "add") typed(context, data, data.type === "integer" ? "integer" : "real");
  return { data, indices, updates, reduction };
}

function checkUpdates(context: OpContext, updates: Value, dims: readonly number[]): void {
  if (show(updates.dims) === show(dims)) return;
  throw misfit(context, `updates have shape ${show(updates.dims)}, ${show(dims)} is needed`);
}

const scatterElements: Lowering = (context) => {
  const { data, indices, updates, reduction } = scatterInputs(context);
  const axis = axisOf(context, context.attributes.integer("axis", 0), data.dims.length);
  const picks = elementPicks(context, data, indices, axis);
  checkUpdates(context, updates, indices.dims);
  const index = flatIndices(context, { value: indices, sizes: [picks.size], tuples: false });
  return [scatter(context, data, { updates, index, picks, reduction })];
};

const scatterND: Lowering = (context) => {
  const { data, indices, updates, reduction } = scatterInputs(context);
  const { picks, index, dims } = slicePicks(context, data, indices, 0);
  checkUpdates(context, updates, dims);
  return [scatter(context, data, { updates, index, picks, reduction })];
};

/** An index outside of [-depth, depth - 1] makes a row that is off everywhere. */
const oneHot: Lowering = (context) => {
  const { builder, attributes } = context;
  const [indices, values] = [operand(context, 0), operand(context, 2)];
  const [depth, ...more] = integerOperand(context, 1, "depth") ?? [];
  if (depth === undefined || more.length > 0 || depth < 1) throw misfit(context, "its depth is not one number above 0");
  if (elementCount(values.dims) !== 2) throw misfit(context, "its values are not two, off and on");
  const axis = axisOf(context, attributes.integer("axis", -1), indices.dims.length + 1);
  const dims = [...indices.dims, depth];
  const count = bounded(context, elementCount(indices.dims) * (depth + 2));
  const type = signed(values.type);
  // One place below and one above catch what is outside.
  const sure = context.nonNegative?.(typed(context, indices, "integer")) === true;
  const inside = builder.clamp(sure ? indices : wrapped(builder, indices, depth), -1, depth);
  const hot = hotRows(context, builder.linear([[1, inside]], 1, "integer"), depth + 2, type);
  const cut = Int32Array.from({ length: count - 2 * elementCount(indices.dims) }, (_, at) => {
    return Math.floor(at / depth) * (depth + 2) + 1 + (at % depth);
  });
  const bit = lastTo(builder, builder.gather([hot], cut, dims), axis);
  const value = (at: number) => broadcastTo(builder, builder.gather([values], [at], []), bit.dims);
  const terms = [
    [1, value(1)],
    [-1, value(0)],
  ] as const;
  const step = builder.linear(terms, 0, type);
  const raised = [
    [1, builder.multiply(bit, step)],
    [1, value(0)],
  ] as const;
  return [builder.as(builder.linear(raised, 0, values.type), values.type)];
};

/**
 * Reading and writing by index. Constant indices are wiring. Varying ones become rows of booleans: reading costs one
 * product for each place that an index could mean, or none where the data is constant and real; writing costs one for
 * each update that could hit an element.
 */
export const indexOps: Operators = {
  Gather: { inputs: [2, 2], lower: gather },
  GatherElements: { inputs: [2, 2], lower: gatherElements },
  GatherND: { inputs: [2, 2], lower: gatherND },
  ScatterElements: { inputs: [3, 3], lower: scatterElements },
  ScatterND: { inputs: [3, 3], lower: scatterND },
  OneHot: { inputs: [3, 3], lower: oneHot },
};
