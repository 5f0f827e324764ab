import { graphDigest } from "../../graph/digest.ts";
import type { IntegerGraph, RowsNode } from "../../graph/types.ts";
import { encodeOnnx } from "../../onnx/schema.ts";
import { emitLabel, emitNode } from "./nodes.ts";
import { FLOAT, INT64, OnnxParts, valueInfo } from "./parts.ts";

/** Chosen for reach: ONNX Runtime has read both since 2021. */
const OPSET = 17;
const IR_VERSION = 8;

export interface RuntimeOptions {
  /** Also make an output of every tensor in between, under its name in the graph; for tests and traces. */
  readonly expose?: boolean;
}

/** The node whose output is the graph's one label: the last, so that no other reads it. */
function labelOf({ nodes, output, widths }: IntegerGraph): RowsNode | undefined {
  const last = nodes.at(-1);
  return last?.op === "argmax" && last.output === output.name && widths[last.output] === 1 ? last : undefined;
}

/**
 * Writes a graph as an ONNX model for ONNX Runtime, on any provider with true float32: input float32 [1, n] that holds
 * integers, output int64 [1] (where the last node is an argmax of one row) or float32 [1, n]. The same graph gives the
 * same bytes.
 *
 * Exact, whatever the order of summation or fusing of operators, because a verified graph keeps every partial sum, and
 * every number plus the half that rounds it, below 2^24, multiplies by powers of two or integers only, and divides
 * integers.
 *
 * Not exact where a provider computes in less than float32: switch TF32 off for `cuda` (`use_tf32: 0`) and do not let
 * a provider convert to float16. Not checked by the model: that the input holds integers in the graph's range.
 *
 * @throws {GraphFormatError} when the graph holds a number that is not finite.
 */
export function emitRuntime(graph: IntegerGraph, { expose = false }: RuntimeOptions = {}): Uint8Array {
  const parts = new OnnxParts();
  const label = labelOf(graph);
  for (const node of graph.nodes) {
    if (node !== label) emitNode(parts, node, graph);
  }
  if (label !== undefined) emitLabel(parts, label);
  const { input, output } = graph;
  const floats = (tensor: string) => valueInfo(tensor, FLOAT, [1, graph.widths[tensor] ?? 0]);
  const between = graph.nodes.map((node) => node.output).filter((tensor) => tensor !== output.name);
  return encodeOnnx({
    ir_version: IR_VERSION,
    opset_import: [{ domain: "", version: OPSET }],
    producer_name: "assay",
    graph: {
      node: parts.node,
      initializer: parts.initializer,
      name: graph.name,
      input: [floats(input.name)],
      output: [
        label === undefined ? floats(output.name) : valueInfo(output.name, INT64, [1]),
        ...(expose ? between : []).map(floats),
      ],
    },
    metadata_props: [{ key: "assay.graph", value: graphDigest(graph) }],
  });
}
