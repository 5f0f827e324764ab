import { AssayError, contractErrorOf } from "@assay/sdk";
import type { Contract, ContractTransactionReceipt, ContractTransactionResponse, LogDescription } from "ethers";

import { OperatorError, OperatorErrorCode } from "./errors.ts";

/** Asks a view function; a refusal comes in the SDK's words. */
export async function read<T>(
  contract: Contract,
  name: string,
  args: readonly unknown[] = [],
  block?: number,
): Promise<T> {
  try {
    const overrides = block === undefined ? [] : [{ blockTag: block }];
    return (await contract.getFunction(name).staticCall(...args, ...overrides)) as T;
  } catch (cause) {
    throw contractErrorOf(name, cause);
  }
}

/** Sends a transaction and waits until it is mined once; a refusal comes in the SDK's words. */
export async function send(
  contract: Contract,
  name: string,
  args: readonly unknown[],
  overrides: { readonly value?: bigint } = {},
): Promise<ContractTransactionReceipt> {
  try {
    const sent = (await contract.getFunction(name)(...args, overrides)) as ContractTransactionResponse;
    const mined = await sent.wait();
    if (mined === null || mined.status === 0) throw failed(name, sent.hash);
    return mined;
  } catch (cause) {
    throw cause instanceof AssayError ? cause : contractErrorOf(name, cause);
  }
}

/** The arguments of the event `name` that `contract` emitted in a mined transaction. */
export async function eventOf(
  contract: Contract,
  receipt: ContractTransactionReceipt,
  name: string,
): Promise<LogDescription> {
  const address = (await contract.getAddress()).toLowerCase();
  for (const log of receipt.logs) {
    if (log.address.toLowerCase() !== address) continue;
    const parsed = contract.interface.parseLog(log);
    if (parsed?.name === name) return parsed;
  }
  throw new OperatorError(
    OperatorErrorCode.TransactionFailed,
    `Transaction ${receipt.hash} has no event ${name} of ${address}; check that the address is the right contract.`,
  );
}

function failed(name: string, hash: string): OperatorError {
  return new OperatorError(
    OperatorErrorCode.TransactionFailed,
    `${name}: transaction ${hash} was mined and failed; its trace says why, most often its gas ran out.`,
  );
}
