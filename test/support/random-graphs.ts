import type { IntegerDtype, IntegerGraph, IntegerNode, Interval, TensorSpec } from "../../compiler/src/graph/types.ts";

/** A small deterministic generator, so that a failing case can be had again. */
export function randomIntegers(seed: number): (min: number, max: number) => number {
  let state = seed >>> 0;
  return (min, max) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return min + Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (max - min + 1));
  };
}

export function tensor(
  name: string,
  dtype: IntegerDtype,
  dims: readonly number[],
  min: bigint,
  max: bigint,
): TensorSpec {
  return { name, dtype, dims, range: { min, max }, scale: 1, zeroPoint: 0 };
}

/** A layer of a test network. */
export interface LayerShape {
  readonly width: number;
  readonly shift: number;
  readonly clamp: Interval;
}

/** A fully connected network with random weights; `argmax` or the last layer's sums as output. */
export function randomMlp(options: {
  readonly seed: number;
  readonly input: TensorSpec;
  readonly hidden: readonly LayerShape[];
  readonly outputs: number;
  readonly output: "argmax" | "logits";
  readonly weight?: number;
}): IntegerGraph {
  const { seed, input, hidden, outputs, output, weight = 127 } = options;
  const random = randomIntegers(seed);
  const nodes: IntegerNode[] = [];
  const ranges: Record<string, Interval> = { [input.name]: input.range };
  const widths: Record<string, number> = {};
  let from = input.name;
  let width = input.dims.reduce((a, b) => a * b, 1);
  widths[from] = width;
  let range = input.range;
  const dense = (name: string, rows: number): Interval => {
    const weights = Array.from({ length: rows }, () => Array.from({ length: width }, () => random(-weight, weight)));
    const bias = weights.map(() => random(-1000, 1000));
    const bounds = weights.map((row, j) => {
      let [low, high] = [BigInt(bias[j] as number), BigInt(bias[j] as number)];
      for (const w of row) {
        const ends = [BigInt(w) * range.min, BigInt(w) * range.max].sort((a, b) => (a < b ? -1 : 1));
        low += ends[0] as bigint;
        high += ends[1] as bigint;
      }
      return { min: low, max: high };
    });
    nodes.push({ op: "dense", name, input: from, output: name, weights, bias, bounds });
    const all = {
      min: bounds.reduce((m, b) => (b.min < m ? b.min : m), 0n),
      max: bounds.reduce((m, b) => (b.max > m ? b.max : m), 0n),
    };
    [from, width, range, ranges[name], widths[name]] = [name, rows, all, all, rows];
    return all;
  };
  for (const [index, layer] of hidden.entries()) {
    dense(`dense${index}`, layer.width);
    const name = `relu${index}`;
    nodes.push({ op: "requantise", name, input: from, output: name, shift: layer.shift, clamp: layer.clamp });
    [from, range, ranges[name], widths[name]] = [name, layer.clamp, layer.clamp, width];
  }
  const last = dense(output === "logits" ? "output" : "logits", outputs);
  if (output === "argmax") {
    nodes.push({ op: "argmax", name: "argmax", input: "logits", output: "output" });
    ranges["output"] = { min: 0n, max: BigInt(outputs - 1) };
    widths["output"] = 1;
  }
  return {
    format: "assay.graph/1",
    name: `random mlp ${seed}`,
    input,
    output:
      output === "argmax"
        ? tensor("output", "u8", [1], 0n, BigInt(outputs - 1))
        : tensor("output", "i32", [1, outputs], last.min, last.max),
    nodes,
    widths,
    ranges,
  };
}

/** The shape of the digits model, 64-32-10, with random eight-bit weights. */
export function digitsLikeGraph(seed = 1, max = 16n): IntegerGraph {
  return randomMlp({
    seed,
    input: tensor("input", "u8", [1, 64], 0n, max),
    hidden: [{ width: 32, shift: 7, clamp: { min: 0n, max: 255n } }],
    outputs: 10,
    output: "argmax",
  });
}

/** The meaning of an integer graph, written apart from everything that is tested against it. */
export function evaluate(graph: IntegerGraph, input: readonly bigint[]): ReadonlyMap<string, readonly bigint[]> {
  const values = new Map<string, readonly bigint[]>([[graph.input.name, input]]);
  for (const node of graph.nodes) {
    const x = values.get(node.input) as readonly bigint[];
    switch (node.op) {
      case "dense":
        values.set(
          node.output,
          node.weights.map((row, j) =>
            row.reduce((sum, w, i) => sum + BigInt(w) * (x[i] as bigint), BigInt(node.bias[j] as number)),
          ),
        );
        break;
      case "requantise":
        values.set(
          node.output,
          x.map((value) => {
            const divisor = 2n ** BigInt(node.shift);
            const shifted = value + (node.shift === 0 ? 0n : divisor / 2n);
            const floor = shifted >= 0n ? shifted / divisor : -((-shifted + divisor - 1n) / divisor);
            if (floor < node.clamp.min) return node.clamp.min;
            return floor > node.clamp.max ? node.clamp.max : floor;
          }),
        );
        break;
      case "argmax":
        values.set(node.output, [BigInt(x.findIndex((value) => x.every((other) => other <= value)))]);
        break;
    }
  }
  return values;
}

const CODES: Readonly<Record<IntegerDtype, readonly [code: number, bytes: number]>> = {
  u8: [1, 1],
  i8: [2, 1],
  u16: [3, 2],
  i16: [4, 2],
  u32: [5, 4],
  i32: [6, 4],
};

/** Canonical tensor encoding: dtype code, rank, dims, then the data, all big-endian. */
export function encodeTensor({ dtype, dims }: TensorSpec, data: readonly bigint[]): Uint8Array {
  const [code, size] = CODES[dtype];
  const bytes = [code, dims.length];
  for (const dim of dims) bytes.push((dim >>> 24) & 255, (dim >>> 16) & 255, (dim >>> 8) & 255, dim & 255);
  for (const value of data) {
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes.push(Number((value >> BigInt(shift)) & 255n));
  }
  return Uint8Array.from(bytes);
}

/** Random legal inputs, the extremes first: all least, all greatest, and a chequer of both. */
export function* legalInputs(spec: TensorSpec, count: number, seed = 7): Generator<bigint[]> {
  const random = randomIntegers(seed);
  const length = spec.dims.reduce((a, b) => a * b, 1);
  const { min, max } = spec.range;
  const fill = (value: (index: number) => bigint): bigint[] => Array.from({ length }, (_, i) => value(i));
  yield fill(() => min);
  yield fill(() => max);
  yield fill((i) => (i % 2 === 0 ? min : max));
  yield fill((i) => (i % 2 === 0 ? max : min));
  for (let i = 4; i < count; i++) {
    const edges = i % 5 === 0;
    yield fill(() => (edges ? (random(0, 1) === 0 ? min : max) : BigInt(random(Number(min), Number(max)))));
  }
}
