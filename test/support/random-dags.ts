import { hull, nodeIntervals, type Intervals } from "../../compiler/src/graph/bounds.ts";
import { AccumulatorOverflowError } from "../../compiler/src/graph/errors.ts";
import { inputsOf, type IntegerDtype, type IntegerGraph, type IntegerNode } from "../../compiler/src/graph/types.ts";
import { convOutput, elementCount } from "../../compiler/src/program/geometry.ts";
import { graphOf, interval } from "./graphs.ts";
import { randomIntegers, tensor } from "./random-graphs.ts";

export type Op = IntegerNode["op"];

/** Every op of a graph. */
export const OPS: readonly Op[] = [
  "dense",
  "conv",
  "gather",
  "linear",
  "scale",
  "sum",
  "max",
  "argmax",
  "requantise",
  "lookup",
  "multiply",
  "greater",
  "divide",
  "matmul",
  "onehot",
];

type Body = IntegerNode extends infer Each ? (Each extends IntegerNode ? Omit<Each, "name" | "output"> : never) : never;

/** A graph while it grows. Tensors are known by name. */
class Builder {
  readonly nodes: IntegerNode[] = [];
  readonly random: (min: number, max: number) => number;
  readonly #tensors = new Map<string, Intervals>();

  constructor(random: (min: number, max: number) => number, input: string, intervals: Intervals) {
    this.random = random;
    this.#tensors.set(input, intervals);
  }

  /** @throws {AccumulatorOverflowError} when a number may reach 2^24; then nothing was added. */
  add(body: Body): string {
    const name = `${body.op}${this.nodes.length}`;
    const node = { ...body, name, output: `t${this.nodes.length}` } as IntegerNode;
    this.#tensors.set(
      node.output,
      nodeIntervals(node, (input) => this.intervals(input)),
    );
    this.nodes.push(node);
    return node.output;
  }

  intervals(name: string): Intervals {
    return this.#tensors.get(name) ?? [];
  }

  width(name: string): number {
    return this.intervals(name).length;
  }

  size(name: string): number {
    const { min, max } = hull(this.intervals(name));
    return Math.max(Number(-min), Number(max));
  }

  /** Tensors that nothing reads yet. */
  unread(): string[] {
    const read = new Set(this.nodes.flatMap(inputsOf));
    return [...this.#tensors.keys()].filter((name) => !read.has(name));
  }

  one<T>(values: readonly T[]): T {
    return values[this.random(0, values.length - 1)] as T;
  }

  many(count: number, min: number, max: number): number[] {
    return Array.from({ length: count }, () => this.random(min, max));
  }

  /** Any tensor, mostly one that nothing reads yet. */
  pick(): string {
    const unread = this.unread();
    return unread.length > 0 && this.random(0, 3) > 0 ? this.one(unread) : this.one([...this.#tensors.keys()]);
  }

  divisor(count: number): number {
    return this.one(Array.from({ length: count }, (_, at) => at + 1).filter((each) => count % each === 0));
  }

  /** A tensor of `width` elements: one that has so many, or elements of another. */
  ofWidth(width: number): string {
    const from = this.pick();
    if (this.width(from) === width) return from;
    return this.add({ op: "gather", inputs: [from], constants: [], index: this.many(width, 0, this.width(from) - 1) });
  }

  /** The tensor, shifted until it is at most 2^bits in size. */
  narrow(name: string, bits: number): string {
    const size = this.size(name);
    if (size <= 2 ** bits) return name;
    const shift = Math.ceil(Math.log2(size)) - bits;
    const least = this.random(0, 2) === 0 ? 0 : -(2 ** bits);
    return this.add({ op: "requantise", input: name, shift, clamp: interval(least, 2 ** bits - 1) });
  }

  /** The tensor forced into [min, max]. */
  clamped(name: string, min: number, max: number): string {
    const shift = Math.max(0, Math.ceil(Math.log2(this.size(name) + 1)) - 4 - this.random(0, 4));
    return this.add({ op: "requantise", input: name, shift, clamp: interval(min, max) });
  }
}

function addConv(build: Builder): void {
  const { random } = build;
  const width = random(4, 24);
  const input = build.narrow(build.ofWidth(width), 8);
  const channels = build.divisor(width);
  const height = build.divisor(width / channels);
  const size = [height, width / channels / height] as const;
  const groups = build.divisor(channels);
  const outputs = groups * random(1, 2);
  const pads = [random(0, 2), random(0, 1), random(0, 1), random(0, 2)] as const;
  const strides = [random(1, 2), random(1, 3)] as const;
  const dilations = [random(1, 2), random(1, 2)] as const;
  const wanted = {
    channels,
    size,
    outputs,
    kernel: [random(1, 3), random(1, 3)] as const,
    strides,
    pads,
    dilations,
    groups,
  };
  const fits = convOutput(wanted).every((each) => each >= 1);
  const shape = fits ? wanted : { ...wanted, kernel: [1, 1] as const };
  const count = (outputs * channels * elementCount(shape.kernel)) / groups;
  build.add({ op: "conv", input, shape, weights: build.many(count, -99, 99), bias: build.many(outputs, -999, 999) });
}

function addGather(build: Builder): void {
  const { random } = build;
  const inputs = Array.from({ length: random(0, 6) === 0 ? 0 : random(1, 3) }, () => build.pick());
  const constants = build.many(inputs.length === 0 ? random(1, 4) : random(-2, 3) > 0 ? 2 : 0, -2000, 2000);
  const total = inputs.reduce((sum, name) => sum + build.width(name), constants.length);
  const whole = total <= 16 && random(0, 2) === 0;
  const index = whole ? Array.from({ length: total }, (_, at) => at) : build.many(random(1, 10), 0, total - 1);
  build.add({ op: "gather", inputs, constants, index });
}

function addMatMul(build: Builder): void {
  const { random } = build;
  const [batch, m, k, n] = [random(1, 2), random(1, 3), random(1, 4), random(1, 3)];
  const left = build.narrow(build.ofWidth(batch * m * k), 9);
  const right = random(0, 3) === 0 && m === n ? left : build.narrow(build.ofWidth(batch * k * n), 9);
  build.add({ op: "matmul", left, right, batch, m, k, n });
}

/** One node of this kind, and the ones before it that make its input fit. */
function addNode(build: Builder, op: Op): void {
  const { random } = build;
  const from = build.pick();
  const width = build.width(from);
  switch (op) {
    case "dense": {
      const input = build.narrow(from, 9);
      const rows = build.divisor(width);
      const weights = Array.from({ length: random(1, 4) }, () => build.many(width / rows, -300, 300));
      build.add({ op, input, rows, weights, bias: build.many(weights.length, -5000, 5000) });
      return;
    }
    case "conv":
      return addConv(build);
    case "gather":
      return addGather(build);
    case "linear": {
      const inputs = [from, ...Array.from({ length: random(0, 2) }, () => build.ofWidth(width))];
      const narrow = inputs.map((name) => build.narrow(name, 18));
      build.add({ op, inputs: narrow, factors: build.many(inputs.length, -4, 4), offset: random(-99, 99) });
      return;
    }
    case "scale": {
      const input = build.narrow(from, 12);
      build.add({ op, input, factors: build.many(width, -500, 500), offsets: build.many(width, -9999, 9999) });
      return;
    }
    case "sum":
      build.add({ op, input: build.narrow(from, 18), width: build.divisor(width) });
      return;
    case "max":
    case "argmax":
      build.add({ op, input: from, width: build.divisor(width) });
      return;
    case "requantise": {
      const least = random(-200, 100);
      build.add({ op, input: from, shift: random(0, 9), clamp: interval(least, least + random(0, 400)) });
      return;
    }
    case "lookup": {
      const input = build.narrow(from, 6);
      const { min, max } = hull(build.intervals(input));
      const start = Number(min) - random(0, 2);
      const table = build.many(Number(max) - start + random(1, 3), -3000, 3000);
      build.add({ op, input, min: start, table });
      return;
    }
    case "multiply": {
      const left = build.narrow(from, 11);
      const right = random(0, 2) === 0 ? left : build.narrow(build.ofWidth(width), 11);
      build.add({ op, left, right });
      return;
    }
    case "greater":
      build.add({ op, left: from, right: random(0, 9) === 0 ? from : build.ofWidth(width) });
      return;
    case "divide": {
      const right = build.clamped(build.ofWidth(width), 1, random(1, 300));
      build.add({ op, left: build.narrow(from, 22), right });
      return;
    }
    case "matmul":
      return addMatMul(build);
    case "onehot": {
      const size = random(1, 5);
      build.add({ op, input: build.clamped(build.ofWidth(Math.min(width, 6)), 0, size - 1), size });
    }
  }
}

/** Elements of every tensor that nothing reads, a few of each, so that the output depends on every node. */
function addOutput(build: Builder): void {
  const loose = build.unread();
  const [only] = loose;
  if (loose.length === 1 && build.nodes.at(-1)?.output === only && build.random(0, 1) === 0) return;
  const index: number[] = [];
  let start = 0;
  for (const name of loose) {
    const width = build.width(name);
    index.push(...build.many(Math.min(width, 3), start, start + width - 1));
    start += width;
  }
  build.add({ op: "gather", inputs: loose, constants: [], index });
}

const INPUTS: readonly (readonly [IntegerDtype, least: number, most: number])[] = [
  ["u8", 0, 255],
  ["u8", 3, 90],
  ["i8", -128, 127],
  ["i8", -7, 5],
  ["u16", 0, 40_000],
  ["i16", -2_000, 30_000],
  ["i32", -90_000, 70_000],
];

/**
 * A small valid graph of random nodes, each kind in `ops` at least once, in random order; without `ops`, of 3 to 9 kinds.
 * Tensors have at most some dozens of elements. The same seed gives the same graph.
 */
export function randomDag({ seed, ops }: { readonly seed: number; readonly ops?: readonly Op[] }): IntegerGraph {
  const random = randomIntegers(seed);
  const shuffled = (values: readonly Op[]) =>
    values.map((op) => [random(0, 2 ** 30), op] as const).sort(([a], [b]) => a - b);
  const width = random(2, 8);
  const [dtype, least, most] = INPUTS[random(0, INPUTS.length - 1)] as (typeof INPUTS)[number];
  const input = tensor("x", dtype, random(0, 1) === 0 ? [width] : [1, width], BigInt(least), BigInt(most));
  const build = new Builder(
    random,
    "x",
    Array.from({ length: width }, () => input.range),
  );
  for (const [, op] of shuffled(
    ops ??
      shuffled(OPS)
        .slice(0, random(3, 9))
        .map(([, each]) => each),
  )) {
    for (let tries = 0; ; tries++) {
      try {
        addNode(build, op);
        break;
      } catch (error) {
        // Too large by chance; what made its inputs fit stays.
        if (!(error instanceof AccumulatorOverflowError) || tries > 20) throw error;
      }
    }
  }
  addOutput(build);
  const graph = graphOf(`random dag ${seed}`, input, build.nodes);
  const cut = random(1, width - 1);
  const inputParts = [
    { name: "first", dims: [cut] },
    { name: "second", dims: [1, width - cut] },
  ];
  return { ...graph, inputParts };
}
