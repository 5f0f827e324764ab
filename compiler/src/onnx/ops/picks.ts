import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxDtypeError } from "../errors.ts";
import { stridesOf } from "./layout.ts";
import { bounded, misfit, nameOf } from "./operands.ts";
import type { OpContext } from "./types.ts";

/**
 * Positions that indices choose in a tensor. There are `count` of them; position `at` is chosen by index row(at), which
 * is a whole number from 0 to size - 1, and `place(at, index)` is the flat index that it then is.
 */
export interface Picks {
  readonly count: number;
  readonly size: number;
  readonly row: (at: number) => number;
  readonly place: (at: number, index: number) => number;
  /** Where every index chooses among the same places: `place` depends on column(at) alone, of `columns`. */
  readonly shared?: { readonly columns: number; readonly column: (at: number) => number };
}

/** Indices along axes of `sizes`, each from -size to size - 1, as one whole number from 0 to the product - 1. */
export interface Indices {
  readonly value: Value;
  /** Sizes of the axes; the last axis of `value` runs over them unless there is but one and `tuples` is false. */
  readonly sizes: readonly number[];
  readonly tuples: boolean;
}

/** One of the numbers of each tuple. */
function component(builder: ProgramBuilder, { value, sizes, tuples }: Indices, at: number): Value {
  if (!tuples) return value;
  const dims = value.dims.slice(0, -1);
  const index = Int32Array.from({ length: elementCount(dims) }, (_, row) => row * sizes.length + at);
  return builder.gather([value], index, dims);
}

/** Indices that are known. @throws {OnnxShapeError} when one is outside of its axis. */
function known(context: OpContext, { value, sizes }: Indices): Float64Array {
  const strides = stridesOf(sizes);
  const flat = new Float64Array(value.constant!.length / sizes.length);
  for (const [at, index] of value.constant!.entries()) {
    const axis = at % sizes.length;
    const size = sizes[axis]!;
    if (!Number.isInteger(index) || index < -size || index >= size) {
      throw misfit(context, `index ${index} is outside of an axis of ${size}`, `use -${size} to ${size - 1}`);
    }
    flat[Math.floor(at / sizes.length)]! += (index < 0 ? index + size : index) * strides[axis]!;
  }
  return flat;
}

/** `index`, or `index + size` where it is below 0: one comparison each. */
export function wrapped(builder: ProgramBuilder, index: Value, size: number): Value {
  const zeros = builder.constant(index.dims, new Float64Array(elementCount(index.dims)), "integer");
  const terms = [
    [1, index],
    [size, builder.greater(zeros, index)],
  ] as const;
  return builder.linear(terms, 0, "integer");
}

/**
 * Each index as one whole number that is proven to lie within the axes. What varies and is outside counts as the nearest
 * end, where ONNX leaves it open what happens.
 */
export function flatIndices(context: OpContext, indices: Indices): Value {
  const { builder } = context;
  const { value, sizes, tuples } = indices;
  if (value.type !== "integer") throw new OnnxDtypeError(`${nameOf(context)}: its indices`, value.type, "integer");
  const dims = tuples ? value.dims.slice(0, -1) : value.dims;
  if (value.constant !== undefined) return builder.constant(dims, known(context, indices), "integer");
  const strides = stridesOf(sizes);
  const sure = context.nonNegative?.(value) === true;
  const terms = sizes.map((size, at) => {
    const part = component(builder, indices, at);
    const inside = builder.clamp(sure ? part : wrapped(builder, part, size), 0, size - 1);
    return [strides[at]!, inside] as const;
  });
  return builder.linear(terms, 0, "integer");
}

/** A row of `size` booleans for each index, typed as what they are to be multiplied with. */
export function hotRows(context: OpContext, index: Value, size: number, type: Value["type"]): Value {
  const count = elementCount(index.dims);
  bounded(context, count * size);
  return context.builder.as(context.builder.onehot(index, size, [count, size]), type);
}

/** A constant table of which each index chooses a row: products with constants only, whatever the table's size. */
function lookUp(context: OpContext, data: Float64Array, index: Value, picks: Picks, dims: readonly number[]): Value {
  const { builder } = context;
  const { count, size, row, place } = picks;
  const { columns, column } = picks.shared!;
  bounded(context, columns * size);
  bounded(context, count);
  const weights: Float64Array[] = [];
  const order = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const made = column(at);
    order[at] = row(at) * columns + made;
    weights[made] ??= Float64Array.from({ length: size }, (_, each) => data[place(at, each)]!);
  }
  const rows = elementCount(index.dims);
  const hot = hotRows(context, index, size, "real");
  return builder.gather([builder.dense(hot, rows, weights, new Float64Array(columns), [rows, columns])], order, dims);
}

/** The elements of `data` at the positions: wiring where the indices are known, else a sum of products. */
export function pick(context: OpContext, data: Value, index: Value, picks: Picks, dims: readonly number[]): Value {
  const { builder } = context;
  const { count, size, row, place } = picks;
  const chosen = index.constant;
  if (chosen !== undefined) {
    bounded(context, count);
    return builder.gather(
      [data],
      Int32Array.from({ length: count }, (_, at) => place(at, chosen[row(at)]!)),
      dims,
    );
  }
  if (data.constant !== undefined && data.type === "real" && picks.shared !== undefined) {
    return lookUp(context, data.constant, index, picks, dims);
  }
  const wide = [count, size];
  const length = bounded(context, count * size);
  const hot = hotRows(context, index, size, data.type);
  const bits = Int32Array.from({ length }, (_, at) => row(Math.floor(at / size)) * size + (at % size));
  const candidates = Int32Array.from({ length }, (_, at) => place(Math.floor(at / size), at % size));
  const products = builder.multiply(builder.gather([hot], bits, wide), builder.gather([data], candidates, wide));
  // One of the products is an element and the others are 0, so the sum is of the data's type even where that is boolean.
  return builder.as(builder.sum(builder.as(products, data.type), size, dims), data.type);
}
