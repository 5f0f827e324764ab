import { graphSpans } from "./derive.ts";
import { nodeSpans } from "./intervals/node.ts";
import { toIntervals, toSpans } from "./intervals/spans.ts";
import { shapeOf } from "./shape.ts";
import { inputsOf, type IntegerGraph, type IntegerNode, type Interval } from "./types.ts";

/** An interval for each element of a tensor. */
export type Intervals = readonly Interval[];

/** The least interval that holds all of `intervals`. */
export function hull(intervals: Intervals): Interval {
  return {
    min: intervals.reduce((least, { min }) => (min < least ? min : least), intervals[0]?.min ?? 0n),
    max: intervals.reduce((most, { max }) => (max > most ? max : most), intervals[0]?.max ?? 0n),
  };
}

/**
 * The interval of each element that one node makes, from those of the tensors that it reads: for building graphs.
 *
 * @throws {GraphInvalidError | AccumulatorOverflowError} as `graphIntervals`.
 */
export function nodeIntervals(node: IntegerNode, read: (tensor: string) => Intervals): Intervals {
  const inputs = inputsOf(node).map((tensor) => toSpans(read(tensor)));
  const widths = inputs.map(({ min }) => min.length);
  return toIntervals(nodeSpans(node, inputs, shapeOf(node, widths).width));
}

/**
 * The interval of every element of every tensor, by tensor name, from the input's range alone.
 *
 * @throws {GraphInvalidError | LayerTooLargeError | AccumulatorOverflowError} when the graph is not one that computes
 * exactly in float32; see `graphSpans`.
 */
export function graphIntervals(graph: IntegerGraph): Map<string, Intervals> {
  return new Map(Array.from(graphSpans(graph), ([tensor, spans]) => [tensor, toIntervals(spans)]));
}
