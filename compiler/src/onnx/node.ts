import { Attributes } from "./attributes.ts";
import { OnnxAttributeError, OnnxFormatError, OnnxTooLargeError, OnnxUnsupportedOpError } from "./errors.ts";
import { MAX_WIDTH } from "./limits.ts";
import type { OnnxNode } from "./model.ts";
import type { TensorProto } from "./proto.ts";
import { quote } from "./quote.ts";
import { addShape, argMaxShape, flattenShape, gemmShape, matMulShape, reshapeShape } from "./shapes.ts";
import type { NamedNode } from "./structure.ts";
import { elementCount, readFloats, readIntegers } from "./tensor.ts";

/** A tensor that depends on the input. */
export interface Activation {
  readonly dims: readonly number[];
  readonly kind: "label" | "values";
}

/** What is known so far, by tensor name; grows node by node. */
export interface Flow {
  readonly constants: Map<string, TensorProto>;
  readonly activations: Map<string, Activation>;
  readonly opset: number;
}

const ARITY: Readonly<Record<string, readonly [min: number, max: number]>> = {
  Gemm: [2, 3],
  MatMul: [2, 2],
  Add: [2, 2],
  Relu: [1, 1],
  Flatten: [1, 1],
  Reshape: [2, 2],
  Identity: [1, 1],
  ArgMax: [1, 1],
};

/**
 * Gives one node its meaning and its shape. An Identity of a constant makes a constant and no node.
 *
 * @throws {AssayError} when inputs, attributes or shapes are not ones that the compiler has a meaning for.
 */
export function readNode({ name, proto }: NamedNode, flow: Flow): OnnxNode | undefined {
  const op = proto.op_type;
  const [min, max] = ARITY[op] ?? [0, 0];
  const inputs = proto.input.at(-1) === "" ? proto.input.slice(0, -1) : proto.input;
  const outputs = proto.output.filter((tensor) => tensor !== "");
  if (inputs.length < min || inputs.length > max || inputs.includes("") || outputs.length !== 1) {
    throw new OnnxFormatError(`node ${quote(name)} (${op}) has ${inputs.length} inputs and ${outputs.length} outputs`);
  }
  const [first = "", second = "", third] = inputs;
  const output = outputs[0] ?? "";
  const unsupported = (remedy: string) => new OnnxUnsupportedOpError([{ node: name, op, remedy }]);

  const constant = flow.constants.get(first);
  if (op === "Identity" && constant !== undefined) {
    flow.constants.set(output, constant);
    return undefined;
  }
  // Add commutes, so its activation may stand on either side.
  const swap = op === "Add" && constant !== undefined;
  const input = flow.activations.get(swap ? second : first);
  if (input === undefined)
    throw unsupported("its first input must depend on the model's input, not on constants alone");
  const reshaping = op === "Identity" || op === "Flatten" || op === "Reshape";
  if (input.kind === "label" && !reshaping)
    throw unsupported("nothing can be computed after ArgMax; make it the last node");

  const weights = (tensor: string) => {
    const found = flow.constants.get(tensor);
    if (found === undefined)
      throw unsupported(`${quote(tensor)} must be a constant: an initializer or a Constant node`);
    return readFloats(found);
  };
  const attributes = new Attributes(proto, name);
  const node = interpretNode();
  attributes.done();
  const width = elementCount(node.dims);
  if (width > MAX_WIDTH) {
    throw new OnnxTooLargeError(`Elements made by node ${quote(name)}`, width, MAX_WIDTH, "use a narrower layer");
  }
  flow.activations.set(output, { dims: node.dims, kind: op === "ArgMax" ? "label" : input.kind });
  return node;

  function interpretNode(): OnnxNode {
    const { dims: from } = input as Activation;
    switch (op) {
      case "Gemm": {
        if (attributes.flag("transA", false)) throw new OnnxAttributeError(name, "transA", "1", "only 0 is supported");
        const transB = attributes.flag("transB", false);
        const alpha = attributes.float("alpha", 1);
        const beta = attributes.float("beta", 1);
        const weight = weights(second);
        const bias = third === undefined ? undefined : weights(third);
        return { op, name, weight, bias, alpha, beta, transB, dims: gemmShape(name, from, weight, bias, transB) };
      }
      case "MatMul": {
        const weight = weights(second);
        return { op, name, weight, dims: matMulShape(name, from, weight) };
      }
      case "Add": {
        const bias = weights(swap ? first : second);
        return { op, name, bias, dims: addShape(name, from, bias) };
      }
      case "Relu":
      case "Identity":
        return { op, name, dims: from };
      case "Flatten":
        return { op, name, dims: flattenShape(name, from, attributes.integer("axis", 1)) };
      case "Reshape": {
        const shape = flow.constants.get(second);
        if (shape === undefined) throw unsupported("its shape must be a constant; export with a fixed batch size of 1");
        const allowZero = attributes.flag("allowzero", false);
        return { op, name, dims: reshapeShape(name, from, readIntegers(shape), allowZero) };
      }
      case "ArgMax": {
        if (attributes.flag("select_last_index", false)) {
          throw new OnnxAttributeError(name, "select_last_index", "1", "only 0 is supported");
        }
        const axis = attributes.integer("axis", 0);
        return { op, name, dims: argMaxShape(name, from, axis, attributes.flag("keepdims", true)) };
      }
      default:
        throw unsupported("the reader has no meaning for it");
    }
  }
}
