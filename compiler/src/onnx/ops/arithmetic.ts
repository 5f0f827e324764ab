import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import { broadcastAll, byParameter, commonType, number } from "./elementwise.ts";
import { unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operator, Operators } from "./types.ts";

/** Sum with a factor for each, of the values' common type. */
export function combine(builder: ProgramBuilder, values: readonly Value[], factors: readonly number[]): Value {
  const [only, factor] = [values[0], factors[0]];
  if (only !== undefined && values.length === 1 && factor === 1) return only;
  const type = commonType(values);
  const terms = values.map((value, k) => [factors[k] ?? 1, value] as const);
  return builder.as(builder.linear(terms, 0, type), type);
}

/** Inputs that must be numbers, broadcast to one shape. */
function numbers(context: OpContext): readonly Value[] {
  for (const at of context.inputs.keys()) number(context, at);
  return broadcastAll(context);
}

const sum =
  (factor: (count: number) => number, second = 1): Lowering =>
  (context) => {
    const values = numbers(context);
    const each = factor(values.length);
    const factors = values.map((_, k) => each * (k === 0 ? 1 : second));
    return [combine(context.builder, values, factors)];
  };

const multiply: Lowering = (context) => {
  const [left, right] = numbers(context) as [Value, Value];
  return [context.builder.as(context.builder.multiply(left, right), commonType([left, right]))];
};

/** left / right where right may be negative: |right| divides, and its sign goes to the left. 0 / 0 is 0. */
function signedDivide(builder: ProgramBuilder, left: Value, right: Value): Value {
  const sign = builder.table(right, "sign", (value) => Math.sign(value) + 0);
  const size = builder.table(right, "size", (value) => (value === 0 ? 1 : Math.abs(value)));
  return builder.divide(builder.multiply(left, sign), size);
}

const divide: Lowering = (context) => {
  const { builder } = context;
  const [left, right] = numbers(context) as [Value, Value];
  if (commonType([left, right]) === "real") {
    if (right.constant?.includes(0) === true) throw unsupported(context, "it divides by a constant 0");
    // What is known of signs is known of the input itself, not of its broadcast.
    const divisor = context.inputs[1];
    const plain = right.constant !== undefined || (divisor !== undefined && context.nonNegative?.(divisor) === true);
    return [plain ? builder.divide(left, right) : signedDivide(builder, left, right)];
  }
  const divisors = right.constant;
  if (divisors === undefined) throw unsupported(context, "integers can only be divided by constants; divide floats");
  if (divisors.includes(0)) throw unsupported(context, "it divides by a constant 0");
  const truncated = (part: Value, divisor: number) =>
    builder.table(part, "integer division", (value) => Math.trunc(value / divisor) + 0, "integer");
  return [byParameter(context, left, divisors, truncated)];
};

const negate: Lowering = (context) => [combine(context.builder, [number(context, 0)], [-1])];

/** 2 relu(x) - x. */
const absolute: Lowering = (context) => {
  const { builder } = context;
  const input = number(context, 0);
  return [combine(builder, [builder.clamp(input, 0, Infinity), input], [2, -1])];
};

const sign: Lowering = (context) => {
  const input = number(context, 0);
  return [context.builder.table(input, "sign", (value) => Math.sign(value) + 0, input.type)];
};

const pair = (lower: Lowering): Operator => ({ inputs: [2, 2], lower });
const one = (lower: Lowering): Operator => ({ inputs: [1, 1], lower });
const many = (lower: Lowering): Operator => ({ inputs: [1, 1_024], lower });

export const arithmeticOps: Operators = {
  Add: pair(sum(() => 1)),
  Sub: pair(sum(() => 1, -1)),
  Mul: pair(multiply),
  Div: pair(divide),
  Neg: one(negate),
  Abs: one(absolute),
  Sign: one(sign),
  Sum: many(sum(() => 1)),
  Mean: many(sum((count) => 1 / count)),
};
