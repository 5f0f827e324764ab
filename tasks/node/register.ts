import { NODE_ROLES, nodeRegistryAt, read, registerNode } from "@assay/nodes/operator";
import { ContractRevertError, NODE_STATUSES } from "@assay/sdk";
import type { Signer } from "ethers";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { keyPath, readOrMakeKey } from "../shared/keys.ts";
import { currencyOf, requireFunds } from "../shared/money.ts";
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
  if (!made) await requireUnregistered(account, addresses.nodeRegistry, key.address, path);
  const least = bond ?? (await read<bigint>(nodeRegistryAt(addresses.nodeRegistry, chain.provider), "MIN_BOND"));
  await requireFunds(
    chain.provider,
    account.address,
    currency,
    least,
    bond === undefined ? "The least bond" : "--bond",
  );
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

/** Throws when the account has a node with this key already; a key that is somebody else's is left to the registry. */
async function requireUnregistered(
  account: Signer & { readonly address: string },
  registryAddress: string,
  signer: string,
  keyFile: string,
): Promise<void> {
  const registry = nodeRegistryAt(registryAddress, account);
  const nodeId = await read<string>(registry, "nodeIdOf", [account.address, signer]);
  let status: string;
  try {
    const info = await read<{ status: bigint }>(registry, "nodeOf", [nodeId]);
    status = NODE_STATUSES[Number(info.status)] ?? `status ${info.status}`;
  } catch (error) {
    if (error instanceof ContractRevertError && error.contractError === "NodeUnknown") return;
    throw error;
  }
  throw new TaskError(
    TaskErrorCode.OptionInvalid,
    `You are registered already with the key in ${keyFile}: node ${nodeId}, ${status}` +
      `${status === "active" ? "; it can run as it is (`npx hardhat runner start`)" : ""}. ` +
      "For another node give a file of its own with --key-file; a key belongs to one node for ever.",
  );
}

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
