import { elementCount } from "../program/geometry.ts";
import { graphSpans } from "./derive.ts";
import { dtypeRange } from "./dtype.ts";
import { GraphInvalidError } from "./errors.ts";
import { hullOfSpans, type Spans } from "./intervals/spans.ts";
import type { IntegerGraph, Interval, Part, TensorSpec } from "./types.ts";

function show(interval: Interval | undefined): string {
  return interval === undefined ? "nothing" : `[${interval.min}, ${interval.max}]`;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function checkSpec(where: string, spec: TensorSpec): void {
  const whole = dtypeRange(spec.dtype);
  const { min, max } = spec.range;
  if (min > max || min < whole.min || max > whole.max) {
    throw new GraphInvalidError(`${where}.range`, show(spec.range), `a part of ${show(whole)}`);
  }
  if (!Number.isSafeInteger(spec.zeroPoint) || spec.zeroPoint < whole.min || spec.zeroPoint > whole.max) {
    throw new GraphInvalidError(`${where}.zeroPoint`, String(spec.zeroPoint), `an integer in ${show(whole)}`);
  }
}

function checkParts(where: string, parts: readonly Part[], width: number): void {
  const names = new Set(parts.map(({ name }) => name));
  if (names.size !== parts.length) throw new GraphInvalidError(where, "a name twice", "one part of each name");
  const total = parts.reduce((sum, { dims }) => sum + elementCount(dims), 0);
  if (total !== width) throw new GraphInvalidError(where, `${total} elements`, String(width));
}

function checkClaims({ widths, ranges }: IntegerGraph, made: ReadonlyMap<string, Spans>): void {
  for (const [tensor, spans] of made) {
    const width = own(widths, tensor);
    if (width !== spans.min.length) {
      throw new GraphInvalidError(`widths.${tensor}`, String(width ?? "nothing"), String(spans.min.length));
    }
    const range = own(ranges, tensor);
    const derived = hullOfSpans(spans);
    if (range?.min !== derived.min || range.max !== derived.max) {
      throw new GraphInvalidError(`ranges.${tensor}`, show(range), show(derived));
    }
  }
  for (const [field, record] of Object.entries({ widths, ranges })) {
    const extra = Object.keys(record).find((tensor) => !made.has(tensor));
    if (extra !== undefined) throw new GraphInvalidError(`${field}.${extra}`, "a tensor", "no such tensor");
  }
}

function checkOutput({ input, nodes, output, outputParts }: IntegerGraph, made: ReadonlyMap<string, Spans>): void {
  if (nodes.length === 0) throw new GraphInvalidError("nodes", "no nodes", "at least one");
  const spans = output.name === input.name ? undefined : made.get(output.name);
  if (spans === undefined) throw new GraphInvalidError("output.name", output.name, "a tensor that a node makes");
  checkSpec("output", output);
  const count = elementCount(output.dims);
  if (output.dims.length === 0 || count !== spans.min.length) {
    throw new GraphInvalidError("output.dims", `${count} elements`, String(spans.min.length));
  }
  const range = hullOfSpans(spans);
  if (output.range.min !== range.min || output.range.max !== range.max) {
    throw new GraphInvalidError("output.range", show(output.range), show(range));
  }
  checkParts("outputParts", outputParts, count);
  const maker = nodes.find((node) => node.output === output.name);
  if (maker?.op === "argmax" && (output.scale !== 1 || output.zeroPoint !== 0)) {
    const claimed = `scale ${output.scale}, zeroPoint ${output.zeroPoint}`;
    throw new GraphInvalidError("output", claimed, "scale 1, zeroPoint 0, because it is an index");
  }
}

/**
 * As `verifyGraph`, and gives the intervals that it derived, by tensor name.
 *
 * @throws as `verifyGraph`.
 */
export function verifiedSpans(graph: IntegerGraph): ReadonlyMap<string, Spans> {
  checkSpec("input", graph.input);
  const made = graphSpans(graph);
  checkParts("inputParts", graph.inputParts, elementCount(graph.input.dims));
  checkClaims(graph, made);
  checkOutput(graph, made);
  return made;
}

/**
 * Derives every interval, width and range of a graph from its constants and its input's range, and refuses the graph
 * where it says something else. A graph that passes computes exactly in float32, in any order of summation.
 *
 * The intervals are per element: the range of a tensor is their hull.
 *
 * Not checked: that the weights are those of some model; compare `graphDigest` for that.
 *
 * @throws {GraphInvalidError} naming the first claim that is wrong.
 * @throws {LayerTooLargeError} when the graph is over a limit.
 * @throws {AccumulatorOverflowError} when a number may reach 2^24.
 */
export function verifyGraph(graph: IntegerGraph): void {
  verifiedSpans(graph);
}
