import type { IntegerGraph, IntegerNode, Interval } from "./types.ts";

/**
 * The graph with the clamps of `requantise` nodes narrowed to the tables that read what they make. It computes the same: the
 * numbers are proven to be in the table as it is. Where bounds are derived from widths of weights in place of the weights,
 * only the clamp says so.
 */
export function clampToTables(graph: IntegerGraph): IntegerGraph {
  const makers = new Map(graph.nodes.map((node) => [node.output, node]));
  const clamps = new Map<IntegerNode, Interval>();
  const narrow = (tensor: string, table: Interval, seen: Set<string>): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    const maker = makers.get(tensor);
    const range = graph.ranges[tensor];
    if (maker === undefined || range === undefined) return;
    if (maker.op === "gather") for (const input of maker.inputs) narrow(input, table, seen);
    if (maker.op === "max") narrow(maker.input, table, seen);
    if (maker.op !== "requantise" || range.min < table.min || range.max > table.max) return;
    const { min, max } = clamps.get(maker) ?? maker.clamp;
    clamps.set(maker, { min: min > table.min ? min : table.min, max: max < table.max ? max : table.max });
  };
  for (const node of graph.nodes) {
    if (node.op !== "lookup") continue;
    const table = { min: BigInt(node.min), max: BigInt(node.min + node.table.length - 1) };
    narrow(node.input, table, new Set());
  }
  const nodes = graph.nodes.map((node) => {
    const clamp = clamps.get(node);
    return node.op === "requantise" && clamp !== undefined ? { ...node, clamp } : node;
  });
  return { ...graph, nodes };
}
