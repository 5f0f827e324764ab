import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { InferenceSession, Tensor } from "onnxruntime-node";

import { ROOT } from "../../../scripts/checks/files.ts";
import { NETWORKS } from "../../../scripts/figures/models/networks.ts";
import { SHARED_MODELS } from "../../../scripts/figures/shared-models.ts";

/** Rows that are proven and measured at most. */
const ROWS = 4;

/** A model that both sides are given. */
export interface PeerModel {
  readonly name: string;
  readonly model: string;
  readonly inputs: number[][][];
  readonly calibration: number[][];
  readonly outputs: number[][];
  readonly labels: boolean;
  readonly symbols: string[];
}

/** Third-party models of the sizes that both sides prove in seconds to minutes; --quick takes the first of each kind. */
const SHARED = [
  ["1l_mlp", true],
  ["2l_relu_fc", true],
  ["1l_conv", true],
  ["1l_average", true],
  ["1l_batch_norm", true],
  ["1l_sigmoid", true],
  ["linear_regression", true],
  ["rnn", true],
  ["1l_tanh", false],
  ["1l_relu", false],
  ["1l_leakyrelu", false],
  ["1l_linear", false],
  ["1l_gelu_tanh_appx", false],
  ["2l_relu_small", false],
  ["3l_relu_conv_fc", false],
  ["hummingbird_decision_tree", false],
  ["lstm", false],
  ["tutorial", false],
  ["large_mlp", false],
] as const;
/** Models that are committed here, and whether their file has images or inputs. */
const COMMITTED = ["digits", "torch-cnn"] as const;

const TYPES: Readonly<Record<string, (values: readonly number[]) => Tensor["data"]>> = {
  float32: (values) => Float32Array.from(values),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  bool: (values) => Uint8Array.from(values),
};

/** Float outputs by ONNX Runtime, and what the file says of its inputs. */
async function reference(model: string, inputs: readonly (readonly (readonly number[])[])[]) {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  const metas = session.inputMetadata.filter((meta) => meta.isTensor);
  const symbols = metas.flatMap(({ shape }) => shape.filter((size) => typeof size === "string"));
  const outputs: number[][] = [];
  for (const row of inputs) {
    const feeds: Record<string, Tensor> = {};
    for (const [at, { name, type, shape }] of metas.entries()) {
      const dims = shape.map((size) => (typeof size === "number" && size > 0 ? size : 1));
      feeds[name] = new Tensor(
        type as "float32",
        (TYPES[type] ?? TYPES["float32"]!)(row[at] ?? []) as Float32Array,
        dims,
      );
    }
    const made = await session.run(feeds);
    outputs.push(
      session.outputNames.flatMap((name) => Array.from(made[name]!.data as Iterable<number | bigint>, Number)),
    );
  }
  const labels = session.outputMetadata.every((meta) => meta.isTensor && meta.type.startsWith("int"));
  await session.release();
  return { outputs, labels, symbols: [...new Set(symbols)] };
}

/** Rows of a file with calibration data: images with pixels, or inputs. */
function rowsOf(text: string): number[][] {
  const data = JSON.parse(text) as { inputs?: number[][]; images?: { pixels: number[] }[] };
  return data.inputs ?? data.images?.map(({ pixels }) => pixels) ?? [];
}

async function described(name: string, model: string, inputs: number[][][], calibration: number[][]) {
  return { name, model, inputs, calibration, ...(await reference(model, inputs)) };
}

/** The models of the comparison by name, opened one by one. What is not on this machine is left out. */
export function peerModels(work: string, quick: boolean): readonly (readonly [string, () => Promise<PeerModel>])[] {
  const found: (readonly [string, () => Promise<PeerModel>])[] = [];
  for (const name of COMMITTED) {
    const folder = join(ROOT, "vectors", "models", name);
    found.push([
      name,
      async () => {
        const rows = rowsOf(await readFile(join(folder, "calibration.json"), "utf8"));
        const inputs = rows.slice(0, ROWS).map((row) => [row]);
        return await described(name, join(folder, "model.onnx"), inputs, rows);
      },
    ]);
  }
  for (const [name, make] of Object.entries(NETWORKS)) {
    // EZKL takes 2^20 rows and more for the convolutional ones, which is beyond the memory of the machines that this is for.
    if (name !== "mlp784") continue;
    found.push([
      name,
      async () => {
        const { onnx, calibration } = make();
        const path = join(work, `${name}.onnx`);
        await mkdir(work, { recursive: true });
        await writeFile(path, onnx);
        const rows = calibration.map((row) => [...row]);
        return await described(
          name,
          path,
          rows.slice(0, ROWS).map((row) => [row]),
          rows,
        );
      },
    ]);
  }
  for (const [name, first] of SHARED) {
    const model = join(SHARED_MODELS, name, "network.onnx");
    if ((quick && !first) || !existsSync(model)) continue;
    found.push([
      name,
      async () => {
        const text = await readFile(join(SHARED_MODELS, name, "input.json"), "utf8");
        const { input_data: given } = JSON.parse(text) as { input_data: (number | boolean)[][] };
        const row = given.map((each) => each.map(Number));
        return await described(name, model, [row], [row.flat()]);
      },
    ]);
  }
  return found;
}
