import { contractErrorOf } from "@assay/sdk";
import type { Contract, DeferredTopicFilter, EventLog } from "ethers";

/** Blocks that are asked for at once; most RPC services serve as many. */
const BLOCKS = 5_000;

/** Events of `contract` from block `from` to block `to`, both included, in their order. */
export async function eventsOf(
  contract: Contract,
  filter: DeferredTopicFilter,
  from: number,
  to: number,
): Promise<EventLog[]> {
  const found: EventLog[] = [];
  for (let start = Math.max(0, from); start <= to; start += BLOCKS) {
    const end = Math.min(to, start + BLOCKS - 1);
    try {
      for (const log of await contract.queryFilter(filter, start, end)) if ("args" in log) found.push(log);
    } catch (cause) {
      throw contractErrorOf(`reading events of blocks ${start} to ${end}`, cause);
    }
  }
  return found;
}
