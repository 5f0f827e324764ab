import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "../checks/files.ts";
import { tryModel, type ModelResult } from "./models/try-model.ts";

/** Third-party models that lie beside the project where it is built; elsewhere these figures are left out. */
export const SHARED_MODELS = join(ROOT, "..", "shared", "vectors", "onnx");

/** One input of a model, an array for each of its tensors; undefined where the folder has none. */
async function inputsOf(path: string): Promise<readonly (readonly number[])[] | undefined> {
  if (!existsSync(path)) return undefined;
  const { input_data } = JSON.parse(await readFile(path, "utf8")) as { input_data: (number | boolean)[][] };
  return input_data.map((each) => each.map(Number));
}

/** Compiles, compares and proves every model of a folder of `<name>/network.onnx` and `<name>/input.json`. */
export async function tryModels(
  folder: string,
  options: { readonly prove: boolean; readonly only?: string | undefined },
  onResult: (result: ModelResult) => void,
): Promise<ModelResult[]> {
  const results: ModelResult[] = [];
  for (const name of readdirSync(folder)) {
    if (options.only !== undefined && name !== options.only) continue;
    const onnx = await readFile(join(folder, name, "network.onnx"));
    const result = await tryModel(name, onnx, await inputsOf(join(folder, name, "input.json")), options);
    results.push(result);
    onResult(result);
  }
  return results;
}

/** How many of the shared models hold, and of those how many were proven on a chain; nothing where there are none. */
export async function sharedFigures(onStep: (step: string) => void): Promise<Record<string, number>> {
  if (!existsSync(SHARED_MODELS)) {
    onStep("no shared models here: zk.onnx.* left out");
    return {};
  }
  const results = await tryModels(SHARED_MODELS, { prove: true }, ({ name, why }) =>
    onStep(`${name}: ${why ?? "holds"}`),
  );
  return {
    "zk.onnx.shared": results.filter(({ ok }) => ok).length,
    "zk.onnx.proved": results.filter(({ ok, proved }) => ok && proved === true).length,
  };
}
