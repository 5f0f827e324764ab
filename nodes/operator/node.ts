import { ZERO_ADDRESS } from "@assay/sdk";
import type { Signer } from "ethers";

import { allow } from "./allowance.ts";
import { eventOf, read, send } from "./call.ts";
import { type AssayAddresses, nodeRegistryAt } from "./contracts.ts";

/** Roles of a node, as bits of the set that the registry holds. */
export const NODE_ROLES = { gpu: 1, full: 2, data: 4, storage: 8 } as const;

export interface NodeRegistration {
  /** Key that signs evidence. Of one node only, for ever. */
  readonly key: Signer;
  /** Account that is paid; the operator's when left out. */
  readonly payee?: string;
  /** Set of `NODE_ROLES` bits; GPU when left out. */
  readonly roles?: number;
  /** Bond in the token's smallest unit; the least that is allowed when left out. */
  readonly bond?: bigint;
  /** Where the node can be reached, at most 256 bytes. */
  readonly endpoint?: string;
}

export interface RegisteredNode {
  readonly nodeId: string;
  readonly operator: string;
  readonly signer: string;
  readonly payee: string;
  readonly roles: number;
  readonly bond: bigint;
  /** The zero address is the chain's own coin. */
  readonly bondToken: string;
  readonly transactionHash: string;
}

/**
 * Registers a node of `operator`, with its bond, and the key's proof of possession.
 * @throws {ContractRevertError} when the registry refuses it, for example because the key is taken.
 */
export async function registerNode(
  operator: Signer,
  addresses: Pick<AssayAddresses, "nodeRegistry">,
  registration: NodeRegistration,
): Promise<RegisteredNode> {
  const registry = nodeRegistryAt(addresses.nodeRegistry, operator);
  const account = await operator.getAddress();
  const signer = await registration.key.getAddress();
  const payee = registration.payee ?? account;
  const roles = registration.roles ?? NODE_ROLES.gpu;
  const [bondToken, least, { chainId }] = await Promise.all([
    read<string>(registry, "BOND_TOKEN"),
    read<bigint>(registry, "MIN_BOND"),
    operator.provider!.getNetwork(),
  ]);
  const bond = registration.bond ?? least;
  const signature = await registration.key.signTypedData(
    { name: "Assay NodeRegistry", version: "1", chainId, verifyingContract: addresses.nodeRegistry },
    {
      RegisterNode: [
        { name: "operator", type: "address" },
        { name: "payee", type: "address" },
        { name: "roles", type: "uint8" },
      ],
    },
    { operator: account, payee, roles },
  );
  const args = [signer, payee, roles, bond, registration.endpoint ?? "", signature];
  const native = BigInt(bondToken) === BigInt(ZERO_ADDRESS);
  if (!native) await allow(operator, bondToken, addresses.nodeRegistry, bond);
  const receipt = await send(registry, "register", args, native ? { value: bond } : {});
  const { args: event } = await eventOf(registry, receipt, "NodeRegistered");
  return {
    nodeId: event["node"] as string,
    operator: account,
    signer,
    payee,
    roles,
    bond,
    bondToken,
    transactionHash: receipt.hash,
  };
}
