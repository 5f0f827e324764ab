import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { combine } from "./arithmetic.ts";
import { number } from "./elementwise.ts";
import { broadcastDims, broadcastTo, permute } from "./layout.ts";
import { bounded, boundedShape, misfit } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** Swaps the last two axes. */
function transposed(builder: ProgramBuilder, value: Value): Value {
  const order = value.dims.map((_, axis) => axis);
  const last = order.length - 1;
  return permute(builder, value, [...order.slice(0, -2), last, last - 1]);
}

/** Rows of `input` times one constant matrix [k][n], whose elements start at `start`. */
function dense(builder: ProgramBuilder, input: Value, matrix: Float64Array, start: number, n: number): Value {
  const k = input.dims.at(-1)!;
  const weights = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: k }, (_unused, i) => matrix[start + i * n + j]!),
  );
  const rows = elementCount(input.dims) / k;
  return builder.dense(input, rows, weights, new Float64Array(n), [...input.dims.slice(0, -1), n]);
}

/** left [..., m, k] times right [..., k, n], of rank 2 or more. */
function product(context: OpContext, left: Value, right: Value): Value {
  const { builder } = context;
  const [m, k, n] = [left.dims.at(-2)!, left.dims.at(-1)!, right.dims.at(-1)!];
  if (right.dims.at(-2) !== k) {
    throw misfit(context, `[${left.dims.join(", ")}] does not fit [${right.dims.join(", ")}]`);
  }
  const batchDims = broadcastDims(context, [left.dims.slice(0, -2), right.dims.slice(0, -2)]);
  const batch = elementCount(batchDims);
  const dims = [...batchDims, m, n];
  boundedShape(context, dims);
  if (left.constant !== undefined && right.constant === undefined) {
    // (right^T left^T)^T: the constant stands on the right.
    return transposed(builder, product(context, transposed(builder, right), transposed(builder, left)));
  }
  if (right.constant !== undefined && left.constant === undefined && elementCount(right.dims) === k * n) {
    return builder.reshape(dense(builder, left, right.constant, 0, n), dims);
  }
  boundedShape(context, [...batchDims, m, k]);
  boundedShape(context, [...batchDims, k, n]);
  const from = broadcastTo(builder, left, [...batchDims, m, k]);
  const to = broadcastTo(builder, right, [...batchDims, k, n]);
  if (to.constant === undefined || from.constant !== undefined) {
    return builder.matmul(from, to, { batch, m, k, n }, dims);
  }
  const matrix = to.constant;
  const parts = Array.from({ length: batch }, (_, b) => {
    const rows = Int32Array.from({ length: m * k }, (_unused, at) => b * m * k + at);
    return dense(builder, builder.gather([from], rows, [m, k]), matrix, b * k * n, n);
  });
  return gatherAll(builder, parts, Int32Array.from({ length: batch * m * n }, (_, at) => at), dims); // prettier-ignore
}

/** Integer factors make integers. */
function typed(builder: ProgramBuilder, made: Value, factors: readonly Value[]): Value {
  return factors.every(({ type }) => type !== "real") ? builder.as(made, "integer") : made;
}

/** Vectors are a matrix of one row on the left, of one column on the right. */
const matMul: Lowering = (context) => {
  const { builder } = context;
  const [left, right] = [number(context, 0), number(context, 1)];
  if (left.dims.length === 0 || right.dims.length === 0) throw misfit(context, "a factor is a single number");
  const wide = left.dims.length === 1 ? builder.reshape(left, [1, ...left.dims]) : left;
  const tall = right.dims.length === 1 ? builder.reshape(right, [...right.dims, 1]) : right;
  const made = product(context, wide, tall);
  const kept = [
    ...made.dims.slice(0, -2),
    ...(left.dims.length === 1 ? [] : [made.dims.at(-2)!]),
    ...(right.dims.length === 1 ? [] : [made.dims.at(-1)!]),
  ];
  return [typed(builder, builder.reshape(made, kept), [left, right])];
};

/** alpha A' B' + beta C. */
const gemm: Lowering = (context) => {
  const { builder, attributes, inputs } = context;
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const operands = ["transA", "transB"].map((flag, at) => {
    const turn = attributes.flag(flag, false);
    const value = number(context, at);
    if (value.dims.length !== 2)
      throw misfit(context, `input ${at} has shape [${value.dims.join(", ")}]`, "use a matrix");
    bounded(context, elementCount(value.dims));
    return turn ? transposed(builder, value) : value;
  });
  const [left, right] = operands as [Value, Value];
  const made = product(context, left, right);
  const values = [typed(builder, made, [left, right])];
  if (inputs[2] !== undefined) {
    const bias = number(context, 2);
    const dims = broadcastDims(context, [made.dims, bias.dims]);
    if (elementCount(dims) !== elementCount(made.dims)) {
      throw misfit(context, `adding [${bias.dims.join(", ")}] makes [${made.dims.join(", ")}] larger`);
    }
    values.push(broadcastTo(builder, bias, made.dims));
  }
  return [values.length === 1 && alpha === 1 ? made : combine(builder, values, [alpha, beta])];
};

export const linearOps: Operators = {
  MatMul: { inputs: [2, 2], lower: matMul },
  Gemm: { inputs: [2, 3], lower: gemm },
};
