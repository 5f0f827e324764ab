// Proofs of what ours-setup.ts made, witness included, again and again, in a process of its own, so that its peak memory is
// theirs; one JSON line on standard output.
import "@assay/compiler/low-memory";

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  createProver,
  encodeInput,
  interpret,
  parseGraph,
  readSystemKey,
  type CompiledCircuit,
  type TensorSpec,
  verifyOffChain,
} from "@assay/compiler/prove";
import { encodeTensor } from "@assay/sdk/tensor";

import type { Job } from "./job.ts";

const encode = ({ dtype, dims }: TensorSpec, data: readonly number[]) =>
  encodeTensor({ dtype, dims, data: data.map(BigInt) });

async function prove(job: Job): Promise<unknown> {
  const graph = parseGraph(await readFile(join(job.folder, "graph.json"), "utf8"));
  const { circuit, keys } = JSON.parse(await readFile(join(job.folder, "circuit.json"), "utf8")) as {
    circuit: CompiledCircuit;
    keys: string;
  };
  const prover = await createProver({ graph, circuit, zkeyPath: join(keys, "model.zkey"), threads: "one" });
  const times: number[] = [];
  let made: Awaited<ReturnType<typeof prover.prove>> | undefined;
  for (let run = 0; run <= job.runs; run++) {
    const x = encodeInput(graph.input, job.inputs[run % job.inputs.length]!.flat());
    const { output } = interpret(graph, x);
    const request = {
      context: new Uint8Array(31),
      input: encode(graph.input, x),
      output: encode(graph.output, output),
    };
    const begun = performance.now();
    made = await prover.prove(request);
    // The first run fills the caches.
    if (run > 0) times.push((performance.now() - begun) / 1000);
  }
  const rss = process.resourceUsage().maxRSS / 1000;
  await prover.close();
  const key = await readSystemKey(join(keys, "verifying-key.json"));
  const verified = made !== undefined && (await verifyOffChain(key, made.words, made.proof));
  return { times, rss, verified };
}

// ours-setup.ts has checked the job.
console.log(JSON.stringify(await prove(JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as Job)));
