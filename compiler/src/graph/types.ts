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

/** out[j] = bias[j] + sum_i weights[j][i] * in[i], exact. `bounds[j]` is the interval of out[j] over all legal inputs. */
export interface DenseNode {
  readonly op: "dense";
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
  readonly bounds: readonly Interval[];
}

/**
 * out = clamp(floor((in + 2^(shift-1)) / 2^shift), clamp.min, clamp.max): rounds half up, then saturates. With
 * clamp.min = 0 it is also the ReLU. shift = 0 means no division and no rounding.
 */
export interface RequantiseNode {
  readonly op: "requantise";
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly shift: number;
  readonly clamp: Interval;
}

/** out = index of the greatest element; the lowest index wins a tie. */
export interface ArgMaxNode {
  readonly op: "argmax";
  readonly name: string;
  readonly input: string;
  readonly output: string;
}

export type IntegerNode = DenseNode | RequantiseNode | ArgMaxNode;

/**
 * A model in integers: one meaning for the interpreter, ONNX Runtime, the circuit and the contracts. Nodes are in
 * topological order; names of tensors are unique. Shapes in between are flat vectors; `widths` gives their lengths and
 * `ranges` their proven intervals, by tensor name.
 */
export interface IntegerGraph {
  readonly format: "assay.graph/1";
  readonly name: string;
  readonly input: TensorSpec;
  readonly output: TensorSpec;
  readonly nodes: readonly IntegerNode[];
  readonly widths: Readonly<Record<string, number>>;
  readonly ranges: Readonly<Record<string, Interval>>;
}
