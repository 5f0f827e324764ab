import { eventsOf } from "@assay/nodes/operator";
import { EventMismatchError, type Request, type RequestedArgs, requestFromEvent, requestId } from "@assay/sdk";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { searchRange, type Session } from "../shared/session.ts";

/** A request, as its event gives it. */
export interface FoundItem {
  readonly id: string;
  readonly request: Request;
  readonly input: Uint8Array;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** The request with that id, or undefined where no event of the searched blocks has it. */
export async function findRequest(
  { chain, hub }: Session,
  id: string,
  fromBlock: string | undefined,
): Promise<FoundItem | undefined> {
  const [from, to] = await searchRange(chain, fromBlock);
  const [log] = await eventsOf(hub.contract, hub.contract.filters["Requested"]!(id), from, to);
  if (log === undefined) return undefined;
  const item = requestFromEvent(log.args.toObject() as unknown as RequestedArgs);
  const expected = requestId(hub.address, chain.chainId, item.request);
  if (expected !== id) {
    throw new EventMismatchError(`The RPC gave request ${id} with terms whose id is ${expected}; use another RPC.`);
  }
  return { ...item, blockNumber: log.blockNumber, transactionHash: log.transactionHash };
}

/** The error for a request that was not found. */
export function requestNotFound({ chain, addresses }: Session, id: string): TaskError {
  return new TaskError(
    TaskErrorCode.NotFound,
    `No request ${id} is in the searched events of hub ${addresses.hub} on chain ${chain.chainId}; check id and network, ` +
      "or search from an earlier block with --from-block.",
  );
}
