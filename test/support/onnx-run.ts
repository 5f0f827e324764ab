import * as ort from "onnxruntime-node";

import { importOnnx, type ImportedModel, type ImportOptions } from "../../compiler/src/onnx/import.ts";
import { runProgram } from "../../compiler/src/program/run.ts";

/** Element types of onnx.proto by the names that ONNX Runtime has for them. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

function feed(type: string, dims: readonly number[], values: readonly number[]): ort.Tensor {
  if (type === "int64") return new ort.Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  if (type === "bool") return new ort.Tensor("bool", Uint8Array.from(values), dims);
  if (type in ARRAYS) {
    const kind = type as keyof typeof ARRAYS;
    return new ort.Tensor(kind as "float32", ARRAYS[kind].from(values) as Float32Array, dims);
  }
  throw new Error(`no tensors of ${type} in the tests`);
}

/** What a model says of one of its outputs. */
export interface Result {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** Runs ONNX Runtime on the file as it is. `inputs` has one flat array for each input, in the file's order. */
export async function runOnnx(
  bytes: Uint8Array,
  dims: readonly (readonly number[])[],
  inputs: readonly (readonly number[])[],
): Promise<readonly Result[]> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const feeds = Object.fromEntries(
      session.inputMetadata.map((meta, at) => {
        if (!meta.isTensor) throw new Error(`${meta.name} is no tensor`);
        return [meta.name, feed(meta.type, dims[at] ?? [], inputs[at] ?? [])];
      }),
    );
    const results = await session.run(feeds);
    return session.outputNames.map((name) => {
      const { dims: made, data } = results[name] as ort.Tensor;
      return { name, dims: made, data: Array.from(data as ArrayLike<number | bigint | boolean>, Number) };
    });
  } finally {
    await session.release();
  }
}

/** Imports the file and runs the program that comes of it. */
export function runImported(
  bytes: Uint8Array,
  inputs: readonly (readonly number[])[],
  options: ImportOptions = {},
): { readonly model: ImportedModel; readonly results: readonly Result[] } {
  const model = importOnnx(bytes, options);
  const elements = runProgram(model.program, inputs);
  const results = model.program.outputs.map(({ name, value }) => {
    return { name, dims: value.dims, data: Array.from(value.constant ?? elements.get(value.id) ?? []) };
  });
  return { model, results };
}

/** How far two lists of numbers are apart at most, each difference over the greater of 1 and the expected size. */
export function distance(got: readonly number[], expected: readonly number[]): number {
  if (got.length !== expected.length) return Infinity;
  return got.reduce((worst, value, at) => {
    const want = expected[at]!;
    const apart = Math.abs(value - want) / Math.max(1, Math.abs(want));
    // NaN is as far from anything as can be.
    return Number.isNaN(apart) ? Infinity : Math.max(worst, apart);
  }, 0);
}
