import { MAX_WEIGHTS } from "../onnx/limits.ts";
import type { OnnxModel, OnnxNode } from "../onnx/model.ts";
import { elementCount } from "../onnx/tensor.ts";
import { LayerTooLargeError, NothingToProveError } from "./errors.ts";
import { identifier } from "./identifier.ts";
import type { FloatLayer, FloatNetwork } from "./network.ts";

/** weights * x + bias that waits for the next ReLU; without `weights` it is x + bias. */
interface Affine {
  readonly weights: readonly Float64Array[] | undefined;
  readonly bias: Float64Array;
}

/** Most multiplications that folding two matrices into one may take. */
const MAX_FOLDING = 2 ** 28;

/** The rows of a Gemm's or MatMul's matrix, one for each output, times `alpha`. */
function rowsOf(node: Extract<OnnxNode, { op: "Gemm" | "MatMul" }>): Float64Array[] {
  const { dims, data } = node.weight;
  const [first = 0, second = 0] = dims;
  const transposed = node.op === "Gemm" && node.transB;
  const alpha = node.op === "Gemm" ? node.alpha : 1;
  const [inner, outer] = transposed ? [second, first] : [first, second];
  return Array.from({ length: outer }, (_, row) =>
    Float64Array.from({ length: inner }, (__, column) => {
      const at = transposed ? row * inner + column : column * outer + row;
      return alpha * (data[at] ?? 0);
    }),
  );
}

/** A constant of one element, or of `width`, as a vector of `width`. */
function broadcast(data: Float32Array, width: number, factor: number): Float64Array {
  return Float64Array.from({ length: width }, (_, index) => factor * (data[data.length === 1 ? 0 : index] ?? 0));
}

/** The affine map `weights * x + bias` after `before`. */
function compose(before: Affine, weights: readonly Float64Array[], bias: Float64Array, layer: string): Affine {
  const inner = before.weights;
  const columns = inner?.[0]?.length ?? before.bias.length;
  if (inner !== undefined) {
    const work = weights.length * inner.length * columns;
    if (work > MAX_FOLDING)
      throw new LayerTooLargeError(layer, "multiplications to fold two layers", work, MAX_FOLDING);
  }
  const made = inner === undefined ? weights : weights.map((row) => multiply(row, inner, columns));
  const shifted = weights.map((row, place) =>
    row.reduce((sum, weight, index) => sum + weight * (before.bias[index] ?? 0), bias[place] ?? 0),
  );
  return { weights: made, bias: Float64Array.from(shifted) };
}

function multiply(row: Float64Array, matrix: readonly Float64Array[], columns: number): Float64Array {
  const out = new Float64Array(columns);
  for (const [index, weight] of row.entries()) {
    const source = matrix[index];
    if (weight === 0 || source === undefined) continue;
    for (let column = 0; column < columns; column++) out[column] = (out[column] ?? 0) + weight * (source[column] ?? 0);
  }
  return out;
}

/** `dims` without leading dimensions of 1; a vector of one element keeps its only dimension. */
function dropLeadingOnes(dims: readonly number[]): readonly number[] {
  const from = dims.findIndex((size) => size !== 1);
  return from < 0 ? [1] : dims.slice(from);
}

/**
 * Reduces a chain of ONNX nodes to dense layers with a ReLU in between. Affine steps that follow one another become one
 * matrix (in double precision); Identity, Flatten and Reshape vanish, because tensors are flat from here on.
 *
 * @throws {NothingToProveError} when the model computes nothing but shapes.
 * @throws {LayerTooLargeError} when the matrices have more than MAX_WEIGHTS elements together.
 */
export function lower(model: OnnxModel, name: string): FloatNetwork {
  const width = elementCount(model.input.dims);
  const layers: FloatLayer[] = [];
  let weightsLeft = MAX_WEIGHTS;
  let pending: Affine = { weights: undefined, bias: new Float64Array(width) };
  let source: string[] = [];

  const next = () => `dense${layers.length}`;
  const untouched = () => pending.weights === undefined && pending.bias.every((value) => value === 0);
  const flush = (relu: boolean) => {
    const size = pending.bias.length;
    const count = (pending.weights?.[0]?.length ?? size) * size;
    if (count > weightsLeft) {
      throw new LayerTooLargeError(
        next(),
        "weights in the model so far",
        MAX_WEIGHTS - weightsLeft + count,
        MAX_WEIGHTS,
      );
    }
    weightsLeft -= count;
    const identity = () =>
      Array.from({ length: size }, (_, row) => Float64Array.from({ length: size }, (__, at) => (at === row ? 1 : 0)));
    layers.push({ name: next(), source, weights: pending.weights ?? identity(), bias: pending.bias, relu });
    pending = { weights: undefined, bias: new Float64Array(size) };
    source = [];
  };

  for (const node of model.nodes) {
    const size = pending.bias.length;
    switch (node.op) {
      case "Gemm": {
        const rows = rowsOf(node);
        const bias =
          node.bias === undefined ? new Float64Array(rows.length) : broadcast(node.bias.data, rows.length, node.beta);
        pending = compose(pending, rows, bias, next());
        source.push(node.name);
        break;
      }
      case "MatMul": {
        const rows = rowsOf(node);
        pending = compose(pending, rows, new Float64Array(rows.length), next());
        source.push(node.name);
        break;
      }
      case "Add": {
        const added = broadcast(node.bias.data, size, 1);
        pending = { weights: pending.weights, bias: pending.bias.map((value, index) => value + (added[index] ?? 0)) };
        source.push(node.name);
        break;
      }
      case "Relu":
        // A ReLU right after a ReLU changes nothing.
        if (layers.length > 0 && untouched()) break;
        source.push(node.name);
        flush(true);
        break;
      default:
        break;
    }
  }
  if (!untouched()) flush(false);
  if (layers.length === 0) throw new NothingToProveError();

  const taken = identifier(model.input.name, "input");
  const made = identifier(model.output.name, "output");
  return {
    name,
    input: { name: taken, dims: dropLeadingOnes(model.input.dims), width },
    output: {
      name: made === taken ? `${made}_out` : made,
      dims: model.output.kind === "label" ? [1] : dropLeadingOnes(model.output.dims),
      kind: model.output.kind,
    },
    layers,
  };
}
