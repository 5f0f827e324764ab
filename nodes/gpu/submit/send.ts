import type { Chain } from "../../shared/chain/chain.ts";
import { RpcRefusedError } from "../../shared/rpc/errors.ts";
import type { JournalTransaction } from "../journal/types.ts";
import { SubmitError, SubmitErrorCode } from "./errors.ts";

/** Refusals that mean the endpoint has this transaction, or another one with its nonce; the confirm stage finds out. */
const KNOWN =
  /already known|known transaction|already imported|already exists|nonce too low|nonce.*too low|underpriced/i;
const NO_FUNDS = /insufficient (funds|balance)|doesn't have enough funds|not enough funds/i;

/**
 * Gives a signed transaction to the endpoint. Sending the same bytes again is harmless.
 * @throws {SubmitError} when the endpoint did not take it and does not know it.
 */
export async function send(chain: Chain, transaction: JournalTransaction, signal?: AbortSignal): Promise<void> {
  try {
    await chain.send(transaction.raw, signal);
  } catch (cause) {
    if (!(cause instanceof RpcRefusedError)) throw cause;
    if (KNOWN.test(cause.reason)) return;
    // Some development chains report the revert of a transaction that they mined all the same.
    if ((await chain.receipt(transaction.hash, signal)) !== undefined) return;
    if (await chain.knows(transaction.hash, signal)) return;
    const funds = NO_FUNDS.test(cause.reason);
    const words = `Transaction ${transaction.hash} was not taken: ${cause.reason}`;
    throw funds
      ? new SubmitError(SubmitErrorCode.NoFunds, `${words}. Send coin to ${transaction.sender}.`, { cause })
      : new SubmitError(SubmitErrorCode.NotTaken, `${words}. It will be sent again.`, { cause });
  }
}
