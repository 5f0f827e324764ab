import { read } from "@assay/nodes/operator";
import { unpackPayment, ZERO_ADDRESS } from "@assay/sdk";
import { Contract, type Provider } from "ethers";

import { TaskError, TaskErrorCode } from "./error.ts";
import { isUnreachable } from "./failure.ts";
import { showAmount } from "./options.ts";
import { printable } from "./report.ts";

/** A coin or token, for reading and showing amounts. */
export interface Currency {
  readonly token: string;
  readonly decimals: number;
  readonly symbol: string;
}

const ABI = [
  "function decimals() view returns (uint8)",
  "function symbol() view returns (string)",
  "function balanceOf(address account) view returns (uint256)",
];

/** What `token` is; the zero address is the chain's own coin. A token without `symbol` is shown by its address. */
export async function currencyOf(provider: Provider, token: string): Promise<Currency> {
  if (BigInt(token) === BigInt(ZERO_ADDRESS)) return { token: ZERO_ADDRESS, decimals: 18, symbol: "ETH" };
  const contract = new Contract(token, ABI, provider);
  let decimals: number;
  try {
    decimals = Number(await read<bigint>(contract, "decimals"));
  } catch (cause) {
    if (isUnreachable(cause)) throw cause;
    const message = `There is no ERC-20 token with decimals at ${token} on this chain; check the address and the network.`;
    throw new TaskError(TaskErrorCode.NotFound, message, { cause });
  }
  const symbol = await read<string>(contract, "symbol").catch(() => token);
  return { token, decimals, symbol: printable(symbol).slice(0, 42) };
}

/**
 * Throws when an account has less of a coin or token than it is to pay. The gas of the transaction, paid in the chain's
 * own coin, comes on top and is not counted here.
 * @param what What is paid with its amount's option: "--amount", "the price (--amount)".
 */
export async function requireFunds(
  provider: Provider,
  account: string,
  { token, decimals, symbol }: Currency,
  needed: bigint,
  what: string,
): Promise<void> {
  const native = BigInt(token) === BigInt(ZERO_ADDRESS);
  const balance = native
    ? await provider.getBalance(account)
    : await read<bigint>(new Contract(token, ABI, provider), "balanceOf", [account]);
  if (balance >= needed) return;
  const show = (units: bigint): string => showAmount(units, decimals, symbol);
  throw new TaskError(
    TaskErrorCode.OptionInvalid,
    `${what} is ${show(needed)}, and account ${account} has ${show(balance)}; ${show(needed - balance)} ` +
      `${native ? "and the gas " : ""}are missing: pay less, fund the account, or give another with --account.`,
  );
}

/** A payment word in words. */
export async function showPayment(provider: Provider, payment: bigint): Promise<string> {
  const { token, amount } = unpackPayment(payment);
  const { decimals, symbol } = await currencyOf(provider, token);
  return showAmount(amount, decimals, symbol);
}
