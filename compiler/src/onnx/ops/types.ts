import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import type { Attributes } from "../attributes.ts";

/** One ONNX node, ready to be written as steps of a program. */
export interface OpContext {
  readonly builder: ProgramBuilder;
  /** The node's name, for messages. */
  readonly node: string;
  readonly op: string;
  /** Version of the operator set that the node's domain has in this file. */
  readonly opset: number;
  /** An input that the node leaves out is undefined; there are never more than the operator takes. */
  readonly inputs: readonly (Value | undefined)[];
  /** TensorProto.DataType of each input, or 0 where the importer does not follow it. */
  readonly dtypes?: readonly number[];
  /** Whether no element of a value can be below 0, as far as the importer can tell. */
  readonly nonNegative?: (value: Value) => boolean;
  /** How many outputs the node names, those in the middle that it leaves out included. */
  readonly outputs: number;
  /** Every attribute must be read, or the importer refuses the node. */
  readonly attributes: Attributes;
}

/**
 * Writes one node with the builder and returns its outputs, in order.
 *
 * @throws {OnnxUnsupportedOpError | OnnxAttributeError | OnnxShapeError} when the node has no meaning here; names it.
 */
export type Lowering = (context: OpContext) => readonly Value[];

/** What the importer knows of an operator. */
export interface Operator {
  /** Fewest and most inputs. */
  readonly inputs: readonly [min: number, max: number];
  readonly lower: Lowering;
}

/** Operators by `op_type`; those of `ai.onnx.ml` are under `ai.onnx.ml.` and their name. */
export type Operators = Readonly<Record<string, Operator>>;
