import { graphIntervals, hull } from "../../compiler/src/graph/bounds.ts";
import type { IntegerGraph, IntegerNode, Interval, TensorSpec } from "../../compiler/src/graph/types.ts";

export const interval = (min: number, max: number): Interval => ({ min: BigInt(min), max: BigInt(max) });

/**
 * A graph of these nodes, whose output is what the last one makes; it claims exactly what the compiler derives.
 *
 * @throws as `graphIntervals`.
 */
export function graphOf(name: string, input: TensorSpec, nodes: readonly IntegerNode[]): IntegerGraph {
  const made = nodes.at(-1)?.output ?? "";
  const loose: IntegerGraph = {
    format: "assay.graph/2",
    name,
    input,
    output: { name: made, dtype: "i32", dims: [1], range: interval(0, 0), scale: 1, zeroPoint: 0 },
    inputParts: [{ name: input.name, dims: input.dims }],
    outputParts: [],
    nodes,
    widths: {},
    ranges: {},
  };
  const tensors = [...graphIntervals(loose)];
  const widths = Object.fromEntries(tensors.map(([tensor, { length }]) => [tensor, length]));
  const ranges = Object.fromEntries(tensors.map(([tensor, intervals]) => [tensor, hull(intervals)]));
  const dims = [widths[made] ?? 0];
  const range = ranges[made] ?? interval(0, 0);
  const output = { ...loose.output, dims, range };
  return { ...loose, widths, ranges, output, outputParts: [{ name: made, dims }] };
}

/** Two inputs in 0..3, two neurons, shift 1, clamp 0..3, two classes: small enough to check by hand. */
export function smallGraph(): IntegerGraph {
  return {
    format: "assay.graph/2",
    name: "small",
    input: { name: "x", dtype: "u8", dims: [2], range: interval(0, 3), scale: 1, zeroPoint: 0 },
    output: { name: "y", dtype: "u8", dims: [1], range: interval(0, 1), scale: 1, zeroPoint: 0 },
    inputParts: [{ name: "x", dims: [1, 2] }],
    outputParts: [{ name: "y", dims: [] }],
    nodes: [
      {
        op: "dense",
        name: "dense0",
        input: "x",
        output: "acc0",
        rows: 1,
        weights: [
          [1, -2],
          [3, 1],
        ],
        bias: [1, -4],
      },
      { op: "requantise", name: "requantise0", input: "acc0", output: "act0", shift: 1, clamp: interval(0, 3) },
      { op: "argmax", name: "argmax", input: "act0", output: "y", width: 2 },
    ],
    widths: { x: 2, acc0: 2, act0: 2, y: 1 },
    ranges: { x: interval(0, 3), acc0: interval(-5, 8), act0: interval(0, 3), y: interval(0, 1) },
  };
}

/** A graph of one dense layer, whose ranges follow from the arguments; values go out as they are. */
export function denseGraph(weights: number[], bias: number, max: number): IntegerGraph {
  const low = bias + weights.reduce((sum, weight) => sum + Math.min(0, weight) * max, 0);
  const high = bias + weights.reduce((sum, weight) => sum + Math.max(0, weight) * max, 0);
  const range = interval(low, high);
  return {
    format: "assay.graph/2",
    name: "dense",
    input: { name: "x", dtype: "u8", dims: [weights.length], range: interval(0, max), scale: 1, zeroPoint: 0 },
    output: { name: "y", dtype: "i32", dims: [1], range, scale: 1, zeroPoint: 0 },
    inputParts: [{ name: "x", dims: [weights.length] }],
    outputParts: [{ name: "y", dims: [1] }],
    nodes: [{ op: "dense", name: "dense0", input: "x", output: "y", rows: 1, weights: [weights], bias: [bias] }],
    widths: { x: weights.length, y: 1 },
    ranges: { x: interval(0, max), y: range },
  };
}
