import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { number } from "./elementwise.ts";
import { axesLast, lastTo, repeat } from "./layout.ts";
import { axisOf, bounded } from "./operands.ts";
import type { Lowering, Operator, Operators } from "./types.ts";

/** What makes rows of `width` elements out of rows of `width` elements. */
type OfRows = (builder: ProgramBuilder, rows: Value, width: number) => Value;

/**
 * Before operator set 13 everything from `axis` (default 1) on is one row; from then on the rows run along `axis`
 * (default the last) alone.
 */
function alongAxis(make: OfRows): Operator {
  const lower: Lowering = (context) => {
    const { builder, attributes, opset } = context;
    const input = number(context, 0);
    const { dims } = input;
    const given = attributes.integer("axis", opset < 13 ? 1 : -1);
    const axis = opset < 13 && given === dims.length ? given : axisOf(context, given, dims.length);
    if (opset < 13) {
      const width = elementCount(dims.slice(axis));
      return [builder.reshape(make(builder, input, width), dims)];
    }
    bounded(context, elementCount(dims));
    const rows = axesLast(builder, input, [axis]);
    const made = make(builder, rows, dims[axis]!);
    return [lastTo(builder, builder.reshape(made, rows.dims), axis)];
  };
  return { inputs: [1, 1], lower };
}

/** Each row less its greatest element: no exponential of it is above 1. */
function shifted(builder: ProgramBuilder, rows: Value, width: number): Value {
  const greatest = builder.max(rows, width, [elementCount(rows.dims) / width]);
  return builder.linear([[1, rows], [-1, repeat(builder, greatest, width, rows.dims)]], 0); // prettier-ignore
}

function sumOfExponentials(builder: ProgramBuilder, exponentials: Value, width: number): Value {
  return builder.sum(exponentials, width, [elementCount(exponentials.dims) / width]);
}

const softmax: OfRows = (builder, rows, width) => {
  const exponentials = builder.table(shifted(builder, rows, width), "exp", (value) => Math.exp(Math.min(value, 0)));
  const sums = sumOfExponentials(builder, exponentials, width);
  return builder.divide(exponentials, repeat(builder, sums, width, rows.dims));
};

const logSoftmax: OfRows = (builder, rows, width) => {
  const below = shifted(builder, rows, width);
  const exponentials = builder.table(below, "exp", (value) => Math.exp(Math.min(value, 0)));
  // One of the exponentials is 1, so the logarithm is not below 0.
  const logs = builder.table(sumOfExponentials(builder, exponentials, width), "log", (v) => Math.log(Math.max(v, 1)));
  return builder.linear([[1, below], [-1, repeat(builder, logs, width, rows.dims)]], 0); // prettier-ignore
};

const hardmax: OfRows = (builder, rows, width) => {
  const count = elementCount(rows.dims) / width;
  return builder.as(builder.onehot(builder.argmax(rows, width, [count]), width, [count, width]), "real");
};

export const softmaxOps: Operators = {
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis(hardmax),
};
