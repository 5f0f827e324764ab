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

const ABI = ["function decimals() view returns (uint8)", "function symbol() view returns (string)"];

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

/** A payment word in words. */
export async function showPayment(provider: Provider, payment: bigint): Promise<string> {
  const { token, amount } = unpackPayment(payment);
  const { decimals, symbol } = await currencyOf(provider, token);
  return showAmount(amount, decimals, symbol);
}
