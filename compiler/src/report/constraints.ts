import { publicLayout, WORD_BYTES, type PortLayout } from "../emit/circom/layout.ts";
import { privateBounds } from "../emit/circom/private-bounds.ts";
import { sharingOf } from "../emit/circom/private-nodes.ts";
import { weightGroups, weightWordCount } from "../emit/circom/private-weights.ts";
import { graphSpans } from "../graph/derive.ts";
import { toIntervals, toSpans, type Spans } from "../graph/intervals/spans.ts";
import { inputsOf, type ConvNode, type IntegerGraph, type IntegerNode, type Interval } from "../graph/types.ts";
import { forEachTap } from "../program/geometry.ts";

/** Constraints that a graph's circuit is expected to have, by what they are for. */
export interface ConstraintEstimate {
  readonly input: number;
  readonly words: number;
  /** Each node's, in the graph's order. */
  readonly nodes: readonly number[];
  readonly total: number;
}

/** Binary digits of a number that is not negative; below 2^53. */
function digits(value: number): number {
  return value <= 0 ? 0 : Math.floor(Math.log2(value)) + 1;
}

/** What `AboveConstant` costs: the digits after the trailing ones of the constant, less the first of them. */
function aboveCost(taken: number, limit: number): number {
  let ones = 0;
  while (Math.floor(limit / 2 ** ones) % 2 === 1) ones++;
  return Math.max(0, taken - 1 - ones);
}

/** Constraints of one rounding of a value in [min, max]; `circuits/nn/requantise.circom` is what it counts. */
export function requantiseCost(min: number, max: number, shift: number, clamp: Interval): number {
  const [least, most] = [Number(clamp.min), Number(clamp.max)];
  const half = shift === 0 ? 0 : 2 ** (shift - 1);
  const made = (value: number) => Math.min(Math.max(Math.floor((value + half) / 2 ** shift), least), most);
  if (made(min) === made(max)) return 0;
  const offset = half - least * 2 ** shift;
  const [low, high] = [min + offset, max + offset];
  const signed = low < 0;
  const magnitude = signed ? Math.max(digits(-low - 1), digits(high)) : digits(high);
  const width = magnitude + (signed ? 1 : 0);
  const kept = digits(most - least);
  const taken = Math.min(magnitude - shift, kept);
  const above = 2 ** taken - 1 > most - least;
  const causes = Math.max(0, magnitude - shift - kept) + (signed ? 1 : 0) + (above ? 1 : 0);
  return width + Math.max(1, Math.min(causes, 2)) + (above ? aboveCost(taken, most - least) : 0);
}

/** What `Lookup` costs for so many entries. */
function lookupCost(entries: number): number {
  let least = entries;
  for (let step = 1; step * step < 2 * entries; step++) {
    least = Math.min(least, step + Math.ceil((entries - 1) / step));
  }
  return Math.max(0, least - 2);
}

function rowCost({ min, max }: Spans, width: number, cost: (low: number[], high: number[]) => number): number {
  let total = 0;
  for (let at = 0; at < min.length; at += width) {
    total += cost(Array.from(min.subarray(at, at + width)), Array.from(max.subarray(at, at + width)));
  }
  return total;
}

function maxCost(low: readonly number[], high: readonly number[]): number {
  let [total, least, most] = [0, low[0]!, high[0]!];
  for (let at = 1; at < low.length; at++) {
    const [from, to] = [low[at]!, high[at]!];
    if (to > least && from < most) total += 1 + digits(Math.max(most - from, to - least));
    [least, most] = [Math.max(least, from), Math.max(most, to)];
  }
  return total;
}

function argMaxCost(low: readonly number[], high: readonly number[]): number {
  const greatest = high.reduce((most, each) => Math.max(most, each), -Infinity);
  const bits = low.reduce((sum, each) => sum + Math.max(1, digits(greatest - each)), 0);
  return 3 * low.length + (low.length > 2 ? 0 : -1) + bits;
}

function elementwise(count: number, cost: (at: number) => number): number {
  let total = 0;
  for (let at = 0; at < count; at++) total += cost(at);
  return total;
}

/** What has at most one weight is no sum; circom writes such a signal as the other one. */
function hasSum(weights: readonly number[]): boolean {
  let terms = 0;
  for (const weight of weights) if (weight !== 0 && ++terms > 1) return true;
  return false;
}

function convCost({ shape, weights }: ConvNode, count: number): number {
  const terms = new Uint32Array(count);
  forEachTap(shape, (to, _, weight) => {
    if (weights[weight] !== 0) terms[to]!++;
  });
  return terms.reduce((sum, each) => sum + (each > 1 ? 1 : 0), 0);
}

function nodeCost(node: IntegerNode, inputs: readonly Spans[], made: Spans): number {
  const count = made.min.length;
  const [a, b] = inputs as readonly [Spans, Spans];
  switch (node.op) {
    case "gather":
      return 0;
    case "dense":
      return node.rows * node.weights.filter(hasSum).length;
    case "conv":
      return convCost(node, count);
    case "sum":
      return count;
    case "scale":
      return node.factors.filter((factor, at) => factor !== 0 && (factor !== 1 || node.offsets[at] !== 0)).length;
    case "linear":
      return node.inputs.length === 1 && node.factors[0] === 1 && node.offset === 0 ? 0 : count;
    case "max":
      return rowCost(a, node.width, maxCost);
    case "argmax":
      return rowCost(a, node.width, argMaxCost);
    case "requantise":
      return elementwise(a.min.length, (at) => requantiseCost(a.min[at]!, a.max[at]!, node.shift, node.clamp));
    case "lookup":
      return count * lookupCost(node.table.length);
    case "multiply":
      return count;
    case "greater":
      return elementwise(count, (at) => {
        const [low, high] = [a.min[at]! - b.max[at]!, a.max[at]! - b.min[at]!];
        return high <= 0 || low > 0 ? 0 : low === 0 && high === 1 ? 1 : 1 + digits(Math.max(high - 1, -low));
      });
    case "divide":
      return elementwise(count, (at) => {
        const span = made.max[at]! - made.min[at]!;
        return span === 0 ? 0 : 1 + digits(span) + 2 * digits(2 * b.max[at]! - 1);
      });
    case "matmul": {
      const { batch, m, k, n } = node;
      if (m * n <= m + n) return batch * m * k * n;
      return batch * (Math.floor(k / 2) * (m * n + m + n) + (k % 2) * m * n);
    }
    case "onehot":
      return a.min.length * (node.size + 1);
  }
}

/** A port's elements that are taken apart: those that can be negative, and those that lie in two words. */
function portCost({ offset, header, bytesPerElement: size }: PortLayout, { min, max }: Spans): number {
  const start = offset + header.length;
  return elementwise(min.length, (at) => {
    if (min[at]! < 0) return 4 + Math.max(digits(-min[at]! - 1), digits(max[at]!));
    const last = start + (at + 1) * size - 1;
    const first = last - Math.max(1, Math.ceil(digits(max[at]!) / 8)) + 1;
    const one = Math.floor(first / WORD_BYTES) === Math.floor(last / WORD_BYTES);
    return one ? 0 : 1 + digits(max[at]!);
  });
}

/** What proves private weights to be in range and under their commitment. */
function weightCost(graph: IntegerGraph): { readonly ranges: number; readonly hash: number } {
  const groups = weightGroups(graph);
  const words = groups.reduce((sum, group) => sum + weightWordCount(group), 0);
  const ranges = groups.reduce((sum, { bits, values }) => sum + bits * values.length, 0);
  // Poseidon takes 15 values at a time.
  return { ranges: ranges + words, hash: 2_092 * Math.ceil((1 + words) / 15) };
}

/**
 * Counts the constraints of a graph's circuit from its bounds, without circom: close to what it will have (tests hold it
 * to 3 %), and some thousand times faster. `compileCircuit` has the true count.
 *
 * @throws {LayerTooLargeError | AccumulatorOverflowError | GraphInvalidError} as `verifyGraph`.
 */
export function estimateConstraints(graph: IntegerGraph): ConstraintEstimate {
  const hidden = graph.weightsSalt !== undefined;
  const spans = hidden
    ? new Map(Array.from(privateBounds(graph), ([tensor, each]) => [tensor, toSpans(each)]))
    : graphSpans(graph);
  const of = (tensor: string): Spans => spans.get(tensor)!;
  const { min, max } = graph.input.range;
  const secret = hidden ? weightCost(graph) : { ranges: 0, hash: 0 };
  const input = (graph.widths[graph.input.name] ?? 0) * digits(Number(max - min)) + secret.ranges;
  const layout = publicLayout(graph);
  const words =
    secret.hash +
    layout.words +
    portCost(layout.input, of(graph.input.name)) +
    portCost(layout.output, of(graph.output.name));
  const nodes = graph.nodes.map((node) => {
    const inputs = inputsOf(node).map(of);
    if (hidden && (node.op === "dense" || node.op === "conv"))
      return sharingOf(node, inputs[0]!.min.length, toIntervals(of(node.output))).constraints;
    return hidden && node.op === "scale" ? node.factors.length : nodeCost(node, inputs, of(node.output));
  });
  return { input, words, nodes, total: nodes.reduce((sum, each) => sum + each, input + words) };
}
