import { NODE_ROLES, nodeRegistryAt, read } from "@assay/nodes/operator";
import { ContractRevertError, NODE_STATUSES } from "@assay/sdk";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { keyPath, readKey } from "../shared/keys.ts";
import { addressOf, id } from "../shared/options.ts";
import type { Session } from "../shared/session.ts";

/** Options that name a node. */
export interface NodeChoice {
  readonly nodeId: string | undefined;
  readonly keyFile: string | undefined;
  readonly signer: string | undefined;
  readonly account?: string | undefined;
}

/** A node, as the registry has it. */
export interface NodeRecord {
  readonly nodeId: string;
  readonly operator: string;
  readonly signer: string;
  readonly payee: string;
  readonly status: string;
  readonly roles: readonly string[];
  /** Unix seconds; 0 while active. */
  readonly exitAt: number;
  readonly bond: bigint;
  readonly endpoint: string;
}

/** The node of `--node-id`, or that of the account and the key of `--signer` or `--key-file`. */
export async function findNode(
  hre: HardhatRuntimeEnvironment,
  { chain, addresses }: Session,
  choice: NodeChoice,
): Promise<NodeRecord> {
  const registry = nodeRegistryAt(addresses.nodeRegistry, chain.provider);
  let nodeId: string;
  if (choice.nodeId !== undefined) {
    nodeId = id("nodeId", choice.nodeId);
  } else {
    const signer =
      choice.signer === undefined
        ? (await readKey(choice.keyFile ?? keyPath(hre, "node", chain.chainId))).address
        : addressOf("signer", choice.signer);
    const { address: operator } = await chain.signer(choice.account);
    nodeId = await read<string>(registry, "nodeIdOf", [operator, signer]);
  }
  let info: Record<string, unknown>;
  try {
    info = await read<Record<string, unknown>>(registry, "nodeOf", [nodeId]);
  } catch (error) {
    if (!(error instanceof ContractRevertError) || error.contractError !== "NodeUnknown") throw error;
    throw new TaskError(
      TaskErrorCode.NotFound,
      `No node has the id ${nodeId} on this chain; register it with \`npx hardhat node register\`, or give --node-id.`,
    );
  }
  const roles = Number(info["roles"]);
  return {
    nodeId,
    operator: info["operator"] as string,
    signer: info["signer"] as string,
    payee: info["payee"] as string,
    status: NODE_STATUSES[Number(info["status"])] ?? `status ${String(info["status"])}`,
    roles: Object.entries(NODE_ROLES)
      .filter(([, bit]) => (roles & bit) !== 0)
      .map(([name]) => name),
    exitAt: Number(info["exitAt"]),
    bond: info["bond"] as bigint,
    endpoint: info["endpoint"] as string,
  };
}
