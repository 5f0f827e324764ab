import { type Signer, TypedDataEncoder } from "ethers";

import type { Integer } from "../core/fields.ts";
import {
  domainOf,
  type HubDomain,
  REQUEST_TYPES,
  requestMessage,
  SIGNED_REQUEST_TYPES,
  signedRequestMessage,
} from "./typed-data.ts";
import type { Request, SignedRequest } from "./types.ts";

/**
 * `RequestId` of a request made on chain: its EIP-712 digest under the hub's domain.
 * @throws {FieldError | ProofPolicyError} when a field has the wrong form.
 */
export function requestId(hub: string, chainId: Integer, request: Request): string {
  return TypedDataEncoder.hash(domainOf({ chainId, hub }), REQUEST_TYPES, requestMessage(request));
}

/**
 * `RequestId` of a request signed off chain: the digest that its requester signs.
 * @throws {FieldError | ProofPolicyError} when a field has the wrong form.
 */
export function signedRequestId(hub: string, chainId: Integer, request: SignedRequest): string {
  return TypedDataEncoder.hash(domainOf({ chainId, hub }), SIGNED_REQUEST_TYPES, signedRequestMessage(request));
}

/** The requester's signature for `settleSigned`, 65 bytes as hex. */
export async function signRequest(signer: Signer, domain: HubDomain, request: SignedRequest): Promise<string> {
  return await signer.signTypedData(domainOf(domain), SIGNED_REQUEST_TYPES, signedRequestMessage(request));
}
