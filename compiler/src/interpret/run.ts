import { quotient } from "../graph/intervals/pairs.ts";
import type { IntegerNode, RequantiseNode, RowsNode } from "../graph/types.ts";
import { elementCount, convOutput, forEachTap } from "../program/geometry.ts";

/** Elements of a tensor; all are integers. */
export type Values = ArrayLike<number>;

function each(count: number, make: (at: number) => number): number[] {
  const out = new Array<number>(count);
  for (let at = 0; at < count; at++) out[at] = make(at);
  return out;
}

function dense(
  rows: number,
  weights: readonly (readonly number[])[],
  bias: readonly number[],
  input: Values,
): number[] {
  const [outer, inner] = [weights.length, input.length / rows];
  return each(rows * outer, (at) => {
    const row = weights[at % outer]!;
    const start = Math.floor(at / outer) * inner;
    let sum = bias[at % outer]!;
    for (let i = 0; i < inner; i++) sum += row[i]! * input[start + i]!;
    return sum;
  });
}

function gather(inputs: readonly Values[], constants: Values, index: readonly number[]): number[] {
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && constants.length === 0) return index.map((from) => only[from]!);
  const all = [...inputs, constants].flatMap((part) => Array.from(part));
  return index.map((from) => all[from]!);
}

/** The place of the greatest of `width` elements from `start`; the lowest place wins a tie. */
function greatest(input: Values, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (input[start + i]! > input[start + best]!) best = i;
  return best;
}

function rows({ op, width }: RowsNode, input: Values): number[] {
  return each(input.length / width, (row) => {
    const start = row * width;
    if (op === "argmax") return greatest(input, start, width);
    if (op === "max") return input[start + greatest(input, start, width)]!;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += input[start + i]!;
    return sum;
  });
}

function requantise({ shift, clamp }: RequantiseNode, input: Values): number[] {
  const [min, max] = [Number(clamp.min), Number(clamp.max)];
  const half = shift === 0 ? 0 : 2 ** (shift - 1);
  return each(input.length, (at) => Math.min(Math.max(Math.floor((input[at]! + half) / 2 ** shift), min), max));
}

/**
 * What a node makes of what it reads: exact in doubles, for a node of a verified graph and inputs in their intervals.
 * Where those do not hold the result may be anything, NaN included.
 */
export function runNode(node: IntegerNode, read: (tensor: string) => Values): number[] {
  switch (node.op) {
    case "dense":
      return dense(node.rows, node.weights, node.bias, read(node.input));
    case "conv": {
      const input = read(node.input);
      const area = elementCount(convOutput(node.shape));
      const out = each(node.shape.outputs * area, (at) => node.bias[Math.floor(at / area)]!);
      forEachTap(node.shape, (to, from, weight) => (out[to]! += node.weights[weight]! * input[from]!));
      return out;
    }
    case "gather":
      return gather(node.inputs.map(read), node.constants, node.index);
    case "linear": {
      const inputs = node.inputs.map(read);
      return each(inputs[0]?.length ?? 0, (at) =>
        inputs.reduce((sum, input, k) => sum + node.factors[k]! * input[at]!, node.offset),
      );
    }
    case "scale": {
      const input = read(node.input);
      return each(input.length, (at) => node.offsets[at]! + node.factors[at]! * input[at]!);
    }
    case "sum":
    case "max":
    case "argmax":
      return rows(node, read(node.input));
    case "requantise":
      return requantise(node, read(node.input));
    case "lookup": {
      const input = read(node.input);
      return each(input.length, (at) => node.table[input[at]! - node.min]!);
    }
    case "multiply":
    case "greater":
    case "divide": {
      const [left, right] = [read(node.left), read(node.right)];
      // Adding 0 turns -0 into 0.
      if (node.op === "multiply") return each(left.length, (at) => left[at]! * right[at]! + 0);
      if (node.op === "divide") return each(left.length, (at) => quotient(left[at]!, right[at]!));
      return each(left.length, (at) => (left[at]! > right[at]! ? 1 : 0));
    }
    case "matmul": {
      const { batch, m, k, n } = node;
      const [left, right] = [read(node.left), read(node.right)];
      return each(batch * m * n, (at) => {
        const row = Math.floor(at / n);
        const [from, start] = [row * k, Math.floor(row / m) * k * n + (at % n)];
        let sum = 0;
        for (let t = 0; t < k; t++) sum += left[from + t]! * right[start + t * n]!;
        return sum;
      });
    }
    case "onehot": {
      const input = read(node.input);
      return each(input.length * node.size, (at) => (input[Math.floor(at / node.size)] === at % node.size ? 1 : 0));
    }
  }
}
