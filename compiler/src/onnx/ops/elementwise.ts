import { elementCount } from "../../program/geometry.ts";
import type { Value, ValueType } from "../../program/types.ts";
import { OnnxDtypeError } from "../errors.ts";
import { broadcastDims, broadcastTo } from "./layout.ts";
import { nameOf, operand, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operator } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** Most tables for one node whose function differs from element to element. */
const MAX_FUNCTIONS = 256;

/** Every input of the node, broadcast to one shape. */
export function broadcastAll(context: OpContext): readonly Value[] {
  const inputs = context.inputs.map((_, at) => operand(context, at));
  const dims = broadcastDims(
    context,
    inputs.map((input) => input.dims),
  );
  return inputs.map((input) => broadcastTo(context.builder, input, dims));
}

/** Real when one of the values is, else integer. */
export function commonType(values: readonly Value[]): ValueType {
  return values.some(({ type }) => type === "real") ? "real" : "integer";
}

/** An input that must be numbers. @throws {OnnxDtypeError} when it is booleans. */
export function number(context: OpContext, at: number): Value {
  const value = operand(context, at);
  if (value.type !== "boolean") return value;
  throw new OnnxDtypeError(`${nameOf(context)}: input ${at}`, "BOOL", "a number");
}

/** One function for every element, as a table; it must be finite wherever a number can be. */
export function curve(name: string, apply: (value: number) => number): Operator {
  const lower: Lowering = (context) => [context.builder.table(number(context, 0), name, apply)];
  return { inputs: [1, 1], lower };
}

/** The one number that all elements are, or undefined when they differ. */
export function uniform(elements: Float64Array): number | undefined {
  const [first] = elements;
  return elements.every((each) => each === first) ? first : undefined;
}

/**
 * Writes a function with a constant parameter for each element: once for each of the parameters there are, on the
 * elements that have it.
 *
 * @throws {OnnxUnsupportedOpError} when there are more than {@link MAX_FUNCTIONS}.
 */
export function byParameter(
  context: OpContext,
  input: Value,
  parameters: Float64Array,
  make: (part: Value, parameter: number) => Value,
): Value {
  const { builder } = context;
  const only = uniform(parameters);
  if (only !== undefined) return make(input, only);
  const members = new Map<number, number[]>();
  for (const [at, parameter] of parameters.entries()) {
    const found = members.get(parameter);
    if (found === undefined) members.set(parameter, [at]);
    else found.push(at);
  }
  if (members.size > MAX_FUNCTIONS) {
    throw unsupported(context, `use at most ${MAX_FUNCTIONS} different constants in its second input`);
  }
  const parts = [...members].map(([parameter, at]) => make(builder.gather([input], at, [at.length]), parameter));
  const index = new Int32Array(elementCount(input.dims));
  for (const [from, at] of [...members.values()].flat().entries()) index[at] = from;
  return gatherAll(builder, parts, index, input.dims);
}
