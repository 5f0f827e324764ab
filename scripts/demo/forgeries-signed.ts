import {
  packRequest,
  SIGNATURE_V1,
  type SignedRequest,
  signRequest,
  statementOf,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "@assay/sdk";
import { keccak256 } from "ethers";

import type { DigitImage } from "../support/digits.ts";
import { evidenceFor } from "../support/evidence.ts";
import type { World } from "../support/world.ts";
import { errorOf, type Forgery, undone } from "./forgery.ts";
import { PAYMENT } from "./honest.ts";

/** A request signed off chain, with signature, answer and evidence, all honest. */
export interface HonestSigned {
  readonly request: SignedRequest;
  readonly signature: string;
  readonly output: Uint8Array;
  readonly evidence: readonly string[];
}

/** Has the requester sign a request off chain, and the node answer it. */
export async function signHonest(world: World, image: DigitImage, nonce: bigint): Promise<HonestSigned> {
  const input = world.encodeImage(image.pixels);
  const newest = await world.provider.getBlock("latest");
  const request: SignedRequest = {
    version: world.versionId,
    inputHash: keccak256(input),
    paramsHash: ZERO_HASH,
    proofs: [SIGNATURE_V1],
    enclavePolicy: ZERO_HASH,
    requester: await world.requester.getAddress(),
    token: ZERO_ADDRESS,
    amount: PAYMENT,
    callback: { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false },
    deadline: BigInt(newest!.timestamp) + 3_600n,
    nonce,
  };
  const domain = await world.hub.domain();
  const output = world.answer(input);
  const statement = statementOf(domain, request, output, world.payee);
  return {
    request,
    signature: await signRequest(world.requester, domain, request),
    output,
    evidence: await evidenceFor(world, statement, [SIGNATURE_V1], { input, output }),
  };
}

/** Ways to cheat with requests that are signed off chain. */
export function signedForgeries(honest: HonestSigned): readonly Forgery[] {
  const attempt = async (world: World, { request, signature, output, evidence }: HonestSigned) =>
    await errorOf(
      world.hub.contract
        .getFunction("settleSigned")
        .staticCall(packRequest(request), signature, output, world.payee, evidence),
    );
  return [
    {
      name: "signed request settled a second time",
      expected: "NonceUsed",
      attempt: async (world) =>
        await undone(world, async () => {
          const { request, signature, output, evidence } = honest;
          await world.hub.settleSigned(request, signature, output, world.payee, evidence);
          return await attempt(world, honest);
        }),
    },
    {
      name: "signed request with its amount raised",
      expected: "RequesterSignatureInvalid",
      attempt: async (world) =>
        await attempt(world, { ...honest, request: { ...honest.request, amount: honest.request.amount * 2n } }),
    },
    {
      name: "request signed by somebody else",
      expected: "RequesterSignatureInvalid",
      attempt: async (world) =>
        await attempt(world, {
          ...honest,
          signature: await signRequest(world.stranger, await world.hub.domain(), honest.request),
        }),
    },
  ];
}
