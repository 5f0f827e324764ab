import {
  OnnxCycleError,
  OnnxDanglingEdgeError,
  OnnxDuplicateNameError,
  OnnxInterfaceError,
  OnnxTooLargeError,
} from "./errors.ts";
import { MAX_PORTS } from "./limits.ts";
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** A node of the file with a name fit for messages. */
export interface NamedNode {
  readonly name: string;
  readonly proto: NodeProto;
}

/** The graph after its edges have been checked. */
export interface Structure {
  /** Inputs that are no initializers, in the file's order. */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** Nodes that the outputs depend on, each after those that it reads. */
  readonly nodes: readonly NamedNode[];
}

/** Tensors that a node reads, those that its branches take from outside included. */
function readBy({ input, attribute }: NodeProto): readonly string[] {
  const taken = attribute.flatMap(({ g }) => {
    if (g === null) return [];
    const own = new Set([
      ...[...g.input, ...g.initializer].map(({ name }) => name),
      ...g.node.flatMap(({ output }) => output),
    ]);
    return [...g.node.flatMap(readBy), ...g.output.map(({ name }) => name)].filter((name) => !own.has(name));
  });
  return taken.length === 0 ? input : [...input, ...taken];
}

/** Orders nodes so that each comes after those it reads, and drops those that no output needs. */
function order(
  nodes: readonly NamedNode[],
  made: ReadonlyMap<string, NamedNode>,
  outputs: readonly ValueInfoProto[],
): NamedNode[] {
  const sorted: NamedNode[] = [];
  const state = new Map<NamedNode, "open" | "done">();
  const stack = outputs
    .map(({ name }) => made.get(name))
    .filter((root): root is NamedNode => root !== undefined)
    .toReversed();
  while (stack.length > 0) {
    const node = stack.at(-1) as NamedNode;
    if (state.get(node) === "done") {
      stack.pop();
      continue;
    }
    const waiting = readBy(node.proto)
      .map((tensor) => made.get(tensor))
      .filter((source): source is NamedNode => source !== undefined && state.get(source) !== "done");
    if (waiting.length === 0) {
      state.set(node, "done");
      sorted.push(node);
      stack.pop();
      continue;
    }
    // The open nodes are the path down to this one, so a source that is open closes a cycle.
    state.set(node, "open");
    if (waiting.some((source) => state.get(source) === "open")) {
      throw new OnnxCycleError(nodes.filter((each) => state.get(each) === "open").map(({ name }) => name));
    }
    for (const source of waiting) stack.push(source);
  }
  return sorted;
}

function checkPorts(what: string, ports: readonly ValueInfoProto[]): void {
  if (ports.length === 0) {
    throw new OnnxInterfaceError(`The graph has no ${what}s`, [], `export a model with at least one ${what}`);
  }
  if (ports.length > MAX_PORTS) throw new OnnxTooLargeError(`Graph ${what}s`, ports.length, MAX_PORTS, "use fewer");
  const seen = new Set<string>();
  for (const { name } of ports) {
    if (seen.has(name)) throw new OnnxDuplicateNameError(name);
    seen.add(name);
  }
}

/**
 * Checks names and edges of a graph and puts its nodes in order. Operators are not looked at.
 *
 * @param outside of a branch, whether there is such a tensor in the graphs around it
 * @throws {OnnxDuplicateNameError | OnnxDanglingEdgeError | OnnxCycleError} when the edges make no graph.
 * @throws {OnnxInterfaceError | OnnxTooLargeError} when there are no inputs or outputs, or too much of anything.
 */
export function readStructure(graph: GraphProto, outside?: (tensor: string) => boolean): Structure {
  const nodes = graph.node.map((proto, index) => ({
    name: proto.name === "" ? `${proto.op_type} #${index}` : proto.name,
    proto,
  }));
  const initializers = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) {
    if (initializers.has(tensor.name)) throw new OnnxDuplicateNameError(tensor.name);
    initializers.set(tensor.name, tensor);
  }
  // Before IR version 4 every initializer is listed as an input too.
  const inputs = graph.input.filter(({ name }) => !initializers.has(name));
  if (outside === undefined) checkPorts("input", inputs);
  checkPorts("output", graph.output);

  const given = new Set(inputs.map(({ name }) => name));
  const made = new Map<string, NamedNode>();
  for (const node of nodes) {
    for (const tensor of node.proto.output) {
      if (tensor === "") continue;
      if (made.has(tensor) || initializers.has(tensor) || given.has(tensor)) throw new OnnxDuplicateNameError(tensor);
      made.set(tensor, node);
    }
  }
  const known = (tensor: string) =>
    given.has(tensor) || initializers.has(tensor) || made.has(tensor) || outside?.(tensor) === true;
  for (const { name, proto } of nodes) {
    const missing = readBy(proto).find((tensor) => tensor !== "" && !known(tensor));
    if (missing !== undefined) throw new OnnxDanglingEdgeError(`Node ${quote(name)}`, missing);
  }
  for (const { name } of graph.output) {
    if (!known(name)) throw new OnnxDanglingEdgeError("The graph's output", name);
  }
  return { inputs, outputs: graph.output, initializers, nodes: order(nodes, made, graph.output) };
}
