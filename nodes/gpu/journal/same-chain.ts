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
  /** Depth, in blocks, from which on nothing is reorganised. */
  readonly reorgDepth: number;
  /** File of the journal, for the message. */
  readonly path: string;
}

/** Blocks by which a chain may go back and be the same, however small `reorgDepth` is. */
const LEAST_DEPTH = 12;

/**
 * Makes sure that the journal is of this chain: by the hash of a block that it keeps, which is the first one and, on
 * local chains, moves on with them, because their first block can be the same each time. On local chains a head below
 * the journal's cursor tells, too; elsewhere such a head is that of an endpoint which lags.
 *
 * On local chain ids, whose chains come and go with their process, a journal of another chain starts over with a
 * warning; nothing in it can be owed any more.
 * @throws {JournalError} elsewhere, naming the file.
 */
export async function requireSameChain(check: ChainCheck, log: Logger, signal: AbortSignal): Promise<void> {
  const { journal, chainId, path } = check;
  const reason = await otherChain(check, signal);
  if (reason !== undefined) {
    if (!isLocal(chainId)) throw otherChainError(check, reason);
    log.warn({ journal: path, reason }, "the local chain was started anew; the journal starts over");
    journal.startOver();
  }
  await moveAnchor(check, signal);
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
  await moveAnchor(check, signal);
}

/** In words, why the chain is not the one that the journal was written on; undefined where it is, as far as can be seen. */
async function otherChain(
  { chain, journal, chainId, reorgDepth }: ChainCheck,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [anchor, cursor] = [journal.anchor(), journal.cursor()];
  if (anchor !== undefined) {
    const found = await hashOf(anchor.number, chain, signal);
    if (found !== undefined && found !== anchor.hash) {
      return `its block ${anchor.number} is ${found}, the journal's is ${anchor.hash}`;
    }
  }
  if (cursor === undefined || !isLocal(chainId)) return undefined;
  const { number } = await chain.head(signal);
  // The cursor is at most one past the head that it was made from, less reorgDepth; a short step back is a reorganisation.
  if (number + 1 + Math.max(0, LEAST_DEPTH - reorgDepth) >= cursor) return undefined;
  return `its newest block is ${number}, and the journal has read up to ${cursor - 1}`;
}

async function moveAnchor({ chain, journal, chainId, reorgDepth }: ChainCheck, signal: AbortSignal): Promise<void> {
  const kept = journal.anchor();
  if (kept !== undefined && !isLocal(chainId)) return;
  const number = isLocal(chainId)
    ? Math.max(0, (await chain.head(signal)).number - Math.max(LEAST_DEPTH, reorgDepth))
    : 0;
  if (kept !== undefined && number <= kept.number) return;
  const hash = await hashOf(number, chain, signal);
  if (hash !== undefined) journal.keepAnchor({ number, hash });
}

function otherChainError({ chainId, path }: ChainCheck, reason: string): JournalError {
  const remedy = isLocal(chainId)
    ? "start the node again, and the journal starts over"
    : "correct rpcUrl; or give another path as journal (`runner start --journal`), or delete the file if its chain is gone";
  const words = `Journal ${path} was written on another chain with the id ${chainId}: ${reason}; ${remedy}.`;
  return new JournalError(JournalErrorCode.Foreign, words);
}

function isLocal(chainId: bigint): boolean {
  return LOCAL_CHAIN_IDS.includes(chainId);
}

/** Hash of a block, or undefined where the endpoint does not give it. */
async function hashOf(number: number, chain: Chain, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await chain.block(number, signal))?.hash;
  } catch (error) {
    // Some services keep the last blocks only, and refuse in their own words.
    if (error instanceof RpcRefusedError && !error.retryable) return undefined;
    throw error;
  }
}
