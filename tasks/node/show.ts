import { nodeRegistryAt, read } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { currencyOf } from "../shared/money.ts";
import { showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { findNode, type NodeChoice } from "./find.ts";

interface Arguments extends NodeChoice {
  readonly json: boolean;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** What the registry knows of a node. */
export default action<Arguments>(async (args, { hre }) => {
  const session = await openSession(hre, args);
  const node = await findNode(hre, session, args);
  const { provider } = session.chain;
  const token = await read<string>(nodeRegistryAt(session.addresses.nodeRegistry, provider), "BOND_TOKEN");
  const { decimals, symbol } = await currencyOf(provider, token);
  const text = fields([
    ["node", node.nodeId],
    ["status", node.status],
    ["operator", node.operator],
    ["signer", node.signer],
    ["payee", node.payee],
    ["roles", node.roles.join(", ")],
    ["bond", showAmount(node.bond, decimals, symbol)],
    ["bond back from", showTime(node.exitAt)],
    ["endpoint", node.endpoint === "" ? "-" : node.endpoint],
  ]);
  return { data: node, text };
});
