import { NODE_ROLES, nodeRegistryAt, read, registerNode } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { keyPath, readOrMakeKey } from "../shared/keys.ts";
import { currencyOf } from "../shared/money.ts";
import { addressOf, amount, invalid, showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly keyFile: Text;
  readonly payee: Text;
  readonly roles: Text;
  readonly bond: Text;
  readonly endpoint: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** Registers a node; makes its signing key where there is none. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const payee = args.payee === undefined ? undefined : addressOf("payee", args.payee);
  const roles = parseRoles(args.roles ?? "gpu");
  const { chain, addresses, account } = await openSigningSession(hre, args);
  const bondToken = await read<string>(nodeRegistryAt(addresses.nodeRegistry, chain.provider), "BOND_TOKEN");
  const currency = await currencyOf(chain.provider, bondToken);
  const path = args.keyFile ?? keyPath(hre, "node", chain.chainId);
  const bond = args.bond === undefined ? undefined : amount("bond", args.bond, currency.decimals);
  const { key, made } = await readOrMakeKey(path);
  const registered = await progress("registering", () =>
    registerNode(account, addresses, {
      key,
      roles,
      endpoint: args.endpoint ?? "",
      ...(payee === undefined ? {} : { payee }),
      ...(bond === undefined ? {} : { bond }),
    }),
  );
  const text = fields([
    ["node", registered.nodeId],
    ["operator", registered.operator],
    ["signer", registered.signer],
    ["key file", `${path}${made ? " (new; keep it safe and secret)" : ""}`],
    ["payee", registered.payee],
    ["bond", showAmount(registered.bond, currency.decimals, currency.symbol)],
    ["transaction", registered.transactionHash],
  ]);
  return { data: { ...registered, keyFile: path, keyMade: made }, text };
});

function parseRoles(value: string): number {
  let roles = 0;
  for (const name of value.toLowerCase().split(/[\s,]+/)) {
    if (!Object.hasOwn(NODE_ROLES, name)) {
      invalid("roles", value, `some of ${Object.keys(NODE_ROLES).join(", ")}, with commas between`);
    }
    roles |= NODE_ROLES[name as keyof typeof NODE_ROLES];
  }
  return roles;
}
