import { MAX_RANK } from "../onnx/limits.ts";
import { elementCount } from "../program/geometry.ts";
import { CompileOptionError } from "../quantise/errors.ts";
import { graphSpans } from "./derive.ts";
import { LayerTooLargeError } from "./errors.ts";
import { hullOfSpans } from "./intervals/spans.ts";
import { MAX_GRAPH_WEIGHTS, MAX_TENSOR_ELEMENTS } from "./limits.ts";
import type { ConvNode, GatherNode, IntegerGraph, IntegerNode, Part } from "./types.ts";
import { verifyGraph } from "./verify.ts";

/** Most inputs that one graph takes at once. */
export const MAX_BATCH = 64;

/** `values`, `count` times. */
function repeat(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, () => values).flat();
}

/** The channels of all inputs are the channels of one image; groups keep every input's to itself. */
function batchConv(node: ConvNode, count: number): ConvNode {
  const { channels, outputs, groups } = node.shape;
  return {
    ...node,
    shape: { ...node.shape, channels: count * channels, outputs: count * outputs, groups: count * groups },
    weights: repeat(node.weights, count),
    bias: repeat(node.bias, count),
  };
}

function batchGather(node: GatherNode, count: number, widthOf: (tensor: string) => number): GatherNode {
  const starts: number[] = [];
  const widths = node.inputs.map(widthOf);
  let end = 0;
  for (const width of widths) {
    starts.push(end);
    end += width;
  }
  const move = (at: number, sample: number): number => {
    if (at >= end) return count * end + (at - end);
    const from = starts.findLastIndex((start) => start <= at);
    const start = starts[from]!;
    return count * start + sample * widths[from]! + (at - start);
  };
  const index = Array.from({ length: count }, (_, sample) => node.index.map((at) => move(at, sample))).flat();
  return { ...node, index };
}

/** The node that does for `count` inputs, one after the other in every tensor, what `node` does for one. */
function batchNode(node: IntegerNode, count: number, widthOf: (tensor: string) => number): IntegerNode {
  switch (node.op) {
    case "dense":
      return { ...node, rows: count * node.rows };
    case "conv":
      return batchConv(node, count);
    case "gather":
      return batchGather(node, count, widthOf);
    case "scale":
      return { ...node, factors: repeat(node.factors, count), offsets: repeat(node.offsets, count) };
    case "matmul":
      return { ...node, batch: count * node.batch };
    // These work on elements or rows, whatever their number.
    case "linear":
    case "sum":
    case "max":
    case "argmax":
    case "requantise":
    case "lookup":
    case "multiply":
    case "greater":
    case "divide":
    case "onehot":
      return node;
  }
}

/** A part for `count` inputs: its first dimension, where that is 1, or a new one. */
function batchPart({ name, dims }: Part, count: number): Part {
  const rest = dims[0] === 1 ? dims.slice(1) : dims;
  if (rest.length >= MAX_RANK) throw new LayerTooLargeError(name, "dimensions", rest.length + 1, MAX_RANK);
  return { name, dims: [count, ...rest] };
}

/** Of several parts: where part by part, each for all inputs, the elements of input by input, each with all parts, lie. */
function partMajor(parts: readonly Part[], count: number): number[] {
  const sizes = parts.map(({ dims }) => elementCount(dims));
  const width = sizes.reduce((sum, size) => sum + size, 0);
  let start = 0;
  return sizes.flatMap((size) => {
    const first = start;
    start += size;
    return Array.from({ length: count }, (_, sample) =>
      Array.from({ length: size }, (_each, at) => sample * width + first + at),
    ).flat();
  });
}

/** The permutation that undoes `order`. */
function inverse(order: readonly number[]): number[] {
  const back = order.slice();
  for (const [at, from] of order.entries()) back[from] = at;
  return back;
}

/** `name`, or the first of `name_`, `name__`, ... that is not taken. */
function fresh(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? fresh(`${name}_`, taken) : name;
}

/** Reads and writes other tensors in place of those that `rename` maps. */
function renamed(node: IntegerNode, rename: (tensor: string) => string): IntegerNode {
  const output = rename(node.output);
  if ("inputs" in node) return { ...node, output, inputs: node.inputs.map(rename) };
  if ("left" in node) return { ...node, output, left: rename(node.left), right: rename(node.right) };
  return { ...node, output, input: rename(node.input) };
}

/** Nothing of a size over the limits is to be written. */
function checkSize({ nodes, widths }: IntegerGraph, count: number): void {
  let constants = 0;
  for (const node of nodes) {
    const made = count * widths[node.output]!;
    if (made > MAX_TENSOR_ELEMENTS) throw new LayerTooLargeError(node.name, "elements", made, MAX_TENSOR_ELEMENTS);
    if (node.op === "conv") constants += count * (node.weights.length + node.bias.length);
    if (node.op === "scale") constants += 2 * count * node.factors.length;
    if (constants > MAX_GRAPH_WEIGHTS) {
      throw new LayerTooLargeError(node.name, "weights of all inputs so far", constants, MAX_GRAPH_WEIGHTS);
    }
  }
}

/**
 * The graph that does for `count` inputs at once what `graph` does for one: a graph like any other, so that interpreter,
 * runtime model and circuit agree on it as on others. It has the nodes of `graph`, under the same names, with `count` times
 * as many rows; nothing of one input takes part in what is made of another.
 *
 * Input and output have a first dimension of `count`; a dimension of 1 that the model has there becomes it. Several inputs
 * or outputs of a model stay parts of one tensor, each for the whole batch, and a `gather` node orders them.
 *
 * @throws {CompileOptionError} when `count` is no whole number from 1 to 64.
 * @throws {LayerTooLargeError} when the graph is over a limit then.
 * @throws {GraphInvalidError} when `graph` is not valid.
 */
export function batchGraph(graph: IntegerGraph, count: number): IntegerGraph {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH) {
    throw new CompileOptionError("batch", count, `a whole number from 1 to ${MAX_BATCH}`);
  }
  verifyGraph(graph);
  if (count === 1) return graph;
  checkSize(graph, count);
  const { input, output, inputParts, outputParts, widths } = graph;
  const taken = new Set([input.name, ...graph.nodes.flatMap(({ name, output: made }) => [name, made])]);
  const split = inputParts.length > 1 ? fresh("batchInput", taken) : undefined;
  const made = outputParts.length > 1 ? fresh("batchOutput", taken) : undefined;
  const rename = (tensor: string): string => {
    if (tensor === input.name) return split ?? tensor;
    return tensor === output.name ? (made ?? tensor) : tensor;
  };
  const order = (from: string, to: string, name: string, index: readonly number[]): GatherNode => {
    return { op: "gather", name, output: to, inputs: [from], constants: [], index };
  };
  const nodes = [
    ...(split === undefined ? [] : [order(input.name, split, split, inverse(partMajor(inputParts, count)))]),
    ...graph.nodes.map((node) =>
      renamed(
        batchNode(node, count, (tensor) => widths[tensor]!),
        rename,
      ),
    ),
    ...(made === undefined ? [] : [order(made, output.name, made, partMajor(outputParts, count))]),
  ];
  const [inputs, outputs] = [inputParts, outputParts].map((parts) => parts.map((part) => batchPart(part, count)));
  const dimsOf = (parts: readonly Part[], width: number) => (parts.length === 1 ? parts[0]!.dims : [count * width]);
  const next: IntegerGraph = {
    ...graph,
    input: { ...input, dims: dimsOf(inputs!, widths[input.name]!) },
    output: { ...output, dims: dimsOf(outputs!, widths[output.name]!) },
    inputParts: inputs!,
    outputParts: outputs!,
    nodes,
  };
  const spans = [...graphSpans(next)];
  const batched: IntegerGraph = {
    ...next,
    widths: Object.fromEntries(spans.map(([tensor, { min }]) => [tensor, min.length])),
    ranges: Object.fromEntries(spans.map(([tensor, each]) => [tensor, hullOfSpans(each)])),
  };
  verifyGraph(batched);
  return batched;
}
