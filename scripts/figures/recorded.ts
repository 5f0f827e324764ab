import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "../checks/files.ts";

const RESULTS = join(ROOT, "bench", "results");

/**
 * Figures that benchmarks measured beside peers, which need programs that this project does not install, as committed: EZKL's
 * time and memory over ours (`node bench/zkml/peers.ts`), other people's models (`node bench/zkml/shared.ts --prove`).
 */
export async function recordedFigures(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const peers = await readResult("peers.json");
  const ratios = at(at(at(peers, "ezkl"), "figures"), "default");
  for (const name of ["time", "memory"]) {
    const value = at(ratios, name);
    if (typeof value === "number") figures[`zk.vs.ezkl.${name}`] = value;
  }
  const results = at(await readResult("zkml-shared.json"), "results");
  if (Array.isArray(results)) {
    const held = results.filter((result) => at(result, "ok") === true);
    figures["zk.onnx.shared"] = held.length;
    figures["zk.onnx.proved"] = held.filter((result) => at(result, "proved") === true).length;
  }
  return figures;
}

function at(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

async function readResult(name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(RESULTS, name), "utf8"));
  } catch {
    return undefined;
  }
}
