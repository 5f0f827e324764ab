// What Assay makes of one model; called by bench/zkml/peers.ts with a job file, one JSON line on standard output: quantiser,
// circuit and development keys.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  compileCircuit,
  compileOnnx,
  decodeTensor,
  encodeInput,
  interpret,
  serialiseGraph,
  setupDevelopment,
  type IntegerGraph,
} from "../../../compiler/src/index.ts";
import { ROOT } from "../../../scripts/checks/files.ts";
import { errorOf, readJob, type Job } from "./job.ts";

/** Bits of weights and activations: the compiler's own choice, and wider ones for models that need them. */
const WIDTHS = [{}, { weightBits: 10, activationBits: 10 }, { weightBits: 12, activationBits: 12 }] as const;

/** The integer model's outputs in the float model's units, by row. */
function outputsOf(graph: IntegerGraph, rows: readonly (readonly number[])[]): number[][] {
  return rows.map((row) => decodeTensor(graph.output, interpret(graph, encodeInput(graph.input, row)).output));
}

async function setup(job: Job): Promise<unknown> {
  const onnx = await readFile(job.model);
  const rows = job.inputs.map((row) => row.flat());
  const tried = WIDTHS.map((widths) => () => {
    const { graph } = compileOnnx(onnx, { name: job.name, calibration: job.calibration, ...widths });
    return { graph, widths, error: errorOf(job, outputsOf(graph, rows)) };
  });
  // The narrowest that is at least as accurate as the peer, else the most accurate.
  let best = tried[0]!();
  for (const next of tried.slice(1)) {
    if (best.error <= job.target) break;
    const wider = next();
    if (wider.error < best.error) best = wider;
  }
  const circuit = await compileCircuit(best.graph, { outDir: join(ROOT, "build", "zkml") });
  const begun = performance.now();
  const keys = await setupDevelopment(circuit.r1csPath, { seed: "bench", outDir: job.folder });
  const seconds = (performance.now() - begun) / 1000;
  await writeFile(join(job.folder, "graph.json"), serialiseGraph(best.graph));
  await writeFile(join(job.folder, "circuit.json"), JSON.stringify({ circuit, keys: keys.folder }));
  return { error: best.error, widths: best.widths, constraints: circuit.constraints.total, setup: seconds };
}

console.log(JSON.stringify(await setup(await readJob(process.argv[2]))));
