import type { Block } from "../../shared/chain/types.ts";
import { RpcError, RpcErrorCode } from "../../shared/rpc/errors.ts";
import type { HeadTracker } from "./head.ts";

/**
 * The newest block known.
 * @throws {RpcError} before the first was read; trying again helps.
 */
export function requireHead(head: HeadTracker): Block {
  if (head.current !== undefined) return head.current;
  throw new RpcError(RpcErrorCode.Unreachable, "No block was read from the endpoint yet; wait for the watch stage.");
}
