import { LOCAL_CHAIN_IDS } from "@assay/sdk";
import type { Logger } from "pino";

import type { Chain } from "../../shared/chain/chain.ts";
import { RpcRefusedError } from "../../shared/rpc/errors.ts";
import { JournalError, JournalErrorCode } from "./errors.ts";
import type { Journal } from "./journal.ts";

export interface ChainCheck {
  readonly chain: Chain;
  readonly journal: Journal;
  readonly chainId: bigint;
  /** File of the journal, for the message. */
  readonly path: string;
}

/**
 * In words, why the chain is not the one that the journal was written on; undefined where it is, as far as can be seen.
 * A chain is told by the hash of its first block. On local chains, whose first block can be the same each time, a head
 * below the journal's cursor tells, too; elsewhere such a head is that of an endpoint which lags.
 */
export async function otherChain(
  { chain, journal, chainId }: ChainCheck,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [kept, found] = [journal.genesis(), await genesisOf(chain, signal)];
  if (kept !== undefined && found !== undefined && kept !== found) {
    return `its first block is ${found}, the journal's is ${kept}`;
  }
  const cursor = journal.cursor();
  if (cursor === undefined || !isLocal(chainId)) return undefined;
  const { number } = await chain.head(signal);
  // The cursor is at most one past the head that it was made from.
  return number + 1 < cursor
    ? `its newest block is ${number}, and the journal has read up to ${cursor - 1}`
    : undefined;
}

/**
 * Makes sure that the journal is of this chain, and keeps what tells so. On local chain ids, whose chains come and go
 * with their process, a journal of another chain starts over with a warning; nothing in it can be owed any more.
 * @throws {JournalError} elsewhere, naming the file.
 */
export async function requireSameChain(check: ChainCheck, log: Logger, signal: AbortSignal): Promise<void> {
  const { chain, journal, chainId, path } = check;
  const reason = await otherChain(check, signal);
  if (reason !== undefined) {
    if (!isLocal(chainId)) throw otherChainError(check, reason);
    log.warn({ journal: path, reason }, "the local chain was started anew; the journal starts over");
    journal.startOver(await genesisOf(chain, signal));
    return;
  }
  if (journal.genesis() !== undefined) return;
  const genesis = await genesisOf(chain, signal);
  if (genesis !== undefined) journal.keepGenesis(genesis);
}

/**
 * The same while the node runs, when too much of the old chain is in memory to start over. Local chains are looked at
 * every time, because one that was started anew can be as long as the old one before anybody looks.
 * @param doubt Whether there is a reason to doubt it: the endpoint was away, or its head went back.
 * @throws {JournalError} naming the file.
 */
export async function requireStillSameChain(check: ChainCheck, doubt: boolean, signal: AbortSignal): Promise<void> {
  if (!doubt && !isLocal(check.chainId)) return;
  const reason = await otherChain(check, signal);
  if (reason !== undefined) throw otherChainError(check, reason);
}

function otherChainError({ chainId, path }: ChainCheck, reason: string): JournalError {
  const remedy = isLocal(chainId)
    ? "start the node again, and the journal starts over"
    : "correct rpcUrl; or give another path as journal (`runner start --journal`), or delete the file if its chain is gone";
  const words = `Journal ${path} was written on another chain with the id ${chainId}: ${reason}; ${remedy}.`;
  return new JournalError(JournalErrorCode.OtherChain, words);
}

function isLocal(chainId: bigint): boolean {
  return LOCAL_CHAIN_IDS.includes(chainId);
}

/** Hash of block 0, or undefined where the endpoint does not give it. */
async function genesisOf(chain: Chain, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await chain.block(0, signal))?.hash;
  } catch (error) {
    // Some services keep the last blocks only, and refuse in their own words.
    if (error instanceof RpcRefusedError && !error.retryable) return undefined;
    throw error;
  }
}
