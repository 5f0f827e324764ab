import { type Request, ZERO_HASH } from "@assay/sdk";

import type { AcceptTerms, Refusal } from "./types.ts";

/**
 * Why a request cannot be taken, judged by its own terms alone; undefined when nothing speaks against it.
 * @param now Time of the newest block, Unix seconds.
 */
export function judge(request: Request, inputBytes: number, terms: AcceptTerms, now: number): Refusal | undefined {
  const { version, proofs, enclavePolicy, paramsHash, token, callback, deadline } = request;
  if (terms.models !== undefined && !terms.models.has(version)) {
    return { reason: "model-not-served", detail: `version ${version} is not in the configuration` };
  }
  const unserved = proofs.find((selector) => !terms.selectors.has(selector));
  if (unserved !== undefined) return { reason: "proof-not-served", detail: `no evidence for ${unserved} is made here` };
  if (enclavePolicy !== ZERO_HASH && enclavePolicy !== terms.enclavePolicy) {
    return { reason: "enclave-policy-not-served", detail: `policy ${enclavePolicy}` };
  }
  if (paramsHash !== ZERO_HASH) {
    return { reason: "params-not-supported", detail: "the models served take no run parameters" };
  }
  if (inputBytes > terms.maxInputBytes) {
    return { reason: "input-too-long", detail: `${inputBytes} bytes; at most ${terms.maxInputBytes}` };
  }
  if (callback.gas > terms.maxCallbackGas) {
    return { reason: "callback-too-dear", detail: `${callback.gas} gas; at most ${terms.maxCallbackGas}` };
  }
  if (!Object.hasOwn(terms.minPayment, token)) {
    return { reason: "token-not-accepted", detail: `token ${token}` };
  }
  if (deadline < BigInt(now + terms.minSecondsLeft)) {
    return {
      reason: "deadline-too-near",
      detail: `${deadline - BigInt(now)} s left; at least ${terms.minSecondsLeft}`,
    };
  }
  return undefined;
}
