import type { FloatTensor } from "./tensor.ts";

interface NodeBase {
  /** The node's own name, or its operator and place when it has none. */
  readonly name: string;
  /** Shape of what the node makes. */
  readonly dims: readonly number[];
}

/** out = alpha * in * W + beta * bias, where W is `weight`, transposed when `transB`. */
export interface GemmNode extends NodeBase {
  readonly op: "Gemm";
  readonly weight: FloatTensor;
  readonly bias: FloatTensor | undefined;
  readonly alpha: number;
  readonly beta: number;
  readonly transB: boolean;
}

/** out = in * weight, over the last dimension. */
export interface MatMulNode extends NodeBase {
  readonly op: "MatMul";
  readonly weight: FloatTensor;
}

/** out = in + bias; the bias has one element, or as many as the last dimension. */
export interface AddNode extends NodeBase {
  readonly op: "Add";
  readonly bias: FloatTensor;
}

/** out = max(in, 0), or the same elements in another shape. */
export interface PlainNode extends NodeBase {
  readonly op: "Relu" | "Identity" | "Flatten" | "Reshape";
}

/** out = index of the greatest element, the lowest on a tie. */
export interface ArgMaxOp extends NodeBase {
  readonly op: "ArgMax";
}

export type OnnxNode = GemmNode | MatMulNode | AddNode | PlainNode | ArgMaxOp;

/** What the reader makes of a file: a chain of nodes from one input to one output, every shape known. */
export interface OnnxModel {
  /** The graph's name in the file. */
  readonly name: string;
  readonly opset: number;
  /** Name and version of the exporter, as the file claims. */
  readonly producer: string;
  readonly input: { readonly name: string; readonly dims: readonly number[] };
  /** `label`: an int64 index from ArgMax. `values`: float32. */
  readonly output: { readonly name: string; readonly dims: readonly number[]; readonly kind: "label" | "values" };
  /** In order: each node reads what the one before it makes; the first reads the input. */
  readonly nodes: readonly OnnxNode[];
}
