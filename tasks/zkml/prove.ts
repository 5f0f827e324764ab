import { join } from "node:path";

import { createGroth16Prover, decodeTensor, encodeInput, interpret } from "@assay/compiler";
import { requireSetup } from "@assay/nodes/operator";
import { encodeTensor } from "@assay/sdk";
import { getBytes, hexlify, isHexString, toBeHex } from "ethers";

import { action } from "../shared/action.ts";
import { writeWhole } from "../shared/files.ts";
import { modelDir } from "../shared/model-dir.ts";
import { invalid, required } from "../shared/options.ts";
import type { ProofFile } from "../shared/proof-file.ts";
import { fields } from "../shared/report.ts";
import { readInput, requireCount } from "../shared/values.ts";

interface Arguments {
  readonly json: boolean;
  readonly dir: string | undefined;
  readonly input: string | undefined;
  readonly index: string | undefined;
  readonly context: string | undefined;
  readonly out: string | undefined;
}

/** Runs the model on a real input and proves the answer, bound to a context. */
export default action<Arguments>(async (args, { progress }) => {
  const folder = await modelDir(args);
  const { setup } = requireSetup(folder);
  const given = await readInput(required(args, "input", "a JSON file of real values"), args.index);
  const context = args.context === undefined ? new Uint8Array(31) : contextOf(args.context);
  const { graph, circuit } = folder;
  const { dtype, dims } = graph.input;
  requireCount(given, graph.input);
  const integers = encodeInput(graph.input, given.values);
  const { output } = interpret(graph, integers);
  const input = encodeTensor({ dtype, dims, data: integers.map(BigInt) });
  const answer = encodeTensor({ dtype: graph.output.dtype, dims: graph.output.dims, data: output.map(BigInt) });
  const started = performance.now();
  const { proof } = await progress("proving", async () => {
    const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
    try {
      return await prover.prove({ context, input, output: answer });
    } finally {
      await prover.close();
    }
  });
  const file: ProofFile = {
    format: "assay.proof/1",
    graphDigest: folder.graphDigest,
    verifyingKeyHash: setup.manifest.verifyingKeyHash,
    context: hexlify(context),
    input: hexlify(input),
    output: hexlify(answer),
    proof: proof.map((word) => toBeHex(word, 32)),
  };
  const path = args.out ?? join(folder.folder, "proof.json");
  await writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
  const data = {
    file: path,
    answer: decodeTensor(graph.output, output),
    milliseconds: Math.round(performance.now() - started),
    proof: file,
  };
  const text = fields([
    ["answer", data.answer.join(" ")],
    ["proof", path],
    ["bound to", file.context],
    ["took", `${data.milliseconds} ms, keys and program loaded`],
  ]);
  return { data, text };
});

function contextOf(value: string): Uint8Array {
  if (isHexString(value, 31)) return getBytes(value);
  return invalid("context", value, "31 bytes in hexadecimal, 0x and 62 digits");
}
