// Measures the digits model on its whole held-out split: float by ONNX Runtime on the exported file, integer by ONNX
// Runtime on the compiled file, each answer checked against the reference interpreter.
//
//   node scripts/accuracy.ts          a table
//   node scripts/accuracy.ts --json   the same as data
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { compileOnnx, encodeInput, interpret } from "@assay/compiler";
import Table from "cli-table3";
import * as ort from "onnxruntime-node";

const HOME = new URL("../vectors/models/digits/", import.meta.url);

interface Image {
  readonly label: number;
  readonly pixels: readonly number[];
}

/** Figures of the digits model on its held-out split. */
export interface Accuracy {
  readonly samples: number;
  readonly float: number;
  readonly integer: number;
  /** Share of images on which both give the same answer, right or wrong. */
  readonly agreement: number;
}

async function readImages(file: string): Promise<readonly Image[]> {
  return (JSON.parse(await readFile(new URL(file, HOME), "utf8")) as { images: Image[] }).images;
}

/** The label that an ONNX model with one input and one output gives to each image. */
async function predict(model: Uint8Array, inputs: readonly (readonly number[])[]): Promise<number[]> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["cpu"] });
  const [input = "", output = ""] = [session.inputNames[0], session.outputNames[0]];
  const labels: number[] = [];
  for (const values of inputs) {
    const feed = new ort.Tensor("float32", Float32Array.from(values), [1, values.length]);
    const data = (await session.run({ [input]: feed }))[output]?.data as ArrayLike<bigint> | undefined;
    labels.push(Number(data?.[0]));
  }
  await session.release();
  return labels;
}

/**
 * Measures both models.
 *
 * @throws {Error} when ONNX Runtime and the interpreter disagree on an image.
 */
export async function measureAccuracy(): Promise<Accuracy> {
  const bytes = Uint8Array.from(await readFile(new URL("model.onnx", HOME)));
  const [calibration, images] = [await readImages("calibration.json"), await readImages("held-out.json")];
  const { graph, runtimeOnnx } = compileOnnx(bytes, {
    name: "digits",
    calibration: calibration.map(({ pixels }) => pixels),
  });
  const encoded = images.map(({ pixels }) => encodeInput(graph.input, pixels));
  const floats = await predict(
    bytes,
    images.map(({ pixels }) => pixels),
  );
  const integers = await predict(runtimeOnnx, encoded);
  for (const [index, label] of integers.entries()) {
    const [reference] = interpret(graph, encoded[index] ?? []).output;
    if (label !== reference) throw new Error(`Image ${index}: ONNX Runtime says ${label}, the reference ${reference}.`);
  }
  const share = (right: (index: number) => boolean) => images.filter((_, index) => right(index)).length / images.length;
  return {
    samples: images.length,
    float: share((index) => floats[index] === images[index]?.label),
    integer: share((index) => integers[index] === images[index]?.label),
    agreement: share((index) => integers[index] === floats[index]),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const figures = await measureAccuracy();
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } else {
    const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
    const table = new Table({ head: ["digits, held-out split", "accuracy"], style: { head: [] } });
    table.push(
      ["float (exported ONNX)", percent(figures.float)],
      ["integer (compiled)", percent(figures.integer)],
      ["same answer", percent(figures.agreement)],
      ["images", String(figures.samples)],
    );
    process.stdout.write(`${table.toString()}\n`);
  }
}
