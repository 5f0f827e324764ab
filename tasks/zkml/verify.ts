import { readFile } from "node:fs/promises";

import { modelFile, requireSetup } from "@assay/nodes/operator";
import { decodeTensor, dequantise, parseVerifyingKey, publicWords, verifyGroth16 } from "@assay/sdk";
import { getBytes } from "ethers";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { readJson } from "../shared/files.ts";
import { modelDir } from "../shared/model-dir.ts";
import { required } from "../shared/options.ts";
import { proofFile } from "../shared/proof-file.ts";
import { fields } from "../shared/report.ts";

interface Arguments {
  readonly json: boolean;
  readonly dir: string | undefined;
  readonly proof: string | undefined;
}

/** Checks a proof with the SDK's own pairing, which shares no code with what proved it. */
export default action<Arguments>(async (args) => {
  const folder = await modelDir(args);
  requireSetup(folder);
  const path = required(args, "proof", "a file that `zkml prove` wrote");
  const file = await readJson(path, "a proof that `zkml prove` wrote", (value) => proofFile.parse(value));
  const key = parseVerifyingKey(JSON.parse(await readFile(modelFile(folder.folder, "verifyingKey"), "utf8")));
  if (file.graphDigest !== folder.graphDigest || file.verifyingKeyHash !== key.hash) {
    throw new TaskError(
      TaskErrorCode.NotVerified,
      `${path} is of graph ${file.graphDigest} under key ${file.verifyingKeyHash}, and ${folder.folder} holds ` +
        `${folder.graphDigest} under ${key.hash}; give the folder it was proven with.`,
    );
  }
  const words = publicWords(file.context, file.input, file.output);
  const verdict = verifyGroth16(key, words, file.proof.map(BigInt));
  if (verdict !== "holds") {
    throw new TaskError(
      TaskErrorCode.NotVerified,
      `The proof in ${path} does not hold (${verdict}): input, output, context or proof were changed.`,
    );
  }
  const { data: integers } = decodeTensor(getBytes(file.output));
  const answer = dequantise(integers.map(BigInt), folder.graph.output);
  const data = { holds: true, answer, context: file.context, verifyingKeyHash: key.hash };
  const text = fields([
    ["verdict", "the proof holds"],
    ["answer", answer.join(" ")],
    ["bound to", file.context],
    ["verifying key", key.hash],
  ]);
  return { data, text };
});
