import { dtypeRange } from "../graph/dtype.ts";
import { identifier } from "../graph/identifier.ts";
import {
  inputsOf,
  type IntegerGraph,
  type IntegerNode,
  type Interval,
  type Part,
  type TensorSpec,
} from "../graph/types.ts";
import { elementCount } from "../program/geometry.ts";
import type { ProgramPort } from "../program/types.ts";
import type { Quantity, Sheet } from "./sheet.ts";

/** The parts of the graph's input, or output, as the model's file has them. */
export function partsOf(ports: readonly ProgramPort[]): Part[] {
  const taken = new Set<string>();
  return ports.map(({ name, value }, at) => {
    let made = identifier(name, `part${at}`);
    while (taken.has(made)) made = `${made}_`;
    taken.add(made);
    return { name: made, dims: value.dims.length === 0 ? [1] : value.dims };
  });
}

/** `dims` without leading dimensions of 1; a vector of one element keeps its only dimension. */
function dropLeadingOnes(dims: readonly number[]): readonly number[] {
  const from = dims.findIndex((size) => size !== 1);
  return from < 0 ? [1] : dims.slice(from);
}

/** Name and dims of the one tensor that holds all parts. */
export function edgeOf(
  parts: readonly Part[],
  fallback: string,
): { readonly name: string; readonly dims: readonly number[] } {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return { name: only.name, dims: dropLeadingOnes(only.dims) };
  return { name: fallback, dims: [parts.reduce((sum, { dims }) => sum + elementCount(dims), 0)] };
}

const OUTPUT_DTYPES = ["u8", "i8", "u16", "i16", "u32", "i32"] as const;

/** The element type of fewest bytes that holds a range: what is public is paid for by the byte. */
export function outputDtype({ min, max }: Interval): TensorSpec["dtype"] {
  const found = OUTPUT_DTYPES.find((dtype) => {
    const whole = dtypeRange(dtype);
    return min >= whole.min && max <= whole.max;
  });
  return found ?? "i32";
}

/** One tensor of all parts, which have one unit. */
export function join(sheet: Sheet, parts: readonly Quantity[]): Quantity {
  const width = parts.reduce((sum, { intervals }) => sum + intervals.length, 0);
  const index = Array.from({ length: width }, (_, at) => at);
  const inputs = parts.map(({ tensor }) => tensor);
  return sheet.add({ op: "gather", inputs, constants: [], index }, parts[0]?.exponent ?? 0);
}

interface Result {
  readonly tensor: string;
  readonly spec: TensorSpec;
  readonly inputParts: readonly Part[];
  readonly outputParts: readonly Part[];
}

/** The graph of what the output needs, the output under its own name. */
export function finish(sheet: Sheet, name: string, input: TensorSpec, result: Result): IntegerGraph {
  const { spec, inputParts, outputParts } = result;
  let output = result.tensor;
  if (output === input.name) {
    const index = sheet.quantity(output).intervals.map((_, at) => at);
    output = sheet.add({ op: "gather", inputs: [output], constants: [], index }, Math.log2(spec.scale)).tensor;
  }
  const needed = new Set([output]);
  const kept = sheet.nodes.toReversed().filter((node) => {
    if (!needed.has(node.output)) return false;
    for (const tensor of inputsOf(node)) needed.add(tensor);
    return true;
  });
  const rename = (tensor: string) => (tensor === output ? spec.name : tensor);
  const nodes = kept.toReversed().map((node) => renamed(node, rename));
  const tensors = [input.name, ...kept.map((node) => node.output)];
  const pick = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(tensors.map((tensor) => [rename(tensor), record[tensor] as T]));
  const [widths, ranges] = [pick(sheet.widths), pick(sheet.ranges)];
  return { format: "assay.graph/2", name, input, output: spec, inputParts, outputParts, nodes, widths, ranges };
}

function renamed(node: IntegerNode, rename: (tensor: string) => string): IntegerNode {
  const output = rename(node.output);
  if ("inputs" in node) return { ...node, output, inputs: node.inputs.map(rename) };
  if ("left" in node) return { ...node, output, left: rename(node.left), right: rename(node.right) };
  return { ...node, output, input: rename(node.input) };
}
