import { expect } from "chai";
import * as ort from "onnxruntime-node";

import { Attributes } from "../../compiler/src/onnx/attributes.ts";
import type { Operators } from "../../compiler/src/onnx/ops/types.ts";
import type { ModelProto } from "../../compiler/src/onnx/proto.ts";
import { onnxModelType } from "../../compiler/src/onnx/schema.ts";
import { ProgramBuilder } from "../../compiler/src/program/builder.ts";
import { elementCount } from "../../compiler/src/program/geometry.ts";
import { runProgram } from "../../compiler/src/program/run.ts";
import type { Program, Value, ValueType } from "../../compiler/src/program/types.ts";
import { buildModel, node, valueInfo } from "./onnx-builder.ts";
import type { Random } from "./random.ts";

type Message = Record<string, unknown>;

/** Lists and text as attributes. */
export const lists = {
  integers: (name: string, ints: readonly number[]): Message => ({ name, type: 7, ints }),
  floats: (name: string, floats: readonly number[]): Message => ({ name, type: 6, floats }),
  text: (name: string, s: string): Message => ({ name, type: 3, s: new TextEncoder().encode(s) }),
  texts: (name: string, strings: readonly string[]): Message => ({
    name,
    type: 8,
    strings: strings.map((each) => new TextEncoder().encode(each)),
  }),
};

/** An input of a node under test: `data` when it is an initializer, else a range for random elements. */
export interface Input {
  readonly type: ValueType;
  readonly dims: readonly number[];
  readonly data?: readonly number[];
  /** Random elements lie in it; whole numbers unless the type is real. */
  readonly range?: readonly [min: number, max: number];
}

/** One node with all that surrounds it. An input that is left out is undefined. */
export interface Case {
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs: readonly (Input | undefined)[];
  readonly attributes?: readonly Message[];
  /** Whether the importer knows that no value is below 0. */
  readonly nonNegative?: boolean;
  /** Types of the outputs; one real output by default. An output that is left out is undefined. */
  readonly outputs?: readonly (ValueType | undefined)[];
}

export const real = (...dims: number[]): Input => ({ type: "real", dims });
export const integer = (dims: readonly number[], min: number, max: number): Input => {
  return { type: "integer", dims, range: [min, max] };
};
export const bits = (...dims: number[]): Input => ({ type: "boolean", dims, range: [0, 1] });
export const fixed = (type: ValueType, dims: readonly number[], data: readonly number[]): Input => {
  return { type, dims, data };
};

const ELEMENT = { real: 1, integer: 7, boolean: 9 } as const;

function bytesOf(type: ValueType, data: readonly number[]): Uint8Array {
  if (type === "real") return new Uint8Array(Float32Array.from(data).buffer);
  if (type === "boolean") return Uint8Array.from(data);
  return new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
}

function tensorOf(type: ValueType, dims: readonly number[], data: readonly number[]): ort.Tensor {
  if (type === "real") return new ort.Tensor("float32", Float32Array.from(data), dims);
  if (type === "boolean") return new ort.Tensor("bool", Uint8Array.from(data), dims);
  return new ort.Tensor("int64", BigInt64Array.from(data, BigInt), dims);
}

const named = ({ inputs }: Case) => inputs.map((input, at) => [input === undefined ? "" : `in${at}`, input] as const);

/** The file with only that node. */
export function modelOf(each: Case): Uint8Array {
  const { op, domain = "", opset = domain === "" ? 17 : 3, attributes = [], outputs = ["real"] } = each;
  const known = named(each).filter((pair): pair is [string, Input] => pair[1] !== undefined);
  const opsets = [{ domain: "", version: domain === "" ? opset : 17 }];
  const made = outputs.map((type, at) => (type === undefined ? "" : `out${at}`));
  return buildModel({
    nodes: [node(op, named(each).map(([name]) => name), made, attributes, domain)], // prettier-ignore
    initializers: known.flatMap(([name, { type, dims, data }]) => {
      return data === undefined ? [] : [{ name, dims, data_type: ELEMENT[type], raw_data: bytesOf(type, data) }];
    }),
    inputs: known.flatMap(([name, { type, dims, data }]) => {
      return data === undefined ? [valueInfo(name, dims, ELEMENT[type])] : [];
    }),
    outputs: outputs.flatMap((type, at) => {
      if (type === undefined) return [];
      return [{ name: `out${at}`, type: { tensor_type: { elem_type: ELEMENT[type] } } }];
    }),
    model: { opset_import: domain === "" ? opsets : [...opsets, { domain, version: opset }] },
  });
}

/** The program that a lowering makes of the node, through the bytes of the file. */
export function lower(operators: Operators, each: Case): Program {
  const { op, domain = "", opset = domain === "" ? 17 : 3, outputs = ["real"] } = each;
  const decoded = onnxModelType().decode(modelOf(each)) as unknown as ModelProto;
  const proto = decoded.graph!.node[0]!;
  const operator = operators[domain === "" ? op : `${domain}.${op}`];
  if (operator === undefined) throw new Error(`no operator ${op}`);
  expect(each.inputs.length, "inputs").to.be.within(...(operator.inputs as [number, number]));
  const builder = new ProgramBuilder(op);
  builder.source = proto.name;
  const inputs = named(each).map(([name, input]) => {
    if (input === undefined) return undefined;
    const { type, dims, data } = input;
    if (data === undefined) return builder.input(name, dims, type);
    return builder.constant(dims, type === "real" ? data.map(Math.fround) : data, type);
  });
  const attributes = new Attributes(proto, proto.name);
  const nonNegative = () => each.nonNegative === true;
  const context = { builder, node: proto.name, op, opset, inputs, outputs: outputs.length, attributes, nonNegative };
  const made = operator.lower(context);
  attributes.done();
  const ports = outputs.flatMap((type, at) => (type === undefined ? [] : [{ name: `out${at}`, value: made[at]! }]));
  return builder.finish(ports);
}

/** Random elements of the varying inputs, exact in float32. */
function draw(each: Case, random: Random): number[][] {
  return each.inputs.flatMap((input) => {
    if (input === undefined || input.data !== undefined) return [];
    const [min, max] = input.range ?? [-2, 2];
    const one = () => {
      return input.type === "real" ? Math.fround(min + random.real() * (max - min)) : random.integer(min, max);
    };
    return [random.array(elementCount(input.dims), one)];
  });
}

function expectClose(got: readonly number[], want: readonly number[], type: ValueType, what: string): void {
  const near = (value: number, at: number) => {
    const aim = want[at]!;
    return type === "real" ? Math.abs(value - aim) <= 2e-5 * Math.max(1, Math.abs(aim)) : value === aim;
  };
  if (got.length !== want.length || !got.every(near)) expect(got, what).to.deep.equal(want);
}

export interface CompareOptions {
  readonly rounds?: number;
  /** Elements of the varying inputs, in place of random ones. */
  readonly feeds?: readonly (readonly (readonly number[])[])[];
}

/** Runs ONNX Runtime and the lowered program on random inputs and compares all outputs: shapes, types and elements. */
export async function compare(
  operators: Operators,
  each: Case,
  random: Random,
  { rounds = 8, feeds }: CompareOptions = {},
): Promise<Program> {
  const program = lower(operators, each);
  const session = await ort.InferenceSession.create(modelOf(each), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  });
  const varying = named(each).filter(([, input]) => input !== undefined && input.data === undefined);
  const { outputs = ["real"] } = each;
  for (const elements of feeds ?? random.array(rounds, () => 0).map(() => draw(each, random))) {
    const feed = varying.map(([name, input], at) => [name, tensorOf(input!.type, input!.dims, [...elements[at]!])]);
    const wanted = await session.run(Object.fromEntries(feed) as Record<string, ort.Tensor>);
    const values = runProgram(program, elements);
    for (const { name, value } of program.outputs) {
      const type = outputs[Number(name.slice(3))]!;
      const what = `${each.op} ${name} for ${JSON.stringify(elements)}`;
      expect(value.dims, `dims of ${what}`).to.deep.equal(wanted[name]!.dims);
      expect(value.type, `type of ${what}`).to.equal(type);
      const got = Array.from(elementsOf(value, values));
      expectClose(got, Array.from(wanted[name]!.data as ArrayLike<number>, Number), type, what);
    }
  }
  await session.release();
  return program;
}

function elementsOf(value: Value, values: ReturnType<typeof runProgram>): Float64Array {
  const found = value.constant ?? values.get(value.id);
  if (found === undefined) throw new Error(`nothing made value ${value.id}`);
  return found;
}

/** How many elements steps of these kinds make together: what they cost. */
export function made(program: Program, ...ops: readonly Program["steps"][number]["op"][]): number {
  const steps = program.steps.filter(({ op }) => ops.includes(op));
  return steps.reduce((sum, { output }) => sum + elementCount(output.dims), 0);
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Expects that a lowering refuses the node, with this error, which names the node and says these words. */
export function refuses(operators: Operators, each: Case, kind: ErrorClass, ...words: readonly string[]): void {
  let caught: unknown;
  try {
    lower(operators, each);
  } catch (error) {
    caught = error;
  }
  expect(caught, "an error").to.be.instanceOf(kind);
  for (const word of [`${each.op}_out0`, ...words]) expect((caught as Error).message).to.contain(word);
}
