import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { number } from "./elementwise.ts";
import { stridesOf } from "./layout.ts";
import { bounded, misfit } from "./operands.ts";
import type { Lowering, OpContext, Operator, Operators } from "./types.ts";
import { readWindows, type Along } from "./window.ts";

/** The windows of one plane: the element of each tap, or -1 in the padding. */
export interface Windows {
  readonly places: number;
  readonly taps: number;
  readonly elements: Int32Array;
  /** How many taps of each window lie in the tensor, and in the tensor with its padding. */
  readonly inside: Int32Array;
  readonly padded: Int32Array;
}

export function windowsOf(context: OpContext, axes: readonly Along[]): Windows {
  const places = elementCount(axes.map(({ out }) => out));
  const taps = elementCount(axes.map(({ kernel }) => kernel));
  const elements = new Int32Array(bounded(context, places * taps));
  const [inside, padded] = [new Int32Array(places), new Int32Array(places)];
  const strides = stridesOf(axes.map(({ size }) => size));
  const outer = stridesOf(axes.map(({ out }) => out));
  const inner = stridesOf(axes.map(({ kernel }) => kernel));
  for (let at = 0; at < elements.length; at++) {
    const [place, tap] = [Math.floor(at / taps), at % taps];
    let [flat, within, around] = [0, true, true];
    for (const [axis, { size, kernel, stride, dilation, begin, end, out }] of axes.entries()) {
      const start = (Math.floor(place / outer[axis]!) % out) * stride;
      const from = start + (Math.floor(tap / inner[axis]!) % kernel) * dilation - begin;
      within &&= from >= 0 && from < size;
      // ceil_mode lets a window reach beyond the padding; those taps do not count anywhere.
      around &&= from < size + end;
      flat += from * strides[axis]!;
    }
    elements[at] = within ? flat : -1;
    if (within) inside[place]! += 1;
    if (around) padded[place]! += 1;
  }
  return { places, taps, elements, inside, padded };
}

interface Pooled {
  readonly input: Value;
  readonly axes: readonly Along[];
  readonly dims: readonly number[];
  readonly planes: number;
}

function readPool(context: OpContext): Pooled {
  const input = number(context, 0);
  const [images = 1, channels = 1, ...sizes] = input.dims;
  if (sizes.length === 0)
    throw misfit(context, `its input has shape [${input.dims.join(", ")}]`, "it needs an axis to pool");
  const axes = readWindows(context, sizes, undefined, true);
  return { input, axes, planes: images * channels, dims: [images, channels, ...axes.map(({ out }) => out)] };
}

/** Rows of the elements in each window of each plane; padding is a repeated element, or `fill`. */
function rowsOf(context: OpContext, { input, axes, planes }: Pooled, windows: Windows, fill?: number): Value {
  const { places, taps, elements } = windows;
  const size = elementCount(axes.map((axis) => axis.size));
  const count = elementCount(input.dims);
  const index = new Int32Array(bounded(context, planes * elements.length));
  for (let place = 0; place < places; place++) {
    const row = elements.subarray(place * taps, (place + 1) * taps);
    const some = row.find((from) => from >= 0) ?? -1;
    if (fill === undefined && some < 0) throw misfit(context, "one of its windows lies in the padding");
    for (let plane = 0; plane < planes; plane++) {
      const start = (plane * places + place) * taps;
      for (const [tap, from] of row.entries()) {
        index[start + tap] = from >= 0 ? plane * size + from : fill === undefined ? plane * size + some : count;
      }
    }
  }
  return context.builder.gather([input], index, [planes * places, taps], fill === undefined ? [] : [fill]);
}

const maxPool: Lowering = (context) => {
  context.attributes.flag("storage_order", false);
  const pooled = readPool(context);
  const windows = windowsOf(context, pooled.axes);
  // A maximum does not change when one of its elements is there twice.
  return [context.builder.max(rowsOf(context, pooled, windows), windows.taps, pooled.dims)];
};

const averagePool: Lowering = (context) => {
  const { builder, attributes } = context;
  const whole = attributes.flag("count_include_pad", false);
  const pooled = readPool(context);
  const windows = windowsOf(context, pooled.axes);
  const sum = builder.sum(rowsOf(context, pooled, windows, 0), windows.taps, pooled.dims);
  const counts = whole ? windows.padded : windows.inside;
  const count = elementCount(pooled.dims);
  const factors = Float64Array.from({ length: count }, (_, at) => 1 / Math.max(counts[at % windows.places]!, 1));
  return [builder.scale(sum, factors, new Float64Array(count))];
};

/** (sum of |x|^p)^(1/p) of rows. */
function norm(context: OpContext, rows: Value, width: number, dims: readonly number[], p: number): Value {
  const { builder, node } = context;
  if (p < 1 || p > 64) throw new OnnxAttributeError(node, "p", String(p), "it must be from 1 to 64");
  if (p === 1) {
    const size = builder.linear([[2, builder.clamp(rows, 0, Infinity)], [-1, rows]], 0); // prettier-ignore
    return builder.sum(size, width, dims);
  }
  const powers = p === 2 ? builder.multiply(rows, rows) : builder.table(rows, `size^${p}`, (v) => Math.abs(v) ** p);
  return builder.table(builder.sum(powers, width, dims), `root ${p}`, (v) => Math.max(v, 0) ** (1 / p));
}

const lpPool: Lowering = (context) => {
  const p = context.attributes.integer("p", 2);
  const pooled = readPool(context);
  const windows = windowsOf(context, pooled.axes);
  return [norm(context, rowsOf(context, pooled, windows, 0), windows.taps, pooled.dims, p)];
};

/** Planes are contiguous, so a global pool has no wiring. */
const globally =
  (pool: (context: OpContext, input: Value, width: number, dims: readonly number[]) => Value): Lowering =>
  (context) => {
    const input = number(context, 0);
    const [images = 1, channels = 1, ...sizes] = input.dims;
    return [pool(context, input, elementCount(sizes), [images, channels, ...sizes.map(() => 1)])];
  };

const one = (lower: Lowering): Operator => ({ inputs: [1, 1], lower });

export const poolOps: Operators = {
  MaxPool: one(maxPool),
  AveragePool: one(averagePool),
  LpPool: one(lpPool),
  GlobalMaxPool: one(globally(({ builder }, input, width, dims) => builder.max(input, width, dims))),
  GlobalAveragePool: one(
    globally(({ builder }, input, width, dims) => builder.linear([[1 / width, builder.sum(input, width, dims)]], 0)),
  ),
  GlobalLpPool: one(
    globally((context, input, width, dims) => norm(context, input, width, dims, context.attributes.integer("p", 2))),
  ),
};
