import type { Interface, Result } from "ethers";

import type { Chain } from "../../shared/chain/chain.ts";
import type { BlockTag } from "../../shared/chain/types.ts";
import { RpcError, RpcErrorCode } from "../../shared/rpc/errors.ts";

/**
 * What the view function `name` of the contract at `to` gives.
 * @throws {CallRevertedError} when it reverts.
 */
export async function readContract(
  chain: Chain,
  to: string,
  face: Interface,
  name: string,
  args: readonly unknown[],
  at: BlockTag,
  signal?: AbortSignal,
): Promise<Result> {
  const data = await chain.call({ to, data: face.encodeFunctionData(name, args) }, at, signal);
  try {
    return face.decodeFunctionResult(name, data);
  } catch (cause) {
    const words = `${name} of ${to} gave ${data.length} characters that do not decode; check the hub's address.`;
    throw new RpcError(RpcErrorCode.Garbage, words, { cause });
  }
}
