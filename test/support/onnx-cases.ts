import { attribute, buildModel, node, outputInfo, tensor, valueInfo } from "./onnx-builder.ts";
import type { Random } from "./random.ts";

type Message = Record<string, unknown>;
type Draw = (random: Random) => number;

/** An input of a node: random numbers of the model's input, constants, or left out. */
export type Given =
  | { readonly dims: readonly number[]; readonly type: number; readonly draw: Draw }
  | { readonly constant: (name: string) => Message }
  | undefined;

/** One node with its inputs, to be run in ONNX Runtime and as a program. */
export interface Case {
  readonly op: string;
  /** What is particular about it. */
  readonly about: string;
  readonly opset: number;
  readonly inputs: readonly Given[];
  readonly attributes: readonly Message[];
  /** Element type of each output. */
  readonly outputs: readonly number[];
  readonly domain: string;
}

const number =
  (min: number, max: number): Draw =>
  (random) =>
    Math.fround(min + (max - min) * random.real());

/** Random floats from -3 to 3, or in another range. */
export function floats(dims: readonly number[], min = -3, max = 3): Given {
  return { dims, type: 1, draw: number(min, max) };
}

/** Random whole numbers of an element type, int64 unless said. */
export function integers(dims: readonly number[], min: number, max: number, type = 7): Given {
  return { dims, type, draw: (random) => random.integer(min, max) };
}

export function booleans(dims: readonly number[]): Given {
  return { dims, type: 9, draw: (random) => random.integer(0, 1) };
}

/** Constants of an element type, float unless said. */
export function fixed(dims: readonly number[], values: readonly number[], type = 1): Given {
  return { constant: (name) => tensor(name, type, dims, values) };
}

/** A constant list of int64. */
export function list(...values: readonly number[]): Given {
  return fixed([values.length], values, 7);
}

/** Constants between -1 and 1 that differ from each other, float. */
export function weights(...dims: readonly number[]): Given {
  const count = dims.reduce((product, size) => product * size, 1);
  return fixed(
    dims,
    Array.from({ length: count }, (_, at) => Math.sin(1 + 2.4 * at)),
  );
}

/** An attribute by the kind of its value: whole numbers, text, floats as `{ f }`, lists of whole numbers. */
type Setting =
  number | string | readonly number[] | { readonly f: number } | { readonly fs: readonly number[] } | Message;

function setting(name: string, value: Setting): Message {
  if (typeof value === "number") return attribute.integer(name, value);
  if (typeof value === "string") return attribute.string(name, value);
  if (Array.isArray(value)) return attribute.integers(name, value as number[]);
  if ("f" in value) return attribute.float(name, value.f as number);
  if ("fs" in value) return attribute.floats(name, value.fs as number[]);
  return attribute.tensor(name, value as Message);
}

interface More {
  readonly opset?: number;
  readonly outputs?: readonly number[];
  readonly about?: string;
  readonly domain?: string;
}

export function of(
  op: string,
  inputs: readonly Given[],
  settings: Readonly<Record<string, Setting>> = {},
  { opset = 17, outputs = [1], about, domain = "" }: More = {},
): Case {
  const attributes = Object.entries(settings).map(([name, value]) => setting(name, value));
  const shapes = inputs.map((given) => (given === undefined ? "-" : "dims" in given ? `[${given.dims.join()}]` : "c"));
  const told = Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value).slice(0, 30)}`);
  return {
    op,
    inputs,
    attributes,
    opset,
    outputs,
    domain,
    about: about ?? `${shapes.join(" ")} ${told.join(" ")} @${opset}`,
  };
}

/** The model of a case, and what its inputs are. */
export function modelOf({ op, inputs, attributes, opset, outputs, domain }: Case): {
  readonly bytes: Uint8Array;
  readonly varying: readonly Exclude<Given, undefined | { constant: unknown }>[];
} {
  const names = inputs.map((given, at) => (given === undefined ? "" : `i${at}`));
  const varying = inputs.filter((given) => given !== undefined && "dims" in given);
  const made = outputs.map((_, at) => `o${at}`);
  // A model has an input, even if the node has none.
  const spare = varying.length === 0;
  const nodes = [node(op, names, made, attributes, domain)];
  if (spare) nodes.push(node("Identity", ["spare"], "spared"));
  return {
    varying: spare ? [{ dims: [1], type: 1, draw: number(0, 1) }] : varying,
    bytes: buildModel({
      nodes,
      opset,
      model: {
        ir_version: 8,
        opset_import: [
          { domain: "", version: opset },
          { domain: "ai.onnx.ml", version: 3 },
        ],
      },
      initializers: inputs.flatMap((given, at) => (given !== undefined && "constant" in given ? [given.constant(`i${at}`)] : [])), // prettier-ignore
      inputs: [
        ...inputs.flatMap((given, at) => (given !== undefined && "dims" in given ? [valueInfo(`i${at}`, given.dims, given.type)] : [])), // prettier-ignore
        ...(spare ? [valueInfo("spare", [1])] : []),
      ],
      outputs: [...made.map((name, at) => outputInfo(name, outputs[at])), ...(spare ? [outputInfo("spared")] : [])],
    }),
  };
}
