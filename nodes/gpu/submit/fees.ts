import type { Chain } from "../../shared/chain/chain.ts";
import type { Block } from "../../shared/chain/types.ts";
import { RpcRefusedError } from "../../shared/rpc/errors.ts";
import { SubmitError, SubmitErrorCode } from "./errors.ts";
import type { FeeOffer } from "./types.ts";

/** Tip where the endpoint proposes none: 1 gwei. */
const DEFAULT_TIP = 1_000_000_000n;

/**
 * What to offer per gas now: room for the base fee to double, never above `cap`.
 * @throws {SubmitError} when the chain asks more than `cap`.
 */
export async function quoteFees(chain: Chain, head: Block, cap: bigint, signal?: AbortSignal): Promise<FeeOffer> {
  if (head.baseFee === undefined) {
    const price = await chain.gasPrice(signal);
    requireBelow(price, cap);
    return { maxFee: price, tip: undefined };
  }
  let tip: bigint;
  try {
    tip = await chain.tip(signal);
  } catch (error) {
    if (!(error instanceof RpcRefusedError)) throw error;
    tip = DEFAULT_TIP;
  }
  requireBelow(head.baseFee, cap);
  const maxFee = smaller(2n * head.baseFee + tip, cap);
  return { maxFee, tip: smaller(tip, maxFee) };
}

/**
 * The least offer that endpoints take in place of `old`: both parts an eighth higher, rounded up, and no less than what
 * the chain asks now. Undefined when that is above `cap`.
 */
export function bumpFees(old: FeeOffer, now: FeeOffer, cap: bigint): FeeOffer | undefined {
  const raise = (value: bigint): bigint => value + (value + 7n) / 8n;
  const maxFee = greater(raise(old.maxFee), now.maxFee);
  if (maxFee > cap) return undefined;
  if (old.tip === undefined || now.tip === undefined) return { maxFee, tip: undefined };
  return { maxFee, tip: smaller(greater(raise(old.tip), now.tip), maxFee) };
}

function requireBelow(asked: bigint, cap: bigint): void {
  if (asked <= cap) return;
  const words = `The chain asks ${asked} wei per gas, above limits.maxFeePerGas of ${cap}; waiting for it to fall.`;
  throw new SubmitError(SubmitErrorCode.FeeTooHigh, words);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
