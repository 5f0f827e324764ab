import { convOutput, forEachTap } from "../../program/geometry.ts";
import type { ConvNode, DenseNode, LinearNode, MatMulNode, RowsNode, ScaleNode } from "../types.ts";
import { checkReach, emptySpans, sizeAt, type Spans } from "./spans.ts";

/**
 * Intervals of sums, with the reach of each: the sum of its terms' greatest sizes. Below 2^24 every partial sum is exact
 * in float32, in whatever order it is formed. Rounding of doubles does not matter: a reach only grows, and one that was
 * rounded is far over the limit.
 */
class Sums {
  readonly spans: Spans;
  readonly #reach: Float64Array;

  /** Starts each sum at `first`. */
  constructor(width: number, first: (at: number) => number) {
    this.spans = emptySpans(width);
    this.#reach = new Float64Array(width);
    const { min, max } = this.spans;
    for (let at = 0; at < width; at++) {
      min[at] = first(at);
      max[at] = min[at]!;
      this.#reach[at] = Math.abs(min[at]!);
    }
  }

  /** Adds `factor` times element `from` of `input` to sum `at`. */
  add(at: number, factor: number, input: Spans, from: number): void {
    const { min, max } = this.spans;
    const [least, most] = [input.min[from]!, input.max[from]!];
    min[at]! += factor * (factor >= 0 ? least : most);
    max[at]! += factor * (factor >= 0 ? most : least);
    this.#reach[at]! += Math.abs(factor) * Math.max(-least, most);
  }

  /** Adds the product of two elements to sum `at`. */
  addProduct(at: number, left: Spans, from: number, right: Spans, other: number): void {
    const [a, b, c, d] = [left.min[from]!, left.max[from]!, right.min[other]!, right.max[other]!];
    this.spans.min[at]! += Math.min(a * c, a * d, b * c, b * d);
    this.spans.max[at]! += Math.max(a * c, a * d, b * c, b * d);
    this.#reach[at]! += sizeAt(left, from) * sizeAt(right, other);
  }

  /** @throws {AccumulatorOverflowError} when a reach is 2^24 or more. */
  finish(name: string): Spans {
    for (let at = 0; at < this.#reach.length; at++) checkReach(name, at, this.#reach[at]!);
    return this.spans;
  }
}

export function denseSpans({ name, rows, weights, bias }: DenseNode, input: Spans): Spans {
  const [outer, inner] = [weights.length, input.min.length / rows];
  const sums = new Sums(rows * outer, (at) => bias[at % outer]!);
  for (let row = 0; row < rows; row++) {
    for (const [j, factors] of weights.entries()) {
      for (let i = 0; i < inner; i++) sums.add(row * outer + j, factors[i]!, input, row * inner + i);
    }
  }
  return sums.finish(name);
}

export function convSpans({ name, shape, weights, bias }: ConvNode, input: Spans): Spans {
  const [height, width] = convOutput(shape);
  const area = height * width;
  const sums = new Sums(shape.outputs * area, (at) => bias[Math.floor(at / area)]!);
  forEachTap(shape, (to, from, weight) => sums.add(to, weights[weight]!, input, from));
  return sums.finish(name);
}

/** An input that is read twice counts twice: x - x is not known to be 0. */
export function linearSpans({ name, factors, offset }: LinearNode, inputs: readonly Spans[], width: number): Spans {
  const sums = new Sums(width, () => offset);
  for (const [k, input] of inputs.entries()) {
    for (let at = 0; at < width; at++) sums.add(at, factors[k]!, input, at);
  }
  return sums.finish(name);
}

export function scaleSpans({ name, factors, offsets }: ScaleNode, input: Spans): Spans {
  const sums = new Sums(factors.length, (at) => offsets[at]!);
  for (const [at, factor] of factors.entries()) sums.add(at, factor, input, at);
  return sums.finish(name);
}

export function sumSpans({ name, width }: RowsNode, input: Spans): Spans {
  const sums = new Sums(input.min.length / width, () => 0);
  for (let at = 0; at < input.min.length; at++) sums.add(Math.floor(at / width), 1, input, at);
  return sums.finish(name);
}

export function matMulSpans({ name, batch, m, k, n }: MatMulNode, left: Spans, right: Spans): Spans {
  const sums = new Sums(batch * m * n, () => 0);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < m; i++) {
      for (let t = 0; t < k; t++) {
        for (let j = 0; j < n; j++) {
          sums.addProduct((b * m + i) * n + j, left, (b * m + i) * k + t, right, (b * k + t) * n + j);
        }
      }
    }
  }
  return sums.finish(name);
}
