import { graphDigest } from "../../graph/digest.ts";
import type { IntegerGraph, IntegerNode } from "../../graph/types.ts";
import { encodeOnnx } from "../../onnx/schema.ts";

/** Chosen for reach: ONNX Runtime has read both since 2021, and every operator used has its final form. */
const OPSET = 17;
const IR_VERSION = 8;

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;

export interface RuntimeOptions {
  /** Also make an output of every tensor in between, under its name in the graph; for tests and traces. */
  readonly expose?: boolean;
}

type Message = Record<string, unknown>;

/** The pieces of an ONNX graph as they are collected. */
interface Parts {
  readonly node: Message[];
  readonly initializer: Message[];
}

function floats(name: string, dims: readonly number[], values: readonly number[]): Message {
  const raw = new Uint8Array(4 * values.length);
  const view = new DataView(raw.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(4 * index, value, true);
  return { name, dims, data_type: FLOAT, raw_data: raw };
}

function valueInfo(name: string, type: number, dims: readonly number[]): Message {
  const dim = dims.map((size) => ({ dim_value: size }));
  return { name, type: { tensor_type: { elem_type: type, shape: { dim } } } };
}

function addNode(parts: Parts, op: string, input: readonly string[], output: string, attribute: Message[] = []): void {
  parts.node.push({
    name: `${op}_${output.replace(/[^A-Za-z0-9_]/g, "_")}`,
    op_type: op,
    input,
    output: [output],
    attribute,
  });
}

function emitNode(parts: Parts, node: IntegerNode): void {
  // Names with a dot are the runtime's own: identifiers of a graph have none.
  const constant = (suffix: string, dims: readonly number[], values: readonly number[]) => {
    const name = `${node.name}.${suffix}`;
    parts.initializer.push(floats(name, dims, values));
    return name;
  };
  switch (node.op) {
    case "dense": {
      const [outer, inner] = [node.weights.length, node.weights[0]?.length ?? 0];
      const columns = Array.from({ length: inner }, (_, row) =>
        node.weights.map((weights) => weights[row] ?? 0),
      ).flat();
      const product = `${node.output}.product`;
      addNode(parts, "MatMul", [node.input, constant("weights", [inner, outer], columns)], product);
      addNode(parts, "Add", [product, constant("bias", [1, outer], node.bias)], node.output);
      return;
    }
    case "requantise": {
      let from = node.input;
      const step = (op: string, name: string, operands: readonly string[]) => {
        const to = `${node.output}.${name}`;
        addNode(parts, op, [from, ...operands], to);
        from = to;
      };
      if (node.shift > 0) {
        step("Mul", "scaled", [constant("factor", [], [2 ** -node.shift])]);
        step("Add", "shifted", [constant("half", [], [0.5])]);
        step("Floor", "rounded", []);
      }
      const [min, max] = [Number(node.clamp.min), Number(node.clamp.max)];
      addNode(parts, "Clip", [from, constant("min", [], [min]), constant("max", [], [max])], node.output);
      return;
    }
    case "argmax":
      addNode(parts, "ArgMax", [node.input], node.output, [
        { name: "axis", type: ATTRIBUTE_INT, i: 1 },
        { name: "keepdims", type: ATTRIBUTE_INT, i: 0 },
        { name: "select_last_index", type: ATTRIBUTE_INT, i: 0 },
      ]);
  }
}

/**
 * Writes a graph as an ONNX model for ONNX Runtime, on any provider with true float32: input float32 [1, n] that holds
 * integers, output int64 [1] (ArgMax) or float32 [1, n]. The same graph gives the same bytes.
 *
 * Exact, whatever the order of summation or fusing of operators, because a verified graph keeps every partial sum, and
 * every accumulator plus the half that rounds it, below 2^24, and multiplies by powers of two only.
 *
 * Not exact where a provider computes in less than float32: switch TF32 off for `cuda` (`use_tf32: 0`) and do not let
 * a provider convert to float16. Not checked by the model: that the input holds integers in the graph's range.
 *
 * @throws {GraphFormatError} when the graph holds a number that is not finite.
 */
export function emitRuntime(graph: IntegerGraph, { expose = false }: RuntimeOptions = {}): Uint8Array {
  const parts: Parts = { node: [], initializer: [] };
  for (const node of graph.nodes) emitNode(parts, node);
  const widthOf = (tensor: string) => graph.widths[tensor] ?? 0;
  const label = graph.nodes.at(-1)?.op === "argmax";
  const { name: last } = graph.output;
  const between = graph.nodes.map(({ output }) => output).filter((tensor) => tensor !== last);
  return encodeOnnx({
    ir_version: IR_VERSION,
    opset_import: [{ domain: "", version: OPSET }],
    producer_name: "assay",
    graph: {
      ...parts,
      name: graph.name,
      input: [valueInfo(graph.input.name, FLOAT, [1, widthOf(graph.input.name)])],
      output: [
        label ? valueInfo(last, INT64, [1]) : valueInfo(last, FLOAT, [1, widthOf(last)]),
        ...(expose ? between : []).map((tensor) => valueInfo(tensor, FLOAT, [1, widthOf(tensor)])),
      ],
    },
    metadata_props: [{ key: "assay.graph", value: graphDigest(graph) }],
  });
}
