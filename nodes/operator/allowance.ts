import { ZERO_ADDRESS } from "@assay/sdk";
import { Contract, type Signer } from "ethers";

import { read, send } from "./call.ts";

const TOKEN_ABI = [
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)",
];

/**
 * Lets `spender` take `amount` of `token` from the account, where it may not yet; the allowance is for exactly that.
 * Nothing to do for the chain's own coin. Gives the value that the paying call must carry.
 */
export async function allow(account: Signer, token: string, spender: string, amount: bigint): Promise<bigint> {
  if (BigInt(token) === BigInt(ZERO_ADDRESS)) return amount;
  const contract = new Contract(token, TOKEN_ABI, account);
  const allowed = await read<bigint>(contract, "allowance", [await account.getAddress(), spender]);
  if (allowed < amount) await send(contract, "approve", [spender, amount]);
  return 0n;
}
