import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { ExternalProgramError, ProverFailedError } from "../errors.ts";
import { proofWords } from "./proof-words.ts";
import { readOutput, runProgram, type ProgramRun } from "./run-program.ts";

/** Most bytes of a Groth16 proof in JSON, whitespace included. */
const MAX_PROOF_BYTES = 16_384;

/**
 * Makes a Groth16 proof with rapidsnark: `rapidsnark <zkey> <wtns> <proof.json> <public.json>`. What it writes is read as
 * if anybody had written it.
 *
 * @throws {ExternalProgramError} when it fails, or what it wrote is no proof.
 */
export async function rapidsnarkProve(
  zkeyPath: string,
  witness: Uint8Array,
  publics: number,
  run: Pick<ProgramRun, "file" | "folder" | "timeLimitMs" | "signal">,
): Promise<{ readonly words: readonly bigint[]; readonly proof: readonly bigint[] }> {
  const { file, folder } = run;
  const [input, proof, words] = ["witness.wtns", "proof.json", "public.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const maxWords = 64 + 128 * publics;
  await writeFile(input, witness);
  const end = await runProgram({
    ...run,
    // It runs in another folder, and would take a path that begins with a dash for an option.
    args: [resolve(zkeyPath), input, proof, words],
    maxFileBytes: MAX_PROOF_BYTES + maxWords,
  });
  if (end.code !== 0) {
    throw new ExternalProgramError(`${file}: ended with ${end.code ?? end.killedBy}: ${end.tail}`);
  }
  const json = async (path: string, most: number): Promise<unknown> => {
    const text = new TextDecoder().decode(await readOutput(file, path, most));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ExternalProgramError(`${file}: what it wrote is not JSON; is it the right program?`, { cause });
    }
  };
  const list: unknown = await json(words, maxWords);
  if (
    !Array.isArray(list) ||
    list.length !== publics ||
    !list.every((word) => typeof word === "string" && /^\d{1,78}$/.test(word))
  ) {
    throw new ExternalProgramError(`${file}: did not write ${publics} public words; is it the right program?`);
  }
  try {
    return { words: (list as string[]).map(BigInt), proof: proofWords("groth16", await json(proof, MAX_PROOF_BYTES)) };
  } catch (cause) {
    if (!(cause instanceof ProverFailedError)) throw cause;
    throw new ExternalProgramError(`${file}: ${cause.message}`, { cause });
  }
}
