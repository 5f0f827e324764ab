import type { TypedDataDomain, TypedDataField } from "ethers";

import { address, fixedHex, uint, type Integer } from "../core/fields.ts";
import { packProofs } from "../proofs/policy.ts";
import type { Request, SignedRequest } from "./types.ts";
import { packCallback, packStamp } from "./words.ts";

/** Chain and hub that signatures are for. */
export interface HubDomain {
  readonly chainId: Integer;
  readonly hub: string;
}

type TypeTable = Record<string, TypedDataField[]>;

const field = (type: string, name: string): TypedDataField => ({ name, type });

const TERMS: readonly TypedDataField[] = [
  field("bytes32", "version"),
  field("bytes32", "inputHash"),
  field("bytes32", "paramsHash"),
  field("bytes16", "proofs"),
  field("bytes32", "enclavePolicy"),
  field("address", "requester"),
  field("address", "token"),
  field("uint96", "amount"),
  field("address", "callback"),
  field("uint32", "callbackGas"),
  field("uint8", "flags"),
  field("uint40", "deadline"),
];

/** EIP-712 type of a request made on chain, whose digest is its id. */
export const REQUEST_TYPES: TypeTable = { Request: [...TERMS, field("uint56", "stamp")] };

/** EIP-712 type of a request signed off chain. */
export const SIGNED_REQUEST_TYPES: TypeTable = { SignedRequest: [...TERMS, field("uint56", "nonce")] };

/** EIP-712 type of what evidence shows; `proof` is the selector of the adapter that will check it. */
export const STATEMENT_TYPES: TypeTable = {
  Statement: [
    field("bytes4", "proof"),
    field("bytes32", "requestId"),
    field("bytes32", "version"),
    field("bytes32", "inputHash"),
    field("bytes32", "outputHash"),
    field("bytes32", "paramsHash"),
    field("bytes32", "enclavePolicy"),
    field("address", "requester"),
    field("address", "beneficiary"),
  ],
};

/** EIP-712 domain of a hub. */
export function domainOf({ chainId, hub }: HubDomain): TypedDataDomain {
  return {
    name: "Assay",
    version: "1",
    chainId: uint("chainId", chainId, 256),
    verifyingContract: address("hub", hub),
  };
}

/** The fields of `request` as its EIP-712 type names them; for `signTypedData` with `REQUEST_TYPES`. */
export function requestMessage(request: Request): Record<string, unknown> {
  return { ...termsMessage(request), stamp: packStamp(request.createdAt, request.salt) };
}

/** The fields of `request` as its EIP-712 type names them; for `signTypedData` with `SIGNED_REQUEST_TYPES`. */
export function signedRequestMessage(request: SignedRequest): Record<string, unknown> {
  return { ...termsMessage(request), nonce: uint("nonce", request.nonce, 56) };
}

function termsMessage(request: Request | SignedRequest): Record<string, unknown> {
  return {
    version: fixedHex("version", request.version, 32),
    inputHash: fixedHex("inputHash", request.inputHash, 32),
    paramsHash: fixedHex("paramsHash", request.paramsHash, 32),
    proofs: packProofs(request.proofs),
    enclavePolicy: fixedHex("enclavePolicy", request.enclavePolicy, 32),
    requester: address("requester", request.requester),
    token: address("token", request.token),
    amount: uint("amount", request.amount, 96),
    callback: address("callback.target", request.callback.target),
    callbackGas: uint("callback.gas", request.callback.gas, 32),
    flags: packCallback(request.callback) & 0xffn,
    deadline: uint("deadline", request.deadline, 40),
  };
}
