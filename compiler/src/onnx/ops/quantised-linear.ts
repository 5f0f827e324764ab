import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { elementType } from "../dtypes.ts";
import { dataTypeName, INT8, UINT8 } from "../proto.ts";
import { convOps } from "./conv.ts";
import { uniform } from "./elementwise.ts";
import { broadcastDims, broadcastTo, repeat } from "./layout.ts";
import { linearOps } from "./linear.ts";
import { constantOperand, misfit, operand, typed, unsupported } from "./operands.ts";
import { roundHalfEven } from "./special.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Which axis of a tensor a list of parameters runs along; a single one is for all. */
type Along = "rows" | "columns" | "first" | "none";

/** A parameter under dims that broadcast to the tensor's. @throws {OnnxShapeError} when there are not enough of it. */
function alongside(context: OpContext, parameter: Value, dims: readonly number[], along: Along): Value {
  const { builder } = context;
  const count = elementCount(parameter.dims);
  if (count === 1) return builder.reshape(parameter, []);
  // Vectors have no rows or columns.
  if (count > 0 && along !== "none" && dims.length > 1) {
    const axis = along === "first" ? 0 : dims.length - (along === "rows" ? 2 : 1);
    const wide = parameter.dims.length > 1 ? parameter.dims : dims.map((_, each) => (each === axis ? count : 1));
    const fits =
      wide.length <= dims.length && elementCount(broadcastDims(context, [wide, dims])) === elementCount(dims);
    if (fits) return builder.reshape(parameter, wide);
  }
  throw misfit(context, `a parameter of [${parameter.dims.join(", ")}] does not fit [${dims.join(", ")}]`);
}

/** Input `at` less its zero point, which is input `zero` where the node has one: exact, and one bit wider. */
function centred(context: OpContext, at: number, zero: number, along: Along): Value {
  const { builder } = context;
  const input = typed(context, operand(context, at), "integer");
  const given = context.inputs[zero];
  if (given === undefined) return input;
  const point = broadcastTo(
    builder,
    alongside(context, typed(context, given, "integer"), input.dims, along),
    input.dims,
  );
  return builder.linear([[1, input], [-1, point]], 0, "integer"); // prettier-ignore
}

function matMul(context: OpContext, left: Value, right: Value): Value {
  const [made] = linearOps["MatMul"]!.lower({ ...context, inputs: [left, right] });
  return context.builder.as(made!, "integer");
}

function conv(context: OpContext, inputs: readonly (Value | undefined)[]): Value {
  // Padding is with zero points, which are 0 by now.
  const [made] = convOps["Conv"]!.lower({ ...context, inputs });
  return context.builder.as(made!, "integer");
}

const matMulInteger: Lowering = (context) => [
  matMul(context, centred(context, 0, 2, "rows"), centred(context, 1, 3, "columns")),
];

const convInteger: Lowering = (context) => [
  conv(context, [centred(context, 0, 2, "none"), centred(context, 1, 3, "first")]),
];

/** A constant scale of one number, or of one for each place along an axis. @throws when one is not above 0. */
function scale(context: OpContext, at: number): Float64Array {
  const found = constantOperand(context, at, `scale (input ${at})`) ?? new Float64Array();
  if (found.length > 0 && found.every((each) => each > 0)) return found;
  throw misfit(context, `its scale, input ${at}, is not above 0`);
}

/**
 * round(factor * sum) + zero point, saturated: the sum in units of the result, which is then cut to 8 bits, rounded and
 * still has 8 bits. Halves go to the even number before the zero point is added.
 *
 * @param factors one for each element of the sum, or one for all
 * @param at input of the result's zero point, whose element type is the result's
 */
function requantised(context: OpContext, sum: Value, factors: Float64Array, at: number): Value {
  const { builder } = context;
  const points = constantOperand(context, at, "output zero point") ?? new Float64Array();
  const [zero = 0] = points;
  const dtype = context.dtypes?.[at] ?? 0;
  const range = dtype === UINT8 || dtype === INT8 ? elementType(dtype)?.range : undefined;
  if (points.length !== 1) throw misfit(context, `its output zero point has ${points.length} elements, not one`);
  if (range === undefined) throw unsupported(context, `its output is ${dataTypeName(dtype)}; use UINT8 or INT8`);
  const only = uniform(factors);
  const count = elementCount(sum.dims);
  const scaled =
    only === undefined
      ? builder.scale(sum, factors, new Float64Array(count).fill(zero))
      : builder.linear([[only, sum]], zero);
  return builder.table(builder.clamp(scaled, ...range), "requantise", (v) => roundHalfEven(v - zero) + zero, "integer");
}

/** left * right / result for each element, spread from dims that broadcast to the result's. */
function factorsOf(
  context: OpContext,
  dims: readonly number[],
  scales: readonly Value[],
  result: number,
): Float64Array {
  const { builder } = context;
  const spread = scales.map((each) => broadcastTo(builder, each, dims).constant!);
  return Float64Array.from({ length: elementCount(dims) }, (_, at) =>
    spread.reduce((product, each) => product * each[at]!, 1 / result),
  );
}

function outputScale(context: OpContext, at: number): number {
  const [only, ...more] = scale(context, at);
  if (only !== undefined && more.length === 0) return only;
  throw misfit(context, `its output scale has ${more.length + 1} elements, not one`);
}

/** Inputs: a, its scale and zero point, b, its scale and zero point, scale and zero point of the result. */
const qLinearMatMul: Lowering = (context) => {
  const result = outputScale(context, 6);
  const [a, b] = [centred(context, 0, 2, "rows"), centred(context, 3, 5, "columns")];
  const sum = matMul(context, a, b);
  // A vector has no axis in the result that its scales would run along.
  const scales = [[1, a, "rows"], [4, b, "columns"]] as const; // prettier-ignore
  const values = scales.map(([at, factor, along]) => {
    const count = scale(context, at).length;
    if (count > 1 && factor.dims.length < 2) throw misfit(context, `input ${at} has ${count} scales for a vector`);
    return alongside(context, operand(context, at), sum.dims, along);
  });
  return [requantised(context, sum, factorsOf(context, sum.dims, values, result), 7)];
};

/** Inputs: x, its scale and zero point, w, its scale and zero point, scale and zero point of the result, bias. */
const qLinearConv: Lowering = (context) => {
  const { builder, inputs } = context;
  const result = outputScale(context, 6);
  const [input, weights] = [centred(context, 0, 2, "none"), centred(context, 3, 5, "first")];
  const sum = conv(context, [input, weights, inputs[8]]);
  const [x, w] = [scale(context, 1), scale(context, 4)];
  if (x.length !== 1) throw misfit(context, `input 1 has ${x.length} elements, not one`);
  const [, outputs = 1, ...spatial] = sum.dims;
  if (w.length !== 1 && w.length !== outputs) throw misfit(context, `it has ${w.length} scales for ${outputs} outputs`);
  const perOutput = builder.constant([w.length, ...spatial.map(() => 1)], w);
  const factors = factorsOf(context, sum.dims, [builder.constant([], x), perOutput], result);
  return [requantised(context, sum, factors, 7)];
};

/** Numbers from 0 to 255 for reals, by a scale and a zero point that the tensor itself decides. */
const dynamicQuantize: Lowering = (context) => {
  const { builder } = context;
  const input = typed(context, operand(context, 0), "real");
  const count = elementCount(input.dims);
  const most = builder.clamp(builder.max(input, count, []), 0, Infinity);
  // The negative of the least element, or 0.
  const depth = builder.clamp(builder.max(builder.linear([[-1, input]], 0), count, []), 0, Infinity);
  const span = builder.linear([[1, most], [1, depth]], 0); // prettier-ignore
  const range = builder.table(span, "range", (value) => (value > 0 ? value : 255));
  const rounded = (value: Value) => builder.table(builder.clamp(value, 0, 255), "round", roundHalfEven, "integer");
  // No quotient is beyond 1, which its interval alone does not say.
  const zero = rounded(builder.linear([[255, builder.clamp(builder.divide(depth, range), 0, 1)]], 0));
  const parts = builder.clamp(builder.divide(input, repeat(builder, range, count, input.dims)), -1, 1);
  const shifted = builder.linear([[255, parts], [1, repeat(builder, zero, count, input.dims)]], 0); // prettier-ignore
  return [rounded(shifted), builder.linear([[1 / 255, range]], 0), zero];
};

/**
 * Layers of models that are quantised already: sums of integers, exact. The factor that brings a sum to 8 bits is a real
 * that the quantiser rounds, so a compiled model's 8-bit results can be off by one or two.
 */
export const quantisedLinearOps: Operators = {
  MatMulInteger: { inputs: [2, 4], lower: matMulInteger },
  ConvInteger: { inputs: [2, 4], lower: convInteger },
  QLinearMatMul: { inputs: [8, 8], lower: qLinearMatMul },
  QLinearConv: { inputs: [8, 9], lower: qLinearConv },
  DynamicQuantizeLinear: { inputs: [1, 1], lower: dynamicQuantize },
};
