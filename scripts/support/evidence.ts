import {
  encodeSignatureEvidence,
  encodeTeeEvidence,
  encodeZkmlEvidence,
  SIGNATURE_V1,
  signStatement,
  type Statement,
  statementDigest,
  TEE_V1,
  zkContext,
  ZKML_V1,
} from "@assay/sdk";

import type { World } from "./world.ts";

/** Makes the evidence that an honest node makes for `statement`, one piece for each selector. */
export async function evidenceFor(
  world: World,
  statement: Statement,
  selectors: readonly string[],
  { input, output }: { readonly input: Uint8Array; readonly output: Uint8Array },
): Promise<string[]> {
  const evidence: string[] = [];
  for (const selector of selectors) {
    if (selector === SIGNATURE_V1) {
      evidence.push(encodeSignatureEvidence(await signStatement(world.nodeKey, statement, SIGNATURE_V1)));
    } else if (selector === TEE_V1) {
      evidence.push(encodeTeeEvidence(world.enclave.signStatement(statementDigest(statement, TEE_V1))));
    } else if (selector === ZKML_V1) {
      evidence.push(await zkmlEvidence(world, statement, { input, output }));
    } else throw new Error(`No evidence can be made for selector ${selector}.`);
  }
  return evidence;
}

/** A proof that the circuit maps `input` to `output`, bound to `statement`. */
export async function zkmlEvidence(
  world: World,
  statement: Statement,
  { input, output }: { readonly input: Uint8Array; readonly output: Uint8Array },
): Promise<string> {
  const context = zkContext(statement);
  const { proof } = await world.prover.prove({ context, input, output });
  return encodeZkmlEvidence(proof, input);
}
