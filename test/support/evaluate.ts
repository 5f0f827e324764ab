import type { IntegerGraph, IntegerNode } from "../../compiler/src/graph/types.ts";

type Values = readonly bigint[];

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const cut = dividend / divisor;
  return dividend % divisor < 0n ? cut - 1n : cut;
}

/** The sum over i of a(i) b(i), plus `start`. */
function dot(start: number, count: number, product: (i: number) => bigint): bigint {
  let sum = BigInt(start);
  for (let i = 0; i < count; i++) sum += product(i);
  return sum;
}

function grid(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, at) => [...index, at])),
    [[]],
  );
}

/** From the place in the output back to the places in the input: the definition, not the compiler's loop. */
function conv(node: Extract<IntegerNode, { op: "conv" }>, x: Values): bigint[] {
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = node.shape;
  const long = (axis: 0 | 1) => {
    let count = 0;
    const padded = size[axis] + pads[axis] + (pads[axis === 0 ? 2 : 3] ?? 0);
    while (count * strides[axis] + dilations[axis] * (kernel[axis] - 1) < padded) count++;
    return count;
  };
  const pixel = (c: number, row: number, column: number) =>
    row < 0 || column < 0 || row >= size[0] || column >= size[1]
      ? 0n
      : (x[c * size[0] * size[1] + row * size[1] + column] as bigint);
  const perGroup = channels / groups;
  return grid([outputs, long(0), long(1)]).map(([o = 0, y = 0, z = 0]) => {
    const group = Math.floor((o * groups) / outputs);
    const taps = grid([perGroup, kernel[0], kernel[1]]);
    return dot(node.bias[o] as number, taps.length, (t) => {
      const [c = 0, i = 0, j = 0] = taps[t] ?? [];
      const [row, column] = [y * strides[0] + i * dilations[0] - pads[0], z * strides[1] + j * dilations[1] - pads[1]];
      return BigInt(node.weights[o * taps.length + t] as number) * pixel(group * perGroup + c, row, column);
    });
  });
}

function requantise({ shift, clamp }: Extract<IntegerNode, { op: "requantise" }>, value: bigint): bigint {
  const divisor = 2n ** BigInt(shift);
  const rounded = floorDivide(value + (shift === 0 ? 0n : divisor / 2n), divisor);
  if (rounded < clamp.min) return clamp.min;
  return rounded > clamp.max ? clamp.max : rounded;
}

function run(node: IntegerNode, read: (tensor: string) => Values): bigint[] {
  switch (node.op) {
    case "dense": {
      const x = read(node.input);
      const inner = x.length / node.rows;
      return grid([node.rows, node.weights.length]).map(([row = 0, j = 0]) =>
        dot(node.bias[j] as number, inner, (i) => BigInt(node.weights[j]?.[i] as number) * x[row * inner + i]!),
      );
    }
    case "conv":
      return conv(node, read(node.input));
    case "gather": {
      const all = [...node.inputs.flatMap((input) => [...read(input)]), ...node.constants.map(BigInt)];
      return node.index.map((from) => all[from] as bigint);
    }
    case "linear": {
      const all = node.inputs.map(read);
      return all[0]!.map((_, at) => dot(node.offset, all.length, (k) => BigInt(node.factors[k]!) * all[k]![at]!));
    }
    case "scale":
      return read(node.input).map((value, at) => BigInt(node.factors[at]!) * value + BigInt(node.offsets[at]!));
    case "sum":
    case "max":
    case "argmax": {
      const x = read(node.input);
      return Array.from({ length: x.length / node.width }, (_, row) => {
        const part = x.slice(row * node.width, (row + 1) * node.width);
        const best = part.findIndex((value) => part.every((other) => other <= value));
        if (node.op === "argmax") return BigInt(best);
        return node.op === "max" ? part[best]! : part.reduce((sum, value) => sum + value, 0n);
      });
    }
    case "requantise":
      return read(node.input).map((value) => requantise(node, value));
    case "lookup":
      return read(node.input).map((value) => BigInt(node.table[Number(value) - node.min] as number));
    case "multiply":
    case "greater":
    case "divide": {
      const right = read(node.right);
      return read(node.left).map((value, at) => {
        const other = right[at] as bigint;
        if (node.op === "multiply") return value * other;
        return node.op === "greater" ? BigInt(value > other) : floorDivide(2n * value + other, 2n * other);
      });
    }
    case "matmul": {
      const { batch, m, k, n } = node;
      const [left, right] = [read(node.left), read(node.right)];
      return grid([batch, m, n]).map(([b = 0, i = 0, j = 0]) =>
        dot(0, k, (t) => left[b * m * k + i * k + t]! * right[b * k * n + t * n + j]!),
      );
    }
    case "onehot":
      return read(node.input).flatMap((value) =>
        Array.from({ length: node.size }, (_, k) => BigInt(BigInt(k) === value)),
      );
  }
}

/** The meaning of an integer graph, written apart from everything that is tested against it. */
export function evaluate(graph: IntegerGraph, input: Values): ReadonlyMap<string, Values> {
  const values = new Map<string, Values>([[graph.input.name, input]]);
  for (const node of graph.nodes)
    values.set(
      node.output,
      run(node, (tensor) => values.get(tensor) as Values),
    );
  return values;
}
