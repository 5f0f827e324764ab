import * as snarkjs from "snarkjs";

import { SCALAR_MODULUS } from "../../setup/field.ts";
import { ProofInputError, ProverFailedError } from "../errors.ts";
import { reasonOf } from "../reason.ts";
import { proofJson, proofWords } from "./proof-words.ts";
import type { SystemKey } from "./system-key.ts";
import type { ProofSystem } from "./systems.ts";

/** What snarkjs answers for any of the three systems; snarkjs.d.ts has Groth16's only. */
interface System {
  prove(zkey: snarkjs.BinaryFile, witness: snarkjs.BinaryFile): Promise<{ proof: unknown; publicSignals: string[] }>;
  verify(key: unknown, publics: readonly string[], proof: unknown, log: Log): Promise<boolean>;
}
type Log = Readonly<Record<"debug" | "info" | "warn" | "error", () => void>>;

const SYSTEMS = snarkjs as unknown as Readonly<Record<ProofSystem, System>>;
const nothing = (): void => undefined;
const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A proof of a witness, with the public words that the witness has. Whoever calls holds the curve. */
export async function snarkjsProve(
  system: ProofSystem,
  zkey: snarkjs.BinaryFile,
  witness: Uint8Array,
): Promise<{ readonly words: readonly bigint[]; readonly proof: readonly bigint[] }> {
  let answer: Awaited<ReturnType<System["prove"]>>;
  try {
    answer = await SYSTEMS[system].prove(zkey, { type: "mem", data: witness });
  } catch (cause) {
    throw new ProverFailedError(
      `snarkjs stopped while making a ${system} proof: ${reasonOf(cause)}; the proving ` +
        "key may be damaged: set up again",
      { cause },
    );
  }
  return { words: answer.publicSignals.map(BigInt), proof: proofWords(system, answer.proof) };
}

/**
 * Whether a proof holds for `words`. Whoever calls holds the curve.
 *
 * @throws {ProofInputError} when the number of words is not the key's, or a word or an element is not in its field.
 */
export async function snarkjsVerify(
  key: SystemKey,
  words: readonly bigint[],
  proof: readonly bigint[],
): Promise<boolean> {
  if (words.length !== key.publics) {
    throw new ProofInputError(`${words.length} public words; the verifying key takes ${key.publics}`);
  }
  for (const [index, word] of words.entries()) {
    if (word < 0n || word >= SCALAR_MODULUS) throw new ProofInputError(`public word ${index} is not in [0, r)`);
  }
  const json = proofJson(key.system, proof);
  // snarkjs replaces what is in a key by what it computes from it.
  return await SYSTEMS[key.system].verify(structuredClone(key.json), words.map(String), json, SILENT);
}
