import { elementCount } from "../program/geometry.ts";
import type { Program, ProgramPort, Value } from "../program/types.ts";
import { Attributes } from "./attributes.ts";
import { BoundedBuilder } from "./bounded.ts";
import { decodeOnnx } from "./decode.ts";
import { elementType } from "./dtypes.ts";
import {
  OnnxDtypeError,
  OnnxFormatError,
  OnnxGraphMissingError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
  OnnxWeightError,
} from "./errors.ts";
import { bindInputs } from "./inputs.ts";
import { MAX_MODEL_BYTES, MAX_RANK } from "./limits.ts";
import { outputDtype } from "./node-dtypes.ts";
import { checkOperators, type KnownNode } from "./operators.ts";
import type { Operator } from "./ops/types.ts";
import { readOpsets } from "./opset.ts";
import { dataTypeName, type GraphProto, type ModelProto, type ValueInfoProto } from "./proto.ts";
import { quote } from "./quote.ts";
import { readStructure } from "./structure.ts";
import { MAX_FLOAT } from "./tensor.ts";
import { Tensors } from "./tensors.ts";

export interface ImportOptions {
  /** Largest file taken, in bytes; default MAX_MODEL_BYTES (64 MiB). */
  readonly maxBytes?: number;
  /**
   * Sizes of the inputs' open dimensions, by their name in the file, or by input and axis (`x.2`) where they have none.
   * Those on axis 0 are the batch, which is 1 unless given; all others must be given.
   */
  readonly dims?: Readonly<Record<string, number>>;
}

export interface ImportedModel {
  readonly program: Program;
  /** Version of the standard operator set that the file asks for. */
  readonly opset: number;
  /** Name and version of the exporter, as the file claims. */
  readonly producer: string;
  /** Sizes that open dimensions of the inputs have, given or assumed. */
  readonly bound: Readonly<Record<string, number>>;
}

function withoutTrailingGaps(names: readonly string[]): readonly string[] {
  const last = names.findLastIndex((name) => name !== "");
  return names.slice(0, last + 1);
}

/** What the node made must be numbers, not too many dimensions and, where it depends on an input, not empty. */
function checkResult({ name, op }: KnownNode, { dims, constant }: Value): void {
  if (dims.length > MAX_RANK) {
    throw new OnnxTooLargeError(`Dimensions made by node ${quote(name)}`, dims.length, MAX_RANK, "use fewer");
  }
  if (constant === undefined && elementCount(dims) === 0) {
    throw new OnnxShapeError(`Node ${quote(name)}`, `it makes an empty tensor, [${dims.join(", ")}]`, "remove it");
  }
  if (constant?.every(Number.isFinite) === false) {
    const remedy = "it makes constants that are not finite; look for a division by zero, and mask with -10000";
    throw new OnnxUnsupportedOpError([{ node: name, op, remedy }]);
  }
}

/** What is the same in a graph and in all branches of it. */
interface Setting {
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: ModelProto["functions"];
}

const BRANCHES = "its condition depends on the inputs: compute both branches and choose with Where, or trace the model";

/** An If whose condition is known is one of its branches, and the other is as if it were not there. */
function lowerIf({ name, op, proto }: KnownNode, tensors: Tensors, setting: Setting): void {
  const [input = ""] = proto.input;
  if (proto.input.length !== 1 || input === "") {
    throw new OnnxFormatError(`node ${quote(name)} (${op}) has ${proto.input.length} inputs`);
  }
  const { constant, type } = tensors.value(input);
  if (constant === undefined) throw new OnnxUnsupportedOpError([{ node: name, op, remedy: BRANCHES }]);
  if (constant.length !== 1 || type !== "boolean") {
    throw new OnnxShapeError(`Node ${quote(name)}`, "its condition is not one boolean", "export the model again");
  }
  const attributes = new Attributes(proto, name);
  const [yes, no] = [attributes.graph("then_branch"), attributes.graph("else_branch")];
  attributes.done();
  const branch = constant[0] === 1 ? yes : no;
  if (branch === undefined || branch.output.length !== proto.output.length) {
    throw new OnnxFormatError(`node ${quote(name)} (${op}) has no branch that gives its outputs`);
  }
  const { nodes, initializers } = readStructure(branch, (tensor) => tensors.has(tensor));
  const inside = new Tensors(tensors.builder, initializers, tensors);
  lowerNodes(checkOperators(nodes, setting.opsets, setting.functions), inside, setting);
  for (const [at, tensor] of proto.output.entries()) {
    const made = branch.output[at]!.name;
    if (tensor !== "") tensors.set(tensor, inside.value(made), inside.dtype(made));
  }
}

function lowerNodes(nodes: readonly KnownNode[], tensors: Tensors, setting: Setting): void {
  for (const each of nodes) {
    if (each.operator === undefined) lowerIf(each, tensors, setting);
    else lowerNode(each, each.operator, tensors);
  }
}

/** Operators that multiply by what they are given: no infinity stands for a mask there. */
const WEIGHTED = new Set(["Gemm", "MatMul", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "BatchNormalization"]);

function checkWeights(op: string, names: readonly string[], values: readonly (Value | undefined)[]): void {
  if (!WEIGHTED.has(op)) return;
  for (const [at, value] of values.entries()) {
    const index = value?.constant?.findIndex((each) => Math.abs(each) >= MAX_FLOAT) ?? -1;
    if (index >= 0)
      throw new OnnxWeightError(names[at]!, index, value!.constant![index]! < 0 ? "-Infinity" : "Infinity");
  }
}

function lowerNode(node: KnownNode, operator: Operator, tensors: Tensors): void {
  const { name, op, opset, proto } = node;
  const { builder, signs } = tensors;
  const [min, max] = operator.inputs;
  const names = withoutTrailingGaps(proto.input);
  const outputs = withoutTrailingGaps(proto.output);
  if (names.length < min || names.length > max || names.slice(0, min).includes("") || outputs.length === 0) {
    throw new OnnxFormatError(`node ${quote(name)} (${op}) has ${names.length} inputs and ${outputs.length} outputs`);
  }
  const inputs = names.map((tensor) => (tensor === "" ? undefined : tensors.value(tensor)));
  checkWeights(op, names, inputs);
  const dtypes = names.map((tensor) => tensors.dtype(tensor));
  const attributes = new Attributes(proto, name);
  builder.source = name;
  const made = operator.lower({
    builder,
    node: name,
    op,
    opset,
    inputs,
    dtypes,
    nonNegative: (value) => signs.nonNegative(value),
    outputs: outputs.length,
    attributes,
  });
  attributes.done();
  for (const [at, tensor] of outputs.entries()) {
    if (tensor === "") continue;
    const value = made[at];
    if (value === undefined) {
      throw new OnnxUnsupportedOpError([{ node: name, op, remedy: `do not use its output ${at}, ${quote(tensor)}` }]);
    }
    checkResult(node, value);
    tensors.set(tensor, value, outputDtype(proto, dtypes, at));
  }
  signs.note(op, inputs, made);
}

function readOutput(output: ValueInfoProto, tensors: Tensors): ProgramPort {
  const value = tensors.value(output.name);
  const declared = output.type?.tensor_type?.elem_type ?? 0;
  if (elementType(declared)?.type !== value.type) {
    throw new OnnxDtypeError(`Output ${quote(output.name)}`, dataTypeName(declared), `one for ${value.type} numbers`);
  }
  return { name: output.name, value };
}

function importGraph(
  graph: GraphProto,
  opsets: ReadonlyMap<string, number>,
  functions: ModelProto["functions"],
  dims: Readonly<Record<string, number>>,
): Pick<ImportedModel, "program" | "bound"> {
  const structure = readStructure(graph);
  const nodes = checkOperators(structure.nodes, opsets, functions);
  const { inputs, bound } = bindInputs(structure.inputs, dims);
  const builder = new BoundedBuilder(graph.name);
  const tensors = new Tensors(builder, structure.initializers);
  for (const { name, dims: sizes, dtype, element } of inputs) {
    tensors.set(name, builder.input(name, sizes, element.type), dtype);
  }
  lowerNodes(nodes, tensors, { opsets, functions });
  const outputs = structure.outputs.map((output) => readOutput(output, tensors));
  return { program: builder.finish(outputs), bound };
}

/**
 * Reads an ONNX file, operator sets 7 to 24, and writes it as a program: what depends on constants alone is computed,
 * every shape is known, and each operator is a few of the program's steps. Nothing outside `bytes` is opened.
 *
 * Not checked: that the shapes and types which the file declares for tensors in between are the ones that follow from
 * its nodes (the importer derives its own); that integers stay in the range of their type (nothing wraps around); that
 * divisors are not 0 where the model is used.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { importOnnx } from "@assay/compiler";
 * const { program } = importOnnx(await readFile("vectors/models/digits/model.onnx"));
 * console.log(program.steps.map(({ op }) => op)); // [ 'dense', 'clamp', 'dense', 'argmax' ]
 * ```
 * @throws {AssayError} with a code ASY-ONNX-001 to -017 for every file that it does not take; docs/errors/compiler.md.
 */
export function importOnnx(
  bytes: Uint8Array,
  { maxBytes = MAX_MODEL_BYTES, dims = {} }: ImportOptions = {},
): ImportedModel {
  const model = decodeOnnx(bytes, maxBytes);
  if (model.graph === null && model.opset_import.length === 0) {
    throw new OnnxFormatError("it has neither a graph nor an operator set");
  }
  const opsets = readOpsets(model);
  const { graph } = model;
  if (graph === null || graph.node.length === 0) throw new OnnxGraphMissingError();
  if (graph.sparse_initializer.length > 0) {
    throw new OnnxDtypeError("An initializer of the graph", "sparse tensor", "a dense tensor");
  }
  return {
    ...importGraph(graph, opsets, model.functions, dims),
    opset: opsets.get("") ?? 0,
    producer: `${model.producer_name} ${model.producer_version}`.trim(),
  };
}
