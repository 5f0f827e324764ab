import { constantTensor } from "./constants.ts";
import {
  OnnxCycleError,
  OnnxDanglingEdgeError,
  OnnxDuplicateNameError,
  OnnxInterfaceError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
  type UnsupportedNode,
} from "./errors.ts";
import { MAX_NODES } from "./limits.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** A node of the file with a name fit for messages. */
export interface NamedNode {
  readonly name: string;
  readonly proto: NodeProto;
}

/** The graph after its edges have been checked. */
export interface Structure {
  readonly input: ValueInfoProto;
  readonly output: ValueInfoProto;
  /** Tensors known from the file alone. */
  readonly constants: ReadonlyMap<string, TensorProto>;
  /** Nodes that the output depends on, but for Constant ones, each after those that it reads. */
  readonly nodes: readonly NamedNode[];
}

const SUPPORTED = new Set(["Gemm", "MatMul", "Add", "Relu", "Flatten", "Reshape", "Identity", "ArgMax", "Constant"]);

const REMEDIES: Readonly<Record<string, string>> = {
  Softmax: "remove it before export: it does not change which class is the greatest",
  LogSoftmax: "remove it before export: it does not change which class is the greatest",
  Dropout: "call model.eval() before export, or remove it",
  BatchNormalization: "fold it into the layer before it (PyTorch does so on export in eval mode)",
  Cast: "keep the model in float32 from input to logits",
  Conv: "convolutions are not supported yet; use fully connected layers",
  Sigmoid: "use Relu between layers; after the last one remove it, the order of the logits stays",
  Tanh: "use Relu between layers",
};

function standard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** Every node that the compiler has no meaning for; a function of the file that redefines an operator counts too. */
function checkOperators(nodes: readonly NamedNode[], functions: ModelProto["functions"]): void {
  const redefined = new Set(functions.filter(({ domain }) => standard(domain)).map(({ name }) => name));
  const found: UnsupportedNode[] = [];
  for (const { name, proto } of nodes) {
    const known = standard(proto.domain) && SUPPORTED.has(proto.op_type) && !redefined.has(proto.op_type);
    if (known) continue;
    const op = standard(proto.domain) ? proto.op_type : `${proto.domain}.${proto.op_type}`;
    const remedy = redefined.has(proto.op_type)
      ? "export with functions inlined"
      : Object.hasOwn(REMEDIES, op)
        ? (REMEDIES[op] ?? "")
        : "rewrite the model with Gemm, MatMul, Add, Relu, Flatten, Reshape, Identity and a last ArgMax";
    found.push({ node: name, op, remedy });
  }
  if (found.length > 0) throw new OnnxUnsupportedOpError(found);
}

/** Orders nodes so that each comes after those it reads, and drops those that `output` does not need. */
function order(nodes: readonly NamedNode[], made: ReadonlyMap<string, NamedNode>, output: string): NamedNode[] {
  const sorted: NamedNode[] = [];
  const state = new Map<NamedNode, "open" | "done">();
  const root = made.get(output);
  const stack = root === undefined ? [] : [root];
  while (stack.length > 0) {
    const node = stack.at(-1) as NamedNode;
    if (state.get(node) === "done") {
      stack.pop();
      continue;
    }
    const waiting = node.proto.input
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

/**
 * Checks operators, names and edges of a graph and puts its nodes in order.
 *
 * @throws {OnnxUnsupportedOpError} listing every node that cannot be compiled.
 * @throws {OnnxDuplicateNameError | OnnxDanglingEdgeError | OnnxCycleError} when the edges make no graph.
 * @throws {OnnxInterfaceError} when there is not exactly one input and one output.
 */
export function readStructure(graph: GraphProto, functions: ModelProto["functions"]): Structure {
  if (graph.node.length > MAX_NODES) {
    throw new OnnxTooLargeError("Nodes in the graph", graph.node.length, MAX_NODES, "export a smaller model");
  }
  const nodes = graph.node.map((proto, index) => ({
    name: proto.name === "" ? `${proto.op_type} #${index}` : proto.name,
    proto,
  }));
  checkOperators(nodes, functions);

  const constants = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) {
    if (constants.has(tensor.name)) throw new OnnxDuplicateNameError(tensor.name);
    constants.set(tensor.name, tensor);
  }
  // Before IR version 4 every initializer is listed as an input too.
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  const [input, ...moreInputs] = inputs;
  if (input === undefined || moreInputs.length > 0) {
    throw new OnnxInterfaceError(
      "inputs that are not initializers",
      inputs.map(({ name }) => name),
    );
  }
  const [output, ...moreOutputs] = graph.output;
  if (output === undefined || moreOutputs.length > 0) {
    throw new OnnxInterfaceError(
      "outputs",
      graph.output.map(({ name }) => name),
    );
  }

  const made = new Map<string, NamedNode>();
  for (const node of nodes) {
    for (const tensor of node.proto.output) {
      if (tensor === "") continue;
      const taken = made.has(tensor) || constants.has(tensor) || tensor === input.name;
      if (taken) throw new OnnxDuplicateNameError(tensor);
      if (node.proto.op_type === "Constant") constants.set(tensor, constantTensor(node.proto, node.name));
      else made.set(tensor, node);
    }
  }
  const known = (tensor: string) => tensor === input.name || constants.has(tensor) || made.has(tensor);
  for (const { name, proto } of nodes) {
    const missing = proto.input.find((tensor) => tensor !== "" && !known(tensor));
    if (missing !== undefined) throw new OnnxDanglingEdgeError(`Node ${quote(name)}`, missing);
  }
  if (!known(output.name)) throw new OnnxDanglingEdgeError("The graph's output", output.name);
  return { input, output, constants, nodes: order(nodes, made, output.name) };
}
