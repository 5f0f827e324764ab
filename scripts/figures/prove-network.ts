// `node scripts/figures/prove-network.ts NAME`: sets one network up and proves it, in a process of its own so that the
// memory it takes is its own; one line of JSON. Development keys are made anew: their time is one of the figures.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { groth16 } from "snarkjs";

import type { TensorSpec } from "../../compiler/src/graph/types.ts";
import {
  compileCircuit,
  compileOnnx,
  encodeInput,
  interpret,
  setupDevelopment,
  wordsOf,
} from "../../compiler/src/index.ts";
import { loadWitnessProgram } from "../../compiler/src/prove/witness.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { encodeTensor } from "../../sdk/src/index.ts";
import { NETWORKS } from "./models/networks.ts";

const RUNS = 10;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2;
}

const network = NETWORKS[process.argv[2] ?? ""]?.();
if (network === undefined) throw new Error(`name one of ${Object.keys(NETWORKS).join(", ")}`);
const { graph } = compileOnnx(network.onnx, { name: network.name, calibration: network.calibration });
const circuit = await compileCircuit(graph, { outDir: join("build", "zkml"), binding: "packed" });
const work = await mkdtemp(join(tmpdir(), "assay-figures-"));
try {
  const started = performance.now();
  const { zkeyPath } = await setupDevelopment(circuit.r1csPath, { seed: "figures", outDir: work });
  const setup = (performance.now() - started) / 1000;
  const zkey = new Uint8Array(await readFile(zkeyPath));
  const program = await loadWitnessProgram(await readFile(circuit.wasmPath));
  await borrowCurve();
  const [proofs, wholes]: [number[], number[]] = [[], []];
  const encode = ({ dtype, dims }: TensorSpec, data: readonly number[]) =>
    encodeTensor({ dtype, dims, data: data.map(BigInt) });
  for (let run = 0; run <= RUNS; run++) {
    const x = encodeInput(graph.input, network.calibration[run % network.calibration.length]!);
    const { output } = interpret(graph, x);
    const words = wordsOf(new Uint8Array(31), encode(graph.input, x), encode(graph.output, output));
    const begun = performance.now();
    const witness = program.calculateFile({ words, x: x.map(BigInt) });
    const ready = performance.now();
    await groth16.prove({ type: "mem", data: zkey }, { type: "mem", data: witness });
    const done = performance.now();
    // The first run warms up.
    if (run > 0) {
      proofs.push((done - ready) / 1000);
      wholes.push((done - begun) / 1000);
    }
  }
  await returnCurve();
  const rss = process.resourceUsage().maxRSS / 1000;
  console.log(JSON.stringify({ setup, prove: median(proofs), whole: median(wholes), rss }));
} finally {
  await rm(work, { recursive: true, force: true });
}
