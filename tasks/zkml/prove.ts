import { join } from "node:path";

import { createProver, decodeTensor, encodeInput, interpret, type Stage } from "@assay/compiler";
import { encodeTensor, PACKED_BINDING } from "@assay/sdk";
import { getBytes, hexlify, isHexString, toBeHex } from "ethers";

import { action } from "../shared/action.ts";
import { requireNoFolder, writeWhole } from "../shared/files.ts";
import { modelDir } from "../shared/model-dir.ts";
import { invalid, required } from "../shared/options.ts";
import type { ProofFile } from "../shared/proof-file.ts";
import { fields } from "../shared/report.ts";
import { readInput, requireCount } from "../shared/values.ts";
import { backendOf, keysOf } from "./backend.ts";
import { commitPorts } from "./binding.ts";

interface Arguments {
  readonly json: boolean;
  readonly dir: string | undefined;
  readonly input: string | undefined;
  readonly index: string | undefined;
  readonly context: string | undefined;
  readonly out: string | undefined;
  readonly backend: string | undefined;
  readonly rapidsnark: string | undefined;
  readonly witnessBinary: string | undefined;
}

const STAGES: Readonly<Record<Stage, string>> = {
  load: "loading keys and program",
  witness: "computing the wires",
  prove: "making the proof",
  verify: "verifying it",
};

/** Runs the model on a real input and proves the answer, bound to a context. */
export default action<Arguments>(async (args, { progress }) => {
  const folder = await modelDir(args);
  const system = backendOf(args.backend);
  const { zkeyPath, key, hash } = await keysOf(folder, system);
  const given = await readInput(required(args, "input", "a JSON file of real values"), args.index);
  const context = args.context === undefined ? new Uint8Array(31) : contextOf(args.context);
  const { graph, circuit } = folder;
  const { dtype, dims } = graph.input;
  requireCount(given, graph.input);
  const integers = encodeInput(graph.input, given.values);
  const { output } = interpret(graph, integers);
  const input = encodeTensor({ dtype, dims, data: integers.map(BigInt) });
  const answer = encodeTensor({ dtype: graph.output.dtype, dims: graph.output.dims, data: output.map(BigInt) });
  const ports = commitPorts(circuit.binding ?? PACKED_BINDING, input, answer);
  const path = args.out ?? join(folder.folder, "proof.json");
  await requireNoFolder(path);
  const started = performance.now();
  const { proof, timings } = await progress("proving", async (note) => {
    const prover = await createProver({
      ...{ graph, circuit, system, zkeyPath, verifyingKey: key },
      ...(args.rapidsnark === undefined ? {} : { rapidsnark: args.rapidsnark }),
      ...(args.witnessBinary === undefined ? {} : { witnessBinary: args.witnessBinary }),
    });
    try {
      const request = { context, input, output: answer, ...ports.salts };
      return await prover.prove(request, { onStage: ({ stage }) => note(STAGES[stage]) });
    } finally {
      await prover.close();
    }
  });
  const file: ProofFile = {
    format: "assay.proof/1",
    system,
    graphDigest: folder.graphDigest,
    verifyingKeyHash: hash,
    context: hexlify(context),
    input: ports.input,
    output: ports.output,
    proof: proof.map((word) => toBeHex(word, 32)),
  };
  await writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
  const openings = await ports.writeOpenings(path);
  const data = {
    file: path,
    openings,
    answer: decodeTensor(graph.output, output),
    milliseconds: Math.round(performance.now() - started),
    stages: Object.fromEntries(Object.entries(timings).map(([stage, time]) => [stage, Math.round(time)])),
    proof: file,
  };
  const text = fields([
    ["answer", data.answer.join(" ")],
    ["proof", path],
    ["bound to", file.context],
    ...openings.map((each) => ["opens a commitment, private", each] as const),
    ["took", `${data.milliseconds} ms, keys and program loaded`],
    ...(system === "groth16" ? [] : [["backend", `${system}: checked off chain only`] as const]),
  ]);
  return { data, text };
});

function contextOf(value: string): Uint8Array {
  if (isHexString(value, 31)) return getBytes(value);
  return invalid("context", value, "31 bytes in hexadecimal, 0x and 62 digits");
}
