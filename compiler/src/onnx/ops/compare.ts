import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxDtypeError } from "../errors.ts";
import { broadcastDims, broadcastTo } from "./layout.ts";
import { nameOf, operand, signed, typed } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** 1 - bit. */
export function not(builder: ProgramBuilder, bit: Value): Value {
  return builder.as(builder.linear([[-1, bit]], 1, "boolean"), "boolean");
}

/** left and right; of equal size. */
export function and(builder: ProgramBuilder, left: Value, right: Value): Value {
  return builder.as(builder.multiply(left, right), "boolean");
}

/** The inputs from `first` on, broadcast to one shape. */
function broadcast(context: OpContext, count: number): Value[] {
  const inputs = Array.from({ length: count }, (_, at) => operand(context, at));
  const dims = broadcastDims(
    context,
    inputs.map((input) => input.dims),
  );
  return inputs.map((input) => broadcastTo(context.builder, input, dims));
}

/** Two numbers of one type. */
function numbers(context: OpContext): readonly [Value, Value] {
  const [left, right] = broadcast(context, 2) as [Value, Value];
  return [left, typed(context, right, left.type)];
}

/** left + right - both * (left and right): `or` with both = 1, `exclusive or` with both = 2. */
function either(builder: ProgramBuilder, left: Value, right: Value, both: number): Value {
  const terms = [
    [1, left],
    [1, right],
    [-both, and(builder, left, right)],
  ] as const;
  return builder.as(builder.linear(terms, 0, "boolean"), "boolean");
}

/** 1 where two numbers are equal. Booleans need no comparison; numbers need two. */
export function equal(builder: ProgramBuilder, left: Value, right: Value): Value {
  if (left.type === "boolean") return not(builder, either(builder, left, right, 2));
  const terms = [
    [-1, builder.greater(left, right)],
    [-1, builder.greater(right, left)],
  ] as const;
  return builder.linear(terms, 1, "boolean");
}

/** Comparison of numbers; `turned` swaps the sides and `negated` turns the answer round. */
function comparison(turned: boolean, negated: boolean): Lowering {
  return (context) => {
    const [left, right] = numbers(context);
    if (left.type === "boolean") {
      throw new OnnxDtypeError(`${nameOf(context)}: an input`, "boolean", "a number");
    }
    const { builder } = context;
    const bit = turned ? builder.greater(right, left) : builder.greater(left, right);
    return [negated ? not(builder, bit) : bit];
  };
}

function logic(combine: (builder: ProgramBuilder, left: Value, right: Value) => Value): Lowering {
  return (context) => {
    const [left, right] = broadcast(context, 2).map((each) => typed(context, each, "boolean")) as [Value, Value];
    return [combine(context.builder, left, right)];
  };
}

/**
 * condition ? yes : no. A constant condition is only wiring; else it costs at most one product for each element. A
 * constant branch stands alone in its term, so that a huge one (a mask of -1e38) does not swallow the other.
 */
export function where(builder: ProgramBuilder, condition: Value, yes: Value, no: Value): Value {
  const count = elementCount(condition.dims);
  const known = condition.constant;
  if (known !== undefined) {
    const index = Int32Array.from({ length: count }, (_, at) => (known[at] === 0 ? count + at : at));
    return gatherAll(builder, [yes, no], index, condition.dims);
  }
  const type = signed(yes.type);
  // Of one type with what it picks, so that the product is of that type too.
  const bit = builder.as(condition, type);
  const parts =
    yes.constant !== undefined || no.constant !== undefined
      ? [builder.multiply(bit, yes), builder.multiply(builder.as(not(builder, condition), type), no)]
      : [builder.multiply(bit, difference(builder, yes, no)), no];
  const terms = parts.map((part) => [1, part] as const);
  return builder.as(builder.linear(terms, 0, yes.type), yes.type);
}

function difference(builder: ProgramBuilder, left: Value, right: Value): Value {
  const terms = [
    [1, left],
    [-1, right],
  ] as const;
  return builder.linear(terms, 0, signed(left.type));
}

/** No value here is ever NaN or infinite: everything is an integer in a proven interval. */
const never: Lowering = (context) => {
  const input = operand(context, 0);
  if (context.op === "IsInf") {
    context.attributes.flag("detect_negative", true);
    context.attributes.flag("detect_positive", true);
  }
  return [context.builder.constant(input.dims, new Float64Array(elementCount(input.dims)), "boolean")];
};

/** Comparisons and logic; true is 1 and false is 0. Real numbers are compared as they are once quantised. */
export const compareOps: Operators = {
  Greater: { inputs: [2, 2], lower: comparison(false, false) },
  Less: { inputs: [2, 2], lower: comparison(true, false) },
  GreaterOrEqual: { inputs: [2, 2], lower: comparison(true, true) },
  LessOrEqual: { inputs: [2, 2], lower: comparison(false, true) },
  Equal: {
    inputs: [2, 2],
    lower: (context) => [equal(context.builder, ...numbers(context))],
  },
  And: { inputs: [2, 2], lower: logic(and) },
  Or: { inputs: [2, 2], lower: logic((builder, left, right) => either(builder, left, right, 1)) },
  Xor: { inputs: [2, 2], lower: logic((builder, left, right) => either(builder, left, right, 2)) },
  Not: {
    inputs: [1, 1],
    lower: (context) => [not(context.builder, typed(context, operand(context, 0), "boolean"))],
  },
  Where: {
    inputs: [3, 3],
    lower: (context) => {
      const [condition, yes, no] = broadcast(context, 3) as [Value, Value, Value];
      typed(context, condition, "boolean");
      return [where(context.builder, condition, yes, typed(context, no, yes.type))];
    },
  },
  IsNaN: { inputs: [1, 1], lower: never },
  IsInf: { inputs: [1, 1], lower: never },
};
