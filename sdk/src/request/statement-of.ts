import { keccak256 } from "ethers";

import { address, boundedBytes, type BytesLike, fixedHex, uint } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import type { Statement } from "../statement/statement.ts";
import { requestId, signedRequestId } from "./id.ts";
import type { HubDomain } from "./typed-data.ts";
import type { Request, SignedRequest } from "./types.ts";

/**
 * The statement that evidence for answering `request` with `output` must show.
 * @param beneficiary Account that is paid.
 * @throws {FieldError | ProofPolicyError} when a field has the wrong form.
 */
export function statementOf(
  domain: HubDomain,
  request: Request | SignedRequest,
  output: BytesLike,
  beneficiary: string,
): Statement {
  const id = "nonce" in request ? signedRequestId : requestId;
  return {
    chainId: uint("chainId", domain.chainId, 256),
    hub: address("hub", domain.hub),
    requestId: id(domain.hub, domain.chainId, request as Request & SignedRequest),
    version: fixedHex("version", request.version, 32),
    inputHash: fixedHex("inputHash", request.inputHash, 32),
    outputHash: keccak256(boundedBytes("output", output, MAX_PAYLOAD_BYTES)),
    paramsHash: fixedHex("paramsHash", request.paramsHash, 32),
    enclavePolicy: fixedHex("enclavePolicy", request.enclavePolicy, 32),
    requester: address("requester", request.requester),
    beneficiary: address("beneficiary", beneficiary),
  };
}
