import type { IntegerDtype, IntegerGraph, IntegerNode, Interval, TensorSpec } from "../../compiler/src/graph/types.ts";
import { randomOf } from "../../compiler/src/random.ts";
import { graphOf } from "./graphs.ts";

export { evaluate } from "./evaluate.ts";

/** A small deterministic generator, so that a failing case can be had again. */
export function randomIntegers(seed: number): (min: number, max: number) => number {
  const random = randomOf(seed);
  return (min, max) => min + Math.floor(random() * (max - min + 1));
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
  let [from, width] = [input.name, input.dims.reduce((a, b) => a * b, 1)];
  const dense = (name: string, count: number): void => {
    const weights = Array.from({ length: count }, () => Array.from({ length: width }, () => random(-weight, weight)));
    const bias = weights.map(() => random(-1000, 1000));
    nodes.push({ op: "dense", name, input: from, output: name, rows: 1, weights, bias });
    [from, width] = [name, count];
  };
  for (const [index, layer] of hidden.entries()) {
    dense(`dense${index}`, layer.width);
    const name = `relu${index}`;
    nodes.push({ op: "requantise", name, input: from, output: name, shift: layer.shift, clamp: layer.clamp });
    from = name;
  }
  dense(output === "logits" ? "output" : "logits", outputs);
  if (output === "argmax") nodes.push({ op: "argmax", name: "argmax", input: "logits", output: "output", width });
  const graph = graphOf(`random mlp ${seed}`, input, nodes);
  if (output === "argmax") return { ...graph, output: { ...graph.output, dtype: "u8" } };
  const dims = [1, outputs];
  return { ...graph, output: { ...graph.output, dims }, outputParts: [{ name: "output", dims }] };
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
