import { join } from "node:path";

import { type AssayAddresses, DirectoryBlobStore } from "@assay/nodes/operator";
import { HubClient } from "@assay/sdk";
import type { Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { type Chain, openChain } from "./chain.ts";
import { type DeploymentOptions, findContracts } from "./deployment.ts";
import { integer } from "./options.ts";

/** A chain with Assay's contracts on it, for reading. */
export interface Session {
  readonly chain: Chain;
  readonly addresses: AssayAddresses;
  readonly hub: HubClient;
}

/** Connects to the network and finds the contracts. */
export async function openSession(hre: HardhatRuntimeEnvironment, args: DeploymentOptions): Promise<Session> {
  const chain = await openChain(hre);
  const addresses = await findContracts(hre, chain, args);
  return { chain, addresses, hub: new HubClient(addresses.hub, chain.provider) };
}

/** A session whose hub client sends from an account. */
export async function openSigningSession(
  hre: HardhatRuntimeEnvironment,
  args: DeploymentOptions & { readonly account?: string | undefined },
): Promise<Session & { readonly account: Signer & { readonly address: string } }> {
  const session = await openSession(hre, args);
  const account = await session.chain.signer(args.account);
  return { ...session, account, hub: new HubClient(session.addresses.hub, account) };
}

/** Path of the blob folder. */
export function blobFolder(hre: HardhatRuntimeEnvironment, blobs: string | undefined): string {
  return blobs ?? join(hre.config.paths.root, ".assay", "blobs");
}

/** The blob folder as a store. */
export function openBlobs(hre: HardhatRuntimeEnvironment, blobs: string | undefined): DirectoryBlobStore {
  return new DirectoryBlobStore(blobFolder(hre, blobs));
}

/** Blocks of events that a search covers on chains that are not local, where no first block was given. */
const RECENT_BLOCKS = 100_000;

/** First and last block of a search. */
export async function searchRange(chain: Chain, fromBlock: string | undefined): Promise<readonly [number, number]> {
  const newest = await chain.provider.getBlockNumber();
  if (fromBlock !== undefined) return [integer("fromBlock", fromBlock, 0, Number.MAX_SAFE_INTEGER), newest];
  return [chain.local ? 0 : Math.max(0, newest - RECENT_BLOCKS), newest];
}
