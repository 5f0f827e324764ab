import { elementCount } from "../../program/geometry.ts";
import type { Value, ValueType } from "../../program/types.ts";
import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../errors.ts";
import { MAX_ELEMENTS } from "../limits.ts";
import { quote } from "../quote.ts";
import type { OpContext } from "./types.ts";

/** How messages name the node of a context. */
export function nameOf({ node, op }: OpContext): string {
  return `Node ${quote(node)} (${op})`;
}

/** The error for a node that has a meaning in ONNX and none here. */
export function unsupported({ node, op }: OpContext, remedy: string): OnnxUnsupportedOpError {
  return new OnnxUnsupportedOpError([{ node, op, remedy }]);
}

/** The error for shapes, or sizes, that do not fit the node. */
export function misfit(context: OpContext, reason: string, remedy = "export the model again"): OnnxShapeError {
  return new OnnxShapeError(nameOf(context), reason, remedy);
}

/** Input `at`, which the node must have. @throws {OnnxShapeError} when it leaves it out. */
export function operand(context: OpContext, at: number): Value {
  const value = context.inputs[at];
  if (value === undefined) throw misfit(context, `input ${at} is missing`);
  return value;
}

/** The elements of input `at`, or undefined when the node leaves it out. @throws {OnnxUnsupportedOpError} if it varies. */
export function constantOperand(context: OpContext, at: number, what: string): Float64Array | undefined {
  const value = context.inputs[at];
  if (value === undefined) return undefined;
  if (value.constant !== undefined) return value.constant;
  throw unsupported(context, `its ${what} must be constant: an initializer or a Constant node`);
}

/** Whole numbers out of a constant input. @throws {OnnxDtypeError} when it holds anything else. */
export function integerOperand(context: OpContext, at: number, what: string): readonly number[] | undefined {
  const found = constantOperand(context, at, what);
  if (found === undefined) return undefined;
  if (context.inputs[at]?.type === "integer" && found.every(Number.isSafeInteger)) return [...found];
  throw new OnnxDtypeError(`${nameOf(context)}: its ${what}`, "not integer", "an integer type");
}

/** `axis` counted from the front. @throws {OnnxAttributeError} when the tensor has no such axis. */
export function axisOf({ node }: OpContext, axis: number, rank: number, attribute = "axis"): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new OnnxAttributeError(node, attribute, String(axis), `the tensor has ${rank} dimensions`);
}

/**
 * `count`, when the compiler is willing to hold so many elements at once.
 *
 * @throws {OnnxTooLargeError} when not; it names the node.
 */
export function bounded(context: OpContext, count: number): number {
  if (count <= MAX_ELEMENTS) return count;
  throw new OnnxTooLargeError(`Elements that ${nameOf(context)} needs`, count, MAX_ELEMENTS, "use a smaller model");
}

/** Most times that one node is written out, step after step. */
const MAX_ROUNDS = 4_096;

/** `count`, when the compiler is willing to write a node out so many times. @throws {OnnxTooLargeError} when not. */
export function boundedRounds(context: OpContext, count: number): number {
  if (count <= MAX_ROUNDS) return count;
  throw new OnnxTooLargeError(`Rounds that ${nameOf(context)} needs`, count, MAX_ROUNDS, "use a smaller model");
}

/** As {@link bounded}, for the elements of a shape. */
export function boundedShape(context: OpContext, dims: readonly number[]): number {
  return bounded(context, elementCount(dims));
}

/** Refuses a value of another type than `type`. @throws {OnnxDtypeError} */
export function typed(context: OpContext, value: Value, type: Value["type"]): Value {
  if (value.type === type) return value;
  throw new OnnxDtypeError(`${nameOf(context)}: an input`, value.type, type);
}

/** The type of differences of values of a type: two booleans can be -1 apart. */
export function signed(type: ValueType): ValueType {
  return type === "boolean" ? "integer" : type;
}
