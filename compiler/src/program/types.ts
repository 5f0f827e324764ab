/** What the numbers of a value mean: reals have a scale once quantised; integers and booleans (0 or 1) are themselves. */
export type ValueType = "real" | "integer" | "boolean";

/**
 * A tensor of a program: flat and row-major, with the dims that say how to read it. `constant` holds the elements where
 * they are known when the model is compiled.
 */
export interface Value {
  readonly id: number;
  readonly dims: readonly number[];
  readonly type: ValueType;
  readonly constant?: Float64Array;
}

/** Geometry of a two-dimensional convolution; one-dimensional ones have height 1. Pads are top, left, bottom, right. */
export interface ConvShape {
  readonly channels: number;
  readonly size: readonly [height: number, width: number];
  readonly outputs: number;
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly groups: number;
}

interface StepOf<Op extends string> {
  readonly op: Op;
  /** Value that it makes. */
  readonly output: Value;
  /** The ONNX node that it came from, for messages and reports. */
  readonly source: string;
}

/** out[r][j] = bias[j] + sum over i of weights[j][i] in[r][i]; `in` is read as `rows` rows. */
export interface DenseStep extends StepOf<"dense"> {
  readonly input: Value;
  readonly rows: number;
  /** One array for each output. */
  readonly weights: readonly Float64Array[];
  readonly bias: Float64Array;
}

/** Weights are [outputs][channels / groups][kernel height][kernel width], row-major. */
export interface ConvStep extends StepOf<"conv"> {
  readonly input: Value;
  readonly shape: ConvShape;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** out[i] = all[index[i]], where `all` is the inputs one after the other and then the constants. */
export interface GatherStep extends StepOf<"gather"> {
  readonly inputs: readonly Value[];
  readonly constants: Float64Array;
  readonly index: Int32Array;
}

/** out[i] = offset + sum over k of factors[k] * inputs[k][i]. */
export interface LinearStep extends StepOf<"linear"> {
  readonly inputs: readonly Value[];
  readonly factors: readonly number[];
  readonly offset: number;
}

/** out[i] = factors[i] * in[i] + offsets[i]. */
export interface ScaleStep extends StepOf<"scale"> {
  readonly input: Value;
  readonly factors: Float64Array;
  readonly offsets: Float64Array;
}

/** Sums, or greatest elements, or the index of the greatest (the lowest on a tie), of rows of `width` elements. */
export interface RowsStep extends StepOf<"sum" | "max" | "argmax"> {
  readonly input: Value;
  readonly width: number;
}

/** out[i] = min(max(in[i], min), max); either may be infinite. */
export interface ClampStep extends StepOf<"clamp"> {
  readonly input: Value;
  readonly min: number;
  readonly max: number;
}

/** out[i] = apply(in[i]), one function for all elements. */
export interface TableStep extends StepOf<"table"> {
  readonly input: Value;
  readonly name: string;
  readonly apply: (value: number) => number;
}

/**
 * Element by element. multiply: left * right. divide: left / right, right above 0. greater: 1 if left > right, else 0.
 */
export interface PairStep extends StepOf<"multiply" | "divide" | "greater"> {
  readonly left: Value;
  readonly right: Value;
}

/** out[b] = left[b] right[b]: [batch][m][k] times [batch][k][n]. */
export interface MatMulStep extends StepOf<"matmul"> {
  readonly left: Value;
  readonly right: Value;
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** out[i][k] = 1 if in[i] = k, else 0; in[i] an integer from 0 to size - 1. */
export interface OneHotStep extends StepOf<"onehot"> {
  readonly input: Value;
  readonly size: number;
}

/** One computation on reals. There are few kinds, and each has one meaning in integers and one gadget. */
export type Step =
  | DenseStep
  | ConvStep
  | GatherStep
  | LinearStep
  | ScaleStep
  | RowsStep
  | ClampStep
  | TableStep
  | PairStep
  | MatMulStep
  | OneHotStep;

/** An input or output of a model, by its name in the file. */
export interface ProgramPort {
  readonly name: string;
  readonly value: Value;
}

/** A model as steps in order, each reading only what earlier ones, or the inputs, made. */
export interface Program {
  readonly name: string;
  readonly inputs: readonly ProgramPort[];
  readonly outputs: readonly ProgramPort[];
  readonly steps: readonly Step[];
}
