import type { IntegerGraph, IntegerNode } from "../../../compiler/src/index.ts";
import type { LayerReport } from "../../../compiler/src/quantise/quantise.ts";

function productsOf(node: IntegerNode, elements: number, bits: (tensor: string) => number): number {
  switch (node.op) {
    case "requantise":
      return elements * (bits(node.input) + 2);
    case "lookup":
      return elements * 2 * Math.ceil(Math.sqrt(node.table.length));
    case "matmul":
      return (elements * node.k) / 2;
    case "divide":
      return elements * (bits(node.left) + 2 * bits(node.right));
    case "greater":
      return elements * bits(node.left);
    case "max":
    case "argmax":
      return elements * node.width * bits(node.input);
    case "multiply":
    case "onehot":
    case "dense":
    case "conv":
    case "linear":
    case "scale":
    case "sum":
      return elements;
    case "gather":
      return 0;
  }
}

/** About how many constraints a graph's circuit has: to tell beforehand which are too many to compile here. */
export function roughConstraints({ nodes, input, widths }: IntegerGraph, layers: readonly LayerReport[]): number {
  const made = new Map(nodes.map((node, at) => [node.output, layers[at]?.bits ?? 0]));
  const bits = (tensor: string) => made.get(tensor) ?? 16;
  const start = 16 * (widths[input.name] ?? 0);
  return nodes.reduce((sum, node, at) => sum + productsOf(node, layers[at]?.elements ?? 0, bits), start);
}
