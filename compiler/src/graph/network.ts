/** out = weights * in + bias, then max(out, 0) when `relu`. */
export interface FloatLayer {
  /** `dense0`, `dense1`, ... */
  readonly name: string;
  /** The ONNX nodes that it came from, for messages and reports. */
  readonly source: readonly string[];
  /** One row for each output. */
  readonly weights: readonly Float64Array[];
  readonly bias: Float64Array;
  readonly relu: boolean;
}

/** A model in floats, reduced to its layers: what the quantiser starts from. Tensors are flat vectors. */
export interface FloatNetwork {
  readonly name: string;
  readonly input: { readonly name: string; readonly dims: readonly number[]; readonly width: number };
  /** `label`: the index of the greatest output of the last layer, the lowest on a tie. `values`: those outputs. */
  readonly output: { readonly name: string; readonly dims: readonly number[]; readonly kind: "label" | "values" };
  readonly layers: readonly FloatLayer[];
}

/** Every layer's output for one input, in double precision. */
export function evaluateLayers(network: FloatNetwork, input: readonly number[]): Float64Array[] {
  let current: ArrayLike<number> = input;
  return network.layers.map(({ weights, bias, relu }) => {
    const from = current;
    const out = weights.map((row, place) => {
      const sum = row.reduce((total, weight, index) => total + weight * (from[index] ?? 0), bias[place] ?? 0);
      return relu ? Math.max(sum, 0) : sum;
    });
    const made = Float64Array.from(out);
    current = made;
    return made;
  });
}

/** The place of the greatest element; the lowest place wins a tie. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  }
  return best;
}
