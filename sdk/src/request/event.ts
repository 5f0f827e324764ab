import { keccak256 } from "ethers";

import { FieldError } from "../core/field-error.ts";
import { address, boundedBytes, fixedHex } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { unpackRequest } from "./pack.ts";
import type { PackedRequest, Request } from "./types.ts";

/** Arguments of the hub's `Requested` event, as ethers gives them. */
export interface RequestedArgs extends Omit<PackedRequest, "inputHash"> {
  readonly id: string;
  readonly requester: string;
  readonly input: string;
}

/** A request with the input it was made with. */
export interface RequestedItem {
  readonly id: string;
  readonly request: Request;
  readonly input: Uint8Array;
}

/**
 * The request, and its input, of a `Requested` event. The input hash is computed here from the input itself. Not
 * checked here: that `id` is the request's id; compare it with `requestId`, as `HubClient.requests` does.
 * @throws {FieldError | ProofPolicyError} when a field is not well-formed, or the event's requester is not the ticket's.
 */
export function requestFromEvent(args: RequestedArgs): RequestedItem {
  const input = boundedBytes("input", args.input, MAX_PAYLOAD_BYTES);
  const { version, paramsHash, proofs, enclavePolicy, payment, callback, ticket } = args;
  const inputHash = keccak256(input);
  const packed = { version, inputHash, paramsHash, proofs, enclavePolicy, payment, callback, ticket };
  const request = unpackRequest(packed);
  if (address("requester", args.requester) !== request.requester) {
    throw new FieldError("requester", args.requester, `the ticket's requester, ${request.requester}`);
  }
  return { id: fixedHex("id", args.id, 32), request, input };
}
