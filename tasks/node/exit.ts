import { eventOf, nodeRegistryAt, send } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { addressOf } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { findNode, type NodeChoice } from "./find.ts";

interface Arguments extends NodeChoice {
  readonly json: boolean;
  readonly to: string | undefined;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** Begins a node's exit, or completes one that is due. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const to = args.to === undefined ? undefined : addressOf("to", args.to);
  const session = await openSigningSession(hre, args);
  const { account, addresses, chain } = session;
  const node = await findNode(hre, session, args);
  const registry = nodeRegistryAt(addresses.nodeRegistry, account);
  if (node.status === "exited") {
    throw new TaskError(TaskErrorCode.NotFound, `Node ${node.nodeId} has left and its bond was paid back already.`);
  }
  if (node.status !== "exiting") {
    const receipt = await progress("beginning the exit", () => send(registry, "beginExit", [node.nodeId]));
    const exitAt = Number((await eventOf(registry, receipt, "ExitBegun")).args["exitAt"]);
    const data = { nodeId: node.nodeId, status: "exiting", exitAt, transactionHash: receipt.hash };
    const text = fields([
      ["node", node.nodeId],
      ["status", "exiting: it signs nothing that counts any more"],
      ["bond back from", `${showTime(exitAt)}; then run this task again`],
      ["transaction", receipt.hash],
    ]);
    return { data, text };
  }
  const now = (await chain.provider.getBlock("latest"))?.timestamp ?? 0;
  if (now < node.exitAt) {
    throw new TaskError(
      TaskErrorCode.TimedOut,
      `The bond of node ${node.nodeId} can be taken back from ${showTime(node.exitAt)} on; it is ${showTime(now)} now.`,
    );
  }
  const receiver = to ?? account.address;
  const receipt = await progress("completing the exit", () => send(registry, "completeExit", [node.nodeId, receiver]));
  const amount = (await eventOf(registry, receipt, "Exited")).args["amount"] as bigint;
  const data = { nodeId: node.nodeId, status: "exited", to: receiver, amount, transactionHash: receipt.hash };
  const text = fields([
    ["node", node.nodeId],
    ["status", "exited"],
    ["bond", `${amount} paid to ${receiver}`],
    ["transaction", receipt.hash],
  ]);
  return { data, text };
});
