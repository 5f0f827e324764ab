import type { ConvShape } from "../program/types.ts";

/** Element types of the canonical tensor encoding; the SDK's tensor codec holds their codes. */
export type IntegerDtype = "u8" | "i8" | "u16" | "i16" | "u32" | "i32";

/** An inclusive interval of integers. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

/** A tensor at the edge of the graph: what is hashed, sent and shown. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: IntegerDtype;
  readonly dims: readonly number[];
  /** Values outside this interval are refused. */
  readonly range: Interval;
  /** real = scale * (integer - zeroPoint). */
  readonly scale: number;
  readonly zeroPoint: number;
}

interface NodeOf<Op extends string> {
  readonly op: Op;
  /** Unique in its graph. */
  readonly name: string;
  /** Tensor that it makes. */
  readonly output: string;
}

/** out[r][j] = bias[j] + sum over i of weights[j][i] * in[r][i], exact; the input is read as `rows` rows. */
export interface DenseNode extends NodeOf<"dense"> {
  readonly input: string;
  readonly rows: number;
  /** One row for each output. */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** Convolution of [channels][height][width]; weights [outputs][channels / groups][kernel height][kernel width], flat. */
export interface ConvNode extends NodeOf<"conv"> {
  readonly input: string;
  readonly shape: ConvShape;
  readonly weights: readonly number[];
  readonly bias: readonly number[];
}

/** out[i] = all[index[i]], where `all` is the inputs, one after the other, and then the constants. */
export interface GatherNode extends NodeOf<"gather"> {
  readonly inputs: readonly string[];
  readonly constants: readonly number[];
  readonly index: readonly number[];
}

/** out[i] = offset + sum over k of factors[k] * inputs[k][i]. */
export interface LinearNode extends NodeOf<"linear"> {
  readonly inputs: readonly string[];
  readonly factors: readonly number[];
  readonly offset: number;
}

/** out[i] = factors[i] * in[i] + offsets[i]. */
export interface ScaleNode extends NodeOf<"scale"> {
  readonly input: string;
  readonly factors: readonly number[];
  readonly offsets: readonly number[];
}

/** Of each row of `width` elements: the sum, the greatest, or the index of the greatest (the lowest on a tie). */
export interface RowsNode extends NodeOf<"sum" | "max" | "argmax"> {
  readonly input: string;
  readonly width: number;
}

/**
 * out = clamp(floor((in + 2^(shift-1)) / 2^shift), clamp.min, clamp.max): rounds half up, then saturates. With
 * clamp.min = 0 it is also the ReLU. shift = 0 means no division and no rounding.
 */
export interface RequantiseNode extends NodeOf<"requantise"> {
  readonly input: string;
  readonly shift: number;
  readonly clamp: Interval;
}

/** out = table[in - min]; the table covers the input's proven interval. */
export interface LookupNode extends NodeOf<"lookup"> {
  readonly input: string;
  readonly min: number;
  readonly table: readonly number[];
}

/**
 * Element by element. multiply: left * right. greater: 1 if left > right, else 0. divide: floor((2 left + right) / (2
 * right)), that is left / right with halves rounded up; right is proven to be at least 1.
 */
export interface PairNode extends NodeOf<"multiply" | "greater" | "divide"> {
  readonly left: string;
  readonly right: string;
}

/** out[b] = left[b] right[b]: [batch][m][k] times [batch][k][n]. */
export interface MatMulNode extends NodeOf<"matmul"> {
  readonly left: string;
  readonly right: string;
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** out[i][k] = 1 if in[i] = k, else 0, for k from 0 to size - 1; in[i] is proven to be one of them. */
export interface OneHotNode extends NodeOf<"onehot"> {
  readonly input: string;
  readonly size: number;
}

export type IntegerNode =
  | DenseNode
  | ConvNode
  | GatherNode
  | LinearNode
  | ScaleNode
  | RowsNode
  | RequantiseNode
  | LookupNode
  | PairNode
  | MatMulNode
  | OneHotNode;

/** The tensors that a node reads. */
export function inputsOf(node: IntegerNode): readonly string[] {
  if ("inputs" in node) return node.inputs;
  return "left" in node ? [node.left, node.right] : [node.input];
}

/** One of the tensors of the model that lie in an edge of the graph, one after the other. */
export interface Part {
  readonly name: string;
  readonly dims: readonly number[];
}

/**
 * A model in integers: one meaning for the interpreter, ONNX Runtime, the circuit and the contracts. Nodes are in
 * topological order; names of tensors are unique. Tensors are flat vectors; `widths` gives their lengths and `ranges`
 * their proven intervals, by tensor name. A model with several inputs or outputs has them in one tensor each, as
 * `inputParts` and `outputParts` say.
 */
export interface IntegerGraph {
  readonly format: "assay.graph/2";
  readonly name: string;
  readonly input: TensorSpec;
  readonly output: TensorSpec;
  readonly inputParts: readonly Part[];
  readonly outputParts: readonly Part[];
  readonly nodes: readonly IntegerNode[];
  readonly widths: Readonly<Record<string, number>>;
  readonly ranges: Readonly<Record<string, Interval>>;
  /**
   * 31 random bytes as hex, where the weights are private: the circuit then takes them as private inputs and commits to
   * them under this salt. The graph is a secret of its owner then, and its digest tells nothing of the weights.
   */
  readonly weightsSalt?: string | undefined;
}
