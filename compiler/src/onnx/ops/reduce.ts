import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { axesLast, lastTo, repeat } from "./layout.ts";
import { axisOf, bounded, integerOperand, misfit, operand, typed, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Below it the logarithm is no longer that of a float32: the least normal one. */
const LEAST_NORMAL = 2 ** -126;

/** A tensor as rows: each of `width` elements in a row makes one element of the result, which has `dims`. */
interface Rows {
  readonly rows: Value;
  readonly width: number;
  readonly dims: readonly number[];
}

/** The natural logarithm, finite everywhere: what is not above 0 counts as the least normal float32. */
export function log(builder: ProgramBuilder, input: Value): Value {
  return builder.table(input, "log", (value) => Math.log(Math.max(value, LEAST_NORMAL)));
}

/** The least of each row of `width`. */
export function min(builder: ProgramBuilder, { rows, width, dims }: Rows): Value {
  const type = rows.type === "boolean" ? "integer" : rows.type;
  const turned = builder.linear([[-1, rows]], 0, type);
  return builder.as(builder.linear([[-1, builder.max(turned, width, dims)]], 0, type), rows.type);
}

/** |in|, of the same type: a ramp and a straight line. */
export function absolute(builder: ProgramBuilder, input: Value): Value {
  const ramp = builder.clamp(input, 0, Infinity);
  const terms = [
    [2, ramp],
    [-1, input],
  ] as const;
  return builder.as(builder.linear(terms, 0, input.type), input.type);
}

/** The product of each row, by halves: as many products as a chain has, and few roundings one after the other. */
function product(builder: ProgramBuilder, { rows, width, dims }: Rows): Value {
  const count = elementCount(rows.dims) / width;
  let [left, size] = [rows, width];
  while (size > 1) {
    const [half, kept] = [Math.floor(size / 2), Math.ceil(size / 2)];
    const part = (start: number, length: number) => {
      const index = Int32Array.from({ length: count * length }, (_, at) => {
        return Math.floor(at / length) * size + start + (at % length);
      });
      return builder.gather([left], index, [count, length]);
    };
    const pairs = builder.multiply(part(0, half), part(kept, half));
    if (half === kept) left = pairs;
    else {
      const index = Int32Array.from({ length: count * kept }, (_, at) => {
        const [row, column] = [Math.floor(at / kept), at % kept];
        return column < half ? row * half + column : count * half + row;
      });
      left = builder.gather([pairs, part(half, 1)], index, [count, kept]);
    }
    size = kept;
  }
  return builder.as(builder.reshape(left, dims), rows.type);
}

/** log(sum(exp(row))), with the greatest of each row taken out first, so that no exponential is above 1. */
function logSumExp(builder: ProgramBuilder, { rows, width, dims }: Rows): Value {
  const greatest = builder.max(rows, width, dims);
  const shifted = builder.linear(
    [
      [1, rows],
      [-1, repeat(builder, greatest, width, rows.dims)],
    ],
    0,
  );
  const total = builder.sum(
    builder.table(shifted, "exp", (value) => Math.exp(Math.min(value, 0))),
    width,
    dims,
  );
  const terms = [
    [1, log(builder, total)],
    [1, greatest],
  ] as const;
  return builder.linear(terms, 0);
}

/** The axes that a node reduces, in order, each once; undefined when it leaves its input as it is. */
function axesOf(context: OpContext, rank: number): number[] | undefined {
  const { attributes, inputs, node } = context;
  const listed = attributes.integers("axes");
  const given = integerOperand(context, 1, "axes");
  const idle = attributes.flag("noop_with_empty_axes", false);
  if (listed !== undefined && inputs[1] !== undefined) {
    throw new OnnxAttributeError(node, "axes", "given twice", "an input gives them too; export the model again");
  }
  const axes = (listed ?? given ?? []).map((axis) => axisOf(context, axis, rank, "axes"));
  if (new Set(axes).size < axes.length) {
    throw new OnnxAttributeError(node, "axes", `[${axes.join(", ")}]`, "each axis may be there once");
  }
  if (axes.length > 0) return axes.toSorted((a, b) => a - b);
  return idle ? undefined : Array.from({ length: rank }, (_, axis) => axis);
}

/** A reduction of rows; `exact` ones keep integers as they are, the others need real numbers. */
function reduction(reduce: (builder: ProgramBuilder, rows: Rows) => Value, exact: boolean, onBits = false): Lowering {
  return (context) => {
    const { builder, attributes } = context;
    const input = operand(context, 0);
    if (input.type === "integer" && !exact) {
      throw unsupported(context, "of integers it would round; cast them to float first");
    }
    if (input.type === "boolean" && !onBits) typed(context, input, "real");
    const axes = axesOf(context, input.dims.length);
    const keep = attributes.flag("keepdims", true);
    if (axes === undefined) return [reduce(builder, { rows: input, width: 1, dims: input.dims })];
    const dims = keep
      ? input.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : input.dims.filter((_, axis) => !axes.includes(axis));
    const width = elementCount(axes.map((axis) => input.dims[axis]!));
    return [reduce(builder, { rows: axesLast(builder, input, axes), width, dims })];
  };
}

const sum = (builder: ProgramBuilder, { rows, width, dims }: Rows) => builder.sum(rows, width, dims);
const squares = (builder: ProgramBuilder, each: Rows) =>
  sum(builder, { ...each, rows: builder.as(builder.multiply(each.rows, each.rows), each.rows.type) });

/** ArgMax, or ArgMin with `sign` = -1. */
function argument(sign: 1 | -1): Lowering {
  return (context) => {
    const { builder, attributes } = context;
    const input = operand(context, 0);
    const axis = axisOf(context, attributes.integer("axis", 0), input.dims.length);
    const keep = attributes.flag("keepdims", true);
    const last = attributes.flag("select_last_index", false);
    const width = input.dims[axis]!;
    const dims = keep ? input.dims.with(axis, 1) : input.dims.toSpliced(axis, 1);
    let rows = axesLast(builder, input, [axis]);
    if (last) {
      const index = Int32Array.from({ length: elementCount(rows.dims) }, (_, at) => at - (at % width) * 2 + width - 1);
      rows = builder.gather([rows], index, rows.dims);
    }
    if (sign < 0) rows = builder.linear([[-1, rows]], 0, rows.type);
    const found = builder.argmax(rows, width, dims);
    return [last ? builder.linear([[-1, found]], width - 1, "integer") : found];
  };
}

/** Sums of ever longer beginnings, by doubling: after step k each element holds the sum of the last 2^k. */
const cumSum: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  const given = integerOperand(context, 1, "axis");
  if (given?.length !== 1) throw misfit(context, "its axis is not one number");
  const axis = axisOf(context, given[0]!, input.dims.length);
  const [exclusive, reverse] = [attributes.flag("exclusive", false), attributes.flag("reverse", false)];
  const width = input.dims[axis]!;
  const rows = axesLast(builder, input, [axis]);
  const count = bounded(context, elementCount(rows.dims));
  const moved = (value: Value, by: number) => {
    const index = Int32Array.from({ length: count }, (_, at) => {
      const column = (at % width) + (reverse ? by : -by);
      return column < 0 || column >= width ? count : at + (reverse ? by : -by);
    });
    return builder.gather([value], index, rows.dims, [0]);
  };
  let total = exclusive ? moved(rows, 1) : rows;
  for (let by = 1; by < width; by *= 2) {
    const terms = [
      [1, total],
      [1, moved(total, by)],
    ] as const;
    total = builder.linear(terms, 0, input.type);
  }
  return [lastTo(builder, total, axis)];
};

/** Reductions along axes, given as an attribute or as a constant input. */
export const reduceOps: Operators = {
  ReduceSum: { inputs: [1, 2], lower: reduction(sum, true) },
  ReduceMean: {
    inputs: [1, 2],
    lower: reduction((builder, rows) => builder.linear([[1 / rows.width, sum(builder, rows)]], 0), false),
  },
  ReduceMax: {
    inputs: [1, 2],
    lower: reduction((builder, { rows, width, dims }) => builder.max(rows, width, dims), true, true),
  },
  ReduceMin: { inputs: [1, 2], lower: reduction(min, true, true) },
  ReduceL1: {
    inputs: [1, 2],
    lower: reduction((builder, rows) => sum(builder, { ...rows, rows: absolute(builder, rows.rows) }), true),
  },
  ReduceL2: {
    inputs: [1, 2],
    lower: reduction((builder, rows) => {
      return builder.table(squares(builder, rows), "sqrt", (value) => Math.sqrt(Math.max(value, 0)));
    }, false),
  },
  ReduceSumSquare: { inputs: [1, 2], lower: reduction(squares, true) },
  ReduceProd: { inputs: [1, 2], lower: reduction(product, true) },
  ReduceLogSum: { inputs: [1, 2], lower: reduction((builder, rows) => log(builder, sum(builder, rows)), false) },
  ReduceLogSumExp: { inputs: [1, 2], lower: reduction(logSumExp, false) },
  CumSum: { inputs: [2, 2], lower: cumSum },
  ArgMax: { inputs: [1, 1], lower: argument(1) },
  ArgMin: { inputs: [1, 1], lower: argument(-1) },
};
