import { fixedHex, uint } from "../core/fields.ts";
import { packProofs, unpackProofs } from "../proofs/policy.ts";
import type { Order, PackedOrder, PackedRequest, Request, SignedRequest, Terms } from "./types.ts";
import {
  packCallback,
  packPayment,
  packStamp,
  packTicket,
  unpackCallback,
  unpackPayment,
  unpackTicket,
} from "./words.ts";

/**
 * The order as `InferenceHub.request` takes it.
 * @throws {FieldError | ProofPolicyError} when a field has the wrong form or is out of range.
 */
export function packOrder(order: Order): PackedOrder {
  return { ...packTerms(order), deadline: uint("deadline", order.deadline, 40), salt: uint("salt", order.salt, 16) };
}

/**
 * The request as the contracts take it.
 * @throws {FieldError | ProofPolicyError} when a field has the wrong form or is out of range.
 */
export function packRequest(request: Request | SignedRequest): PackedRequest {
  const stamp = "nonce" in request ? uint("nonce", request.nonce, 56) : packStamp(request.createdAt, request.salt);
  return {
    ...packTerms(request),
    inputHash: fixedHex("inputHash", request.inputHash, 32),
    ticket: packTicket(request.requester, request.deadline, stamp),
  };
}

/**
 * The request made on chain that `packed` holds.
 * @throws {FieldError | ProofPolicyError} when a word is not well-formed.
 */
export function unpackRequest(packed: PackedRequest): Request {
  const { stamp, ...rest } = unpackCommon(packed);
  return { ...rest, createdAt: stamp >> 16n, salt: stamp & 0xffffn };
}

/**
 * The signed request that `packed` holds.
 * @throws {FieldError | ProofPolicyError} when a word is not well-formed.
 */
export function unpackSignedRequest(packed: PackedRequest): SignedRequest {
  const { stamp, ...rest } = unpackCommon(packed);
  return { ...rest, nonce: stamp };
}

function packTerms(terms: Terms) {
  return {
    version: fixedHex("version", terms.version, 32),
    paramsHash: fixedHex("paramsHash", terms.paramsHash, 32),
    proofs: packProofs(terms.proofs),
    enclavePolicy: fixedHex("enclavePolicy", terms.enclavePolicy, 32),
    payment: packPayment(terms.token, terms.amount),
    callback: packCallback(terms.callback),
  };
}

function unpackCommon(packed: PackedRequest) {
  return {
    version: fixedHex("version", packed.version, 32),
    inputHash: fixedHex("inputHash", packed.inputHash, 32),
    paramsHash: fixedHex("paramsHash", packed.paramsHash, 32),
    proofs: unpackProofs(packed.proofs),
    enclavePolicy: fixedHex("enclavePolicy", packed.enclavePolicy, 32),
    ...unpackPayment(packed.payment),
    callback: unpackCallback(packed.callback),
    ...unpackTicket(packed.ticket),
  };
}
