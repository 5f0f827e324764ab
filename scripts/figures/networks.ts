import { spawn } from "node:child_process";
import { join } from "node:path";

import { z } from "zod";

import { compileCircuit, compileOnnx } from "../../compiler/src/index.ts";
import { ROOT } from "../checks/files.ts";
import { NETWORKS } from "./models/networks.ts";

const timesSchema = z.object({ setup: z.number(), prove: z.number(), whole: z.number(), rss: z.number() });

/**
 * Constraints of the networks that circomlib-ml is compared on. Inputs of 8 bits proven to be such, ArgMax and input and
 * output packed into public words included, but no hash of them; `zk.mnistcnn.constraints` counts products alone, as circomlib-ml's figure does.
 */
export async function networkConstraints(onStep: (step: string) => void): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, make] of Object.entries(NETWORKS)) {
    onStep(`circuit of ${name}`);
    const { onnx, calibration } = make();
    const { graph } = compileOnnx(onnx, { name, calibration });
    const { constraints } = await compileCircuit(graph, { outDir: join(ROOT, "build", "zkml"), binding: "packed" });
    figures[`zk.${name}.constraints`] = name === "mnistcnn" ? constraints.nonLinear : constraints.total;
  }
  return figures;
}

/** Seconds of proofs and of the development setup, and memory, each network in a process of its own. */
export async function networkTimes(onStep: (step: string) => void): Promise<Record<string, number>> {
  onStep("setup and proofs of mlp784");
  const mlp = await measured("mlp784");
  onStep("setup and proofs of lenet5");
  const lenet = await measured("lenet5");
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    "zk.mlp784.prove.s": round(mlp.prove),
    "zk.lenet5.prove.s": round(lenet.whole),
    "zk.lenet5.rss.mb": Math.round(lenet.rss),
    // The circuit of lenet5 fills more than half of 2^17 rows.
    "zk.setup.dev.2e17.s": round(lenet.setup),
  };
}

async function measured(name: string): Promise<z.infer<typeof timesSchema>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "prove-network.ts"), name], { cwd: ROOT });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`proving ${name} failed: ${err.slice(-2000)}`);
  return timesSchema.parse(JSON.parse(out.trim().split("\n").at(-1) ?? ""));
}
