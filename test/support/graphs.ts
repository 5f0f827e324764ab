import type { IntegerGraph, Interval } from "../../compiler/src/index.ts";

export const interval = (min: number, max: number): Interval => ({ min: BigInt(min), max: BigInt(max) });

/** Two inputs in 0..3, two neurons, shift 1, clamp 0..3, two classes: small enough to check by hand. */
export function smallGraph(): IntegerGraph {
  return {
    format: "assay.graph/1",
    name: "small",
    input: { name: "x", dtype: "u8", dims: [2], range: interval(0, 3), scale: 1, zeroPoint: 0 },
    output: { name: "y", dtype: "u8", dims: [1], range: interval(0, 1), scale: 1, zeroPoint: 0 },
    nodes: [
      {
        op: "dense",
        name: "dense0",
        input: "x",
        output: "acc0",
        weights: [
          [1, -2],
          [3, 1],
        ],
        bias: [1, -4],
        bounds: [interval(-5, 4), interval(-4, 8)],
      },
      { op: "requantise", name: "requantise0", input: "acc0", output: "act0", shift: 1, clamp: interval(0, 3) },
      { op: "argmax", name: "argmax", input: "act0", output: "y" },
    ],
    widths: { x: 2, acc0: 2, act0: 2, y: 1 },
    ranges: { x: interval(0, 3), acc0: interval(-5, 8), act0: interval(0, 3), y: interval(0, 1) },
  };
}

/** A graph of one dense layer, whose bounds follow from the arguments; values go out as they are. */
export function denseGraph(weights: number[], bias: number, max: number): IntegerGraph {
  const low = bias + weights.reduce((sum, weight) => sum + Math.min(0, weight) * max, 0);
  const high = bias + weights.reduce((sum, weight) => sum + Math.max(0, weight) * max, 0);
  const range = interval(low, high);
  return {
    format: "assay.graph/1",
    name: "dense",
    input: { name: "x", dtype: "u8", dims: [weights.length], range: interval(0, max), scale: 1, zeroPoint: 0 },
    output: { name: "y", dtype: "i32", dims: [1], range, scale: 1, zeroPoint: 0 },
    nodes: [
      { op: "dense", name: "dense0", input: "x", output: "y", weights: [weights], bias: [bias], bounds: [range] },
    ],
    widths: { x: weights.length, y: 1 },
    ranges: { x: interval(0, max), y: range },
  };
}
