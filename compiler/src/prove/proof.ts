import { borrowCurve, returnCurve } from "../setup/curve.ts";
import { toSnarkjs, type VerifyingKey } from "../setup/verifying-key.ts";
import { snarkjsVerify } from "./backends/snarkjs.ts";
import type { SystemKey } from "./backends/system-key.ts";

export { proofFromEvm, proofToEvm, type EvmProof } from "./evm.ts";

/**
 * Whether `proof` holds for `words`, decided off chain with snarkjs, in this thread.
 *
 * @param key A Groth16 key, or a {@link SystemKey} of any of the systems.
 * @throws {ProofInputError} when the number of words is not the key's, or a word or element is not in its field.
 */
export async function verifyOffChain(
  key: VerifyingKey | SystemKey,
  words: readonly bigint[],
  proof: readonly bigint[],
): Promise<boolean> {
  await borrowCurve("one");
  try {
    return await snarkjsVerify("system" in key ? key : groth16Key(key), words, proof);
  } finally {
    await returnCurve();
  }
}

/** A Groth16 verifying key in the form that all systems share. */
export function groth16Key(key: VerifyingKey): SystemKey<"groth16"> {
  return { system: "groth16", publics: key.ic.length - 1, json: { ...toSnarkjs(key) } };
}
