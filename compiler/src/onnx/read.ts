import { decodeOnnx } from "./decode.ts";
import {
  OnnxDtypeError,
  OnnxDynamicShapeError,
  OnnxFormatError,
  OnnxGraphMissingError,
  OnnxOpsetError,
  OnnxTooLargeError,
} from "./errors.ts";
import { MAX_MODEL_BYTES, MAX_RANK, MAX_WIDTH } from "./limits.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { readNode, type Flow } from "./node.ts";
import { dataTypeName, FLOAT, INT64, type ModelProto, type ValueInfoProto } from "./proto.ts";
import { quote } from "./quote.ts";
import { readStructure } from "./structure.ts";
import { elementCount, safeInteger } from "./tensor.ts";

/** Oldest and newest operator set that the reader knows. */
export const MIN_OPSET = 9;
export const MAX_OPSET = 21;

export interface ReadOptions {
  /** Largest file taken, in bytes; default MAX_MODEL_BYTES (64 MiB). */
  readonly maxBytes?: number;
}

function readOpset(model: ModelProto): number {
  const standard = model.opset_import.filter(({ domain }) => domain === "" || domain === "ai.onnx");
  const [only, ...more] = standard;
  if (only === undefined) throw new OnnxOpsetError("(none declared)", MIN_OPSET, MAX_OPSET);
  const version = safeInteger(only.version);
  if (more.length > 0 || version === undefined || version < MIN_OPSET || version > MAX_OPSET) {
    throw new OnnxOpsetError(standard.map((each) => each.version.toString()).join(" and "), MIN_OPSET, MAX_OPSET);
  }
  return version;
}

function readInputDims(input: ValueInfoProto): readonly number[] {
  const tensor = input.type?.tensor_type ?? null;
  const type = tensor?.elem_type ?? 0;
  if (type !== FLOAT) throw new OnnxDtypeError(`Input ${quote(input.name)}`, dataTypeName(type), "FLOAT");
  const shape = tensor?.shape ?? null;
  if (shape === null) throw new OnnxDynamicShapeError(input.name, undefined, "not given");
  const limit = (what: string, got: number, most: number) => {
    if (got > most)
      throw new OnnxTooLargeError(`${what} of input ${quote(input.name)}`, got, most, "use a smaller one");
  };
  limit("Dimensions", shape.dim.length, MAX_RANK);
  const dims = shape.dim.map((dim, place) => {
    if (dim.dim_param !== undefined && dim.dim_param !== "") {
      throw new OnnxDynamicShapeError(input.name, place, quote(dim.dim_param));
    }
    const size =
      Object.hasOwn(dim, "dim_value") && dim.dim_value !== undefined ? safeInteger(dim.dim_value) : undefined;
    if (size === undefined || size < 1) {
      throw new OnnxDynamicShapeError(input.name, place, size === undefined ? "not given" : String(size));
    }
    return size;
  });
  limit("Elements", elementCount(dims), MAX_WIDTH);
  return dims;
}

/**
 * Reads an ONNX file of a feed-forward network: Gemm, MatMul, Add, Relu, Flatten, Reshape, Identity and a last ArgMax,
 * operator sets 9 to 21, one float32 input of fixed shape, batch size 1. Nothing outside `bytes` is opened.
 *
 * Not checked: that the shapes and types which the file declares for tensors in between are the ones that follow from
 * its nodes (the reader derives its own).
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { readOnnx } from "@assay/compiler";
 * const model = readOnnx(await readFile("vectors/models/digits/model.onnx"));
 * console.log(model.nodes.map(({ op }) => op)); // [ 'Gemm', 'Relu', 'Gemm', 'ArgMax' ]
 * ```
 * @throws {AssayError} with a code ASY-ONNX-001 to -017 for every file that it does not take; docs/errors/compiler.md.
 */
export function readOnnx(bytes: Uint8Array, { maxBytes = MAX_MODEL_BYTES }: ReadOptions = {}): OnnxModel {
  const model = decodeOnnx(bytes, maxBytes);
  if (model.graph === null && model.opset_import.length === 0) {
    throw new OnnxFormatError("it has neither a graph nor an operator set");
  }
  const opset = readOpset(model);
  const graph = model.graph;
  if (graph === null || graph.node.length === 0) throw new OnnxGraphMissingError();
  if (graph.sparse_initializer.length > 0) {
    throw new OnnxDtypeError("An initializer of the graph", "sparse tensor", "dense FLOAT");
  }

  const { input, output, constants, nodes: order } = readStructure(graph, model.functions);
  const inputDims = readInputDims(input);
  const flow: Flow = {
    constants: new Map(constants),
    activations: new Map([[input.name, { dims: inputDims, kind: "values" }]]),
    opset,
  };
  const nodes = order.map((node) => readNode(node, flow)).filter((node): node is OnnxNode => node !== undefined);
  const result = flow.activations.get(output.name);
  if (result === undefined || nodes.length === 0) throw new OnnxGraphMissingError();
  const declared = output.type?.tensor_type?.elem_type ?? 0;
  const actual = result.kind === "label" ? INT64 : FLOAT;
  if (declared !== actual) {
    throw new OnnxDtypeError(`Output ${quote(output.name)}`, dataTypeName(declared), dataTypeName(actual));
  }
  return {
    name: graph.name,
    opset,
    producer: `${model.producer_name} ${model.producer_version}`.trim(),
    input: { name: input.name, dims: inputDims },
    output: { name: output.name, ...result },
    nodes,
  };
}
