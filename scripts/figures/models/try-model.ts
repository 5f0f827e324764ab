import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { InferenceSession, Tensor } from "onnxruntime-node";

import {
  compileOnnx,
  compileCircuit,
  encodeInput,
  interpret,
  publicLayout,
  statementOf,
} from "../../../compiler/src/index.ts";
import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import type { Program } from "../../../compiler/src/program/types.ts";
import { loadWitnessProgram } from "../../../compiler/src/prove/witness.ts";
import { randomOf } from "../../../compiler/src/random.ts";
import { encodeTensor } from "../../../sdk/src/index.ts";
import { proveOnChain } from "./prove-on-chain.ts";
import { roughConstraints } from "./size.ts";

/** Circuits above this many constraints are compiled but not proven. */
const PROVABLE = 400_000;
/** Circuits that are likely above this are not compiled. */
const COMPILABLE = 450_000;
/** Largest error against float, as a share of the outputs' range. */
const TOLERANCE = 0.02;

/** What became of one model. */
export interface ModelResult {
  readonly name: string;
  readonly ok: boolean;
  readonly compiled: boolean;
  /** Interpreter, ONNX Runtime and circuit agree bit for bit. */
  readonly exact: boolean;
  readonly relativeError?: number;
  readonly constraints?: number;
  /** The proof was accepted by the generated contract; with what gas, and seconds of proving. */
  readonly proved?: boolean;
  readonly gas?: number;
  readonly unproved?: string;
  readonly proveSeconds?: number;
  readonly seconds: number;
  readonly why?: string;
}

const TYPES: Readonly<
  Record<string, (values: readonly number[]) => Float32Array | BigInt64Array | Int32Array | Uint8Array | Float64Array>
> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  int32: (values) => Int32Array.from(values),
  bool: (values) => Uint8Array.from(values),
};

/** Outputs of the file itself, in float, by ONNX Runtime. */
async function floatOutputs(onnx: Uint8Array, inputs: readonly (readonly number[])[]): Promise<number[] | undefined> {
  const session = await InferenceSession.create(onnx, { logSeverityLevel: 4 }).catch(() => undefined);
  if (session === undefined) return undefined;
  const feeds: Record<string, Tensor> = {};
  for (const [at, meta] of session.inputMetadata.entries()) {
    if (!meta.isTensor) continue;
    const dims = meta.shape.map((size) => (typeof size === "number" && size > 0 ? size : 1));
    const make = TYPES[meta.type] ?? TYPES["float32"]!;
    feeds[meta.name] = new Tensor(meta.type as "float32", make(inputs[at] ?? []) as Float32Array, dims);
  }
  const made = await session.run(feeds);
  return session.outputNames.flatMap((name) =>
    Array.from(made[name]!.data as Iterable<number | bigint | boolean>, Number),
  );
}

/** Outputs in double precision by our own reading of the file: for the few that ONNX Runtime refuses. */
function ownOutputs(program: Program, inputs: readonly (readonly number[])[]): number[] {
  const known = runProgram(program, inputs);
  return program.outputs.flatMap(({ value }) => Array.from(value.constant ?? known.get(value.id) ?? []));
}

/** Compiles a model, with the one input as calibration data, and checks that all its implementations are one. */
export async function tryModel(
  name: string,
  onnx: Uint8Array,
  given: readonly (readonly number[])[] | undefined,
  options: { readonly prove: boolean },
): Promise<ModelResult> {
  const start = Date.now();
  const seconds = () => (Date.now() - start) / 1000;
  let state: Partial<ModelResult> = {};
  try {
    const { program } = importOnnx(onnx);
    // Without an input of its own a model gets seeded numbers from 0 to 1.
    const random = randomOf(1);
    const inputs = given ?? program.inputs.map(({ value }) => Array.from({ length: elementCount(value.dims) }, random));
    const row = inputs.flat();
    const { graph, runtimeOnnx, report } = compileOnnx(onnx, { name, calibration: [row] });
    state = { compiled: true };
    const encoded = encodeInput(graph.input, row);
    const { output } = interpret(graph, encoded);
    const session = await InferenceSession.create(runtimeOnnx, { logSeverityLevel: 4 });
    const run = await session.run({
      [graph.input.name]: new Tensor("float32", Float32Array.from(encoded), [1, encoded.length]),
    });
    const runtime = Array.from(run[session.outputNames[0]!]!.data as Iterable<number | bigint>, Number);
    if (runtime.some((value, at) => value !== output[at])) throw new Error("ONNX Runtime and interpreter differ");
    const float = (await floatOutputs(onnx, inputs)) ?? ownOutputs(program, inputs);
    const real = output.map((value) => graph.output.scale * (value - graph.output.zeroPoint));
    if (real.length !== float.length) throw new Error(`${real.length} outputs, the file gives ${float.length}`);
    const finite = float.filter((value) => Number.isFinite(value));
    const most = (values: readonly number[]) => values.reduce((found, value) => Math.max(found, value), -Infinity);
    const span = most(finite) + most(finite.map((value) => -value)) || most(finite.map(Math.abs)) || 1;
    const relativeError = most(real.map((value, at) => Math.abs(value - float[at]!))) / span;
    state = { ...state, relativeError };
    const rough = roughConstraints(graph, report.layers);
    if (rough > COMPILABLE) throw new Error(`about ${Math.round(rough / 1000)}k constraints: too many to compile here`);
    const circuit = await compileCircuit(graph, { outDir: join("build", "zkml") });
    state = { ...state, constraints: circuit.constraints.total };
    const witness = await loadWitnessProgram(await readFile(circuit.wasmPath));
    const encode = (spec: typeof graph.input, data: readonly number[]) =>
      encodeTensor({ dtype: spec.dtype, dims: spec.dims, data: data.map(BigInt) });
    const request = { input: encode(graph.input, encoded), output: encode(graph.output, output) };
    const layout = publicLayout(graph, circuit.binding);
    witness.calculate(statementOf(layout, { context: new Uint8Array(31), ...request }).inputs);
    state = { ...state, exact: true };
    if (options.prove && circuit.constraints.total <= PROVABLE) {
      const unproved = (error: Error) => ({ proved: false, unproved: error.message });
      state = { ...state, ...(await proveOnChain(graph, circuit, request.input, request.output).catch(unproved)) };
    }
    const why = relativeError > TOLERANCE ? `error ${(100 * relativeError).toFixed(2)} % of the range` : undefined;
    return {
      name,
      compiled: true,
      exact: true,
      ...state,
      ok: why === undefined,
      seconds: seconds(),
      ...(why === undefined ? {} : { why }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { compiled: false, exact: false, ...state, name, ok: false, seconds: seconds(), why };
  }
}
