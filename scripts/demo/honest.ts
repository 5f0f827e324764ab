import { sendRequest } from "@assay/nodes/operator";
import { SIGNATURE_V1, statementOf, TEE_V1, ZERO_ADDRESS, ZKML_V1 } from "@assay/sdk";

import type { DigitImage } from "../support/digits.ts";
import { evidenceFor } from "../support/evidence.ts";
import { ETHER, type World } from "../support/world.ts";
import type { Honest } from "./forgery.ts";

/** What the requester pays for an answer. */
export const PAYMENT = ETHER / 1_000n;

/** Makes a request that nobody answers yet, and the answer that an honest node would give. */
export async function openHonest(world: World, image: DigitImage, selectors: readonly string[]): Promise<Honest> {
  const input = world.encodeImage(image.pixels);
  const { id, request } = await sendRequest(world.requester, world.addresses, {
    version: world.versionId,
    input,
    proofs: selectors,
    ...(selectors.includes(TEE_V1) ? { enclavePolicy: world.policy } : {}),
    amount: PAYMENT,
    lifetime: 3_600,
    callback: { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false },
  });
  const output = world.answer(input);
  const statement = statementOf(await world.hub.domain(), request, output, world.payee);
  const evidence = await evidenceFor(world, statement, selectors, { input, output });
  // No answer is taken in the second of its request.
  await world.connection.provider.request({ method: "evm_mine", params: [] });
  return { id, request, input, output, beneficiary: world.payee, evidence };
}

/** The policies that the demo asks for, by name. */
export const POLICIES: Readonly<Record<string, readonly string[]>> = {
  SIGNATURE: [SIGNATURE_V1],
  TEE: [TEE_V1],
  ZKML: [ZKML_V1],
  "TEE + ZKML": [TEE_V1, ZKML_V1],
};
