import { type SystemKey, verifyOffChain } from "@assay/compiler";
import {
  AssayError,
  boundWords,
  decodeTensor,
  dequantise,
  PACKED_BINDING,
  parseVerifyingKey,
  verifyGroth16,
} from "@assay/sdk";
import { getBytes } from "ethers";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { readJson } from "../shared/files.ts";
import { modelDir } from "../shared/model-dir.ts";
import { required } from "../shared/options.ts";
import { proofFile } from "../shared/proof-file.ts";
import { fields } from "../shared/report.ts";
import { keysOf } from "./backend.ts";

interface Arguments {
  readonly json: boolean;
  readonly dir: string | undefined;
  readonly proof: string | undefined;
}

/** Checks a Groth16 proof with the SDK's own pairing, which shares no code with what proved it; others with snarkjs. */
export default action<Arguments>(async (args) => {
  const folder = await modelDir(args);
  const path = required(args, "proof", "a file that `zkml prove` wrote");
  const file = await readJson(path, "a proof that `zkml prove` wrote", (value) => proofFile.parse(value));
  const { key, hash } = await keysOf(folder, file.system);
  if (file.graphDigest !== folder.graphDigest || file.verifyingKeyHash !== hash) {
    throw new TaskError(
      TaskErrorCode.NotVerified,
      `${path} is of graph ${file.graphDigest} under key ${file.verifyingKeyHash}, and ${folder.folder} holds ` +
        `${folder.graphDigest} under ${hash}; give the folder it was proven with.`,
    );
  }
  const binding = folder.circuit.binding ?? PACKED_BINDING;
  const words = boundWords(binding, { context: file.context, input: file.input, output: file.output });
  const verdict = await verdictOf(key, words, file.proof.map(BigInt));
  if (verdict !== "holds") {
    throw new TaskError(
      TaskErrorCode.NotVerified,
      `The proof in ${path} does not hold (${verdict}): input, output, context or proof were changed.`,
    );
  }
  const answer =
    binding.output === "committed"
      ? undefined
      : dequantise(decodeTensor(getBytes(file.output)).data.map(BigInt), folder.graph.output);
  const data = { holds: true, answer: answer ?? null, context: file.context, verifyingKeyHash: hash };
  const text = fields([
    ["verdict", "the proof holds"],
    ["answer", answer?.join(" ") ?? `committed: ${file.output}`],
    ["bound to", file.context],
    ["verifying key", hash],
  ]);
  return { data, text };
});

async function verdictOf(key: SystemKey, words: readonly bigint[], proof: readonly bigint[]): Promise<string> {
  if (key.system === "groth16") return verifyGroth16(parseVerifyingKey(key.json), words, proof);
  try {
    return (await verifyOffChain(key, words, proof)) ? "holds" : "refused";
  } catch (error) {
    if (error instanceof AssayError) return error.message;
    throw error;
  }
}
