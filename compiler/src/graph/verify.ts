import { denseBounds, hull, requantiseBounds, type Intervals } from "./bounds.ts";
import { dtypeRange } from "./dtype.ts";
import { GraphInvalidError } from "./errors.ts";
import type { IntegerGraph, IntegerNode, Interval, TensorSpec } from "./types.ts";

/** Where a graph is while its nodes are walked. */
interface Here {
  readonly tensor: string;
  readonly intervals: Intervals;
}

function show(interval: Interval | undefined): string {
  return interval === undefined ? "nothing" : `[${interval.min}, ${interval.max}]`;
}

function same(left: Interval | undefined, right: Interval): boolean {
  return left !== undefined && left.min === right.min && left.max === right.max;
}

function checkSpec(where: string, spec: TensorSpec): number {
  const whole = dtypeRange(spec.dtype);
  const { min, max } = spec.range;
  if (min > max || min < whole.min || max > whole.max) {
    throw new GraphInvalidError(`${where}.range`, show(spec.range), `a part of ${show(whole)}`);
  }
  const zero = BigInt(spec.zeroPoint);
  if (zero < whole.min || zero > whole.max) {
    throw new GraphInvalidError(`${where}.zeroPoint`, String(zero), `a value in ${show(whole)}`);
  }
  return spec.dims.reduce((product, size) => product * size, 1);
}

function checkTensor(graph: IntegerGraph, { tensor, intervals }: Here): void {
  const width = Object.hasOwn(graph.widths, tensor) ? graph.widths[tensor] : undefined;
  if (width !== intervals.length) {
    throw new GraphInvalidError(`widths.${tensor}`, String(width ?? "nothing"), String(intervals.length));
  }
  const range = Object.hasOwn(graph.ranges, tensor) ? graph.ranges[tensor] : undefined;
  const derived = hull(intervals);
  if (!same(range, derived)) throw new GraphInvalidError(`ranges.${tensor}`, show(range), show(derived));
}

function checkDense(node: Extract<IntegerNode, { op: "dense" }>, inputs: Intervals): Intervals {
  const where = `nodes.${node.name}`;
  const rows = node.weights.length;
  if (rows === 0) throw new GraphInvalidError(`${where}.weights`, "no rows", "at least one");
  if (node.bias.length !== rows) {
    throw new GraphInvalidError(`${where}.bias`, `${node.bias.length} elements`, String(rows));
  }
  const short = node.weights.findIndex((row) => row.length !== inputs.length);
  if (short >= 0) {
    const got = `${node.weights[short]?.length ?? 0} elements`;
    throw new GraphInvalidError(`${where}.weights.${short}`, got, String(inputs.length));
  }
  const bounds = denseBounds(node.name, node.weights, node.bias, inputs);
  if (node.bounds.length !== rows) {
    throw new GraphInvalidError(`${where}.bounds`, `${node.bounds.length} elements`, String(rows));
  }
  for (const [index, bound] of bounds.entries()) {
    const claimed = node.bounds[index];
    if (!same(claimed, bound)) throw new GraphInvalidError(`${where}.bounds.${index}`, show(claimed), show(bound));
  }
  return bounds;
}

function checkNode(node: IntegerNode, inputs: Intervals, last: boolean): Intervals {
  switch (node.op) {
    case "dense":
      return checkDense(node, inputs);
    case "requantise": {
      const { min, max } = node.clamp;
      if (min > max) throw new GraphInvalidError(`nodes.${node.name}.clamp`, show(node.clamp), "min <= max");
      return requantiseBounds(node.name, inputs, node.shift, node.clamp);
    }
    case "argmax":
      if (!last) throw new GraphInvalidError(`nodes.${node.name}`, "argmax in the middle", "argmax as the last node");
      return [{ min: 0n, max: BigInt(inputs.length - 1) }];
  }
}

/**
 * Derives every bound, width and range of a graph from its weights and its input range, and refuses the graph where it
 * says something else. A graph that passes computes exactly in float32, in any order of summation.
 *
 * The intervals are per element: the range of a tensor is their hull.
 *
 * Not checked: that the weights are those of some model; compare `graphDigest` for that.
 *
 * @throws {GraphInvalidError} naming the first claim that is wrong.
 * @throws {AccumulatorOverflowError} when a sum may reach 2^24.
 */
export function verifyGraph(graph: IntegerGraph): void {
  const width = checkSpec("input", graph.input);
  let here: Here = { tensor: graph.input.name, intervals: Array.from({ length: width }, () => graph.input.range) };
  checkTensor(graph, here);
  const tensors = new Set([here.tensor]);
  const names = new Set<string>();
  for (const [index, node] of graph.nodes.entries()) {
    const where = `nodes.${node.name}`;
    if (names.has(node.name)) throw new GraphInvalidError(where, "the same name twice", "one node of this name");
    names.add(node.name);
    // One chain: assay.graph/1 has no branches, so each node reads the tensor before it.
    if (node.input !== here.tensor) throw new GraphInvalidError(`${where}.input`, node.input, here.tensor);
    if (tensors.has(node.output)) throw new GraphInvalidError(`${where}.output`, node.output, "a new name");
    tensors.add(node.output);
    here = { tensor: node.output, intervals: checkNode(node, here.intervals, index === graph.nodes.length - 1) };
    checkTensor(graph, here);
  }
  for (const [field, record] of [
    ["widths", graph.widths],
    ["ranges", graph.ranges],
  ] as const) {
    const extra = Object.keys(record).find((tensor) => !tensors.has(tensor));
    if (extra !== undefined) throw new GraphInvalidError(`${field}.${extra}`, "a tensor", "no such tensor");
  }
  checkOutput(graph, here);
}

function checkOutput({ nodes, output }: IntegerGraph, last: Here): void {
  if (nodes.length === 0) throw new GraphInvalidError("nodes", "no nodes", "at least one");
  if (output.name !== last.tensor) throw new GraphInvalidError("output.name", output.name, last.tensor);
  const count = checkSpec("output", output);
  if (count !== last.intervals.length) {
    throw new GraphInvalidError("output.dims", `${count} elements`, String(last.intervals.length));
  }
  const range = hull(last.intervals);
  if (!same(output.range, range)) throw new GraphInvalidError("output.range", show(output.range), show(range));
  if (nodes.at(-1)?.op === "argmax" && (output.scale !== 1 || output.zeroPoint !== 0)) {
    const claimed = `scale ${output.scale}, zeroPoint ${output.zeroPoint}`;
    throw new GraphInvalidError("output", claimed, "scale 1, zeroPoint 0, because it is an index");
  }
}
