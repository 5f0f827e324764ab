import { type Signer, TypedDataEncoder } from "ethers";

import { address, fixedHex, type BytesLike } from "../core/fields.ts";
import { domainOf, STATEMENT_TYPES } from "../request/typed-data.ts";

/** What evidence must show; see contracts/types/Statement.sol. */
export interface Statement {
  readonly chainId: bigint;
  readonly hub: string;
  readonly requestId: string;
  readonly version: string;
  readonly inputHash: string;
  readonly outputHash: string;
  readonly paramsHash: string;
  readonly enclavePolicy: string;
  readonly requester: string;
  /** Account that is paid. */
  readonly beneficiary: string;
}

/** The fields of `statement` as its EIP-712 type names them; for `signTypedData` with `STATEMENT_TYPES`. */
export function statementMessage(statement: Statement, selector: BytesLike): Record<string, string> {
  return {
    proof: fixedHex("selector", selector, 4),
    requestId: fixedHex("requestId", statement.requestId, 32),
    version: fixedHex("version", statement.version, 32),
    inputHash: fixedHex("inputHash", statement.inputHash, 32),
    outputHash: fixedHex("outputHash", statement.outputHash, 32),
    paramsHash: fixedHex("paramsHash", statement.paramsHash, 32),
    enclavePolicy: fixedHex("enclavePolicy", statement.enclavePolicy, 32),
    requester: address("requester", statement.requester),
    beneficiary: address("beneficiary", statement.beneficiary),
  };
}

/**
 * What a node or an enclave signs, and a circuit binds, for `statement` under the adapter `selector`: the EIP-712
 * digest, 32 bytes as hex.
 * @throws {FieldError} when a field has the wrong form.
 */
export function statementDigest(statement: Statement, selector: BytesLike): string {
  return TypedDataEncoder.hash(domainOf(statement), STATEMENT_TYPES, statementMessage(statement, selector));
}

/** A signature of the statement's digest under `selector`, 65 bytes as hex: r, s, v. */
export async function signStatement(signer: Signer, statement: Statement, selector: BytesLike): Promise<string> {
  return await signer.signTypedData(domainOf(statement), STATEMENT_TYPES, statementMessage(statement, selector));
}
