import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { boundedShape, misfit } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** How far apart neighbours along each axis are in a flat, row-major tensor. */
export function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
}

/** Sizes before, at and after an axis. */
export function around(dims: readonly number[], axis: number): readonly [outer: number, size: number, inner: number] {
  return [elementCount(dims.slice(0, axis)), dims[axis] ?? 1, elementCount(dims.slice(axis + 1))];
}

/** For each element of a tensor of `dims`, the flat index that `strides` give its coordinates. */
export function indicesBy(dims: readonly number[], strides: readonly number[], start = 0): Int32Array {
  const out = new Int32Array(elementCount(dims));
  const at = dims.map(() => 0);
  let from = start;
  for (let i = 0; i < out.length; i++) {
    out[i] = from;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++at[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** The same tensor with its axes in another order: axis k of the result is axis order[k] of the input. */
export function permute(builder: ProgramBuilder, input: Value, order: readonly number[]): Value {
  const strides = stridesOf(input.dims);
  const dims = order.map((axis) => input.dims[axis]!);
  const index = indicesBy(
    dims,
    order.map((axis) => strides[axis]!),
  );
  return builder.gather([input], index, dims);
}

/** Moves `axes` to the end, in their order, so that the elements along them are contiguous rows. */
export function axesLast(builder: ProgramBuilder, input: Value, axes: readonly number[]): Value {
  const kept = input.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return permute(builder, input, [...kept, ...axes]);
}

/** Moves the last axis to `axis`. */
export function lastTo(builder: ProgramBuilder, input: Value, axis: number): Value {
  const last = input.dims.length - 1;
  const order = input.dims.slice(0, -1).map((_, each) => each);
  return permute(builder, input, [...order.slice(0, axis), last, ...order.slice(axis)]);
}

/** Each element `times` times in a row, under `dims`. */
export function repeat(builder: ProgramBuilder, input: Value, times: number, dims: readonly number[]): Value {
  const index = Int32Array.from({ length: elementCount(dims) }, (_, at) => Math.floor(at / times));
  return builder.gather([input], index, dims);
}

/** The shape that ONNX broadcasts several shapes to. @throws {OnnxShapeError} when they do not go together. */
export function broadcastDims(context: OpContext, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const dims = Array.from({ length: rank }, (_, at) => {
    const sizes = shapes.map((dims) => dims[at - rank + dims.length] ?? 1).filter((size) => size !== 1);
    if (sizes.every((size) => size === sizes[0])) return sizes[0] ?? 1;
    throw misfit(context, `shapes ${shapes.map((each) => `[${each.join(", ")}]`).join(" and ")} do not broadcast`);
  });
  boundedShape(context, dims);
  return dims;
}

/** `input` repeated along its axes of size 1, and new ones in front, until it has `dims`. */
export function broadcastTo(builder: ProgramBuilder, input: Value, dims: readonly number[]): Value {
  const missing = dims.length - input.dims.length;
  const strides = stridesOf(input.dims);
  const spread = dims.map((_, axis) => (input.dims[axis - missing] === dims[axis] ? strides[axis - missing]! : 0));
  // Where a new axis has size 1, or an axis keeps its size, the stride does not matter or is its own.
  return builder.gather([input], indicesBy(dims, spread), dims);
}
