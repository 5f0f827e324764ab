import { join } from "node:path";

import { certificatesOfNitro } from "@assay/nodes/operator";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";

import type { Chain } from "../shared/chain.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { isFile, readJson } from "../shared/files.ts";
import { addressOf, invalid } from "../shared/options.ts";

/** What this toolkit deploys for evidence, by the names that the tasks take. */
const DEPLOYED = {
  nitro: "Attestation#NitroVerifier",
  sgx: "Attestation#SgxVerifier",
  tdx: "Attestation#TdxVerifier",
  development: "Development#DevelopmentVerifier",
  collateral: "Attestation#DcapCollateral",
  canonical: "Assay#CanonicalBinding",
  "address-nonce": "Bindings#AddressNonceBinding",
  "nitro-public-key": "Bindings#NitroPublicKeyBinding",
  nitriding: "Bindings#NitridingBinding",
} as const;

type Deployed = keyof typeof DEPLOYED;
export const VERIFIERS = ["nitro", "sgx", "tdx", "development"] as const;
export const SCHEMES = ["canonical", "address-nonce", "nitro-public-key", "nitriding"] as const;

const record = z.record(z.string().max(200), z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address"));

/** Addresses of what is deployed for evidence, by its names. */
export type Attestation = Readonly<Partial<Record<Deployed, string>>>;

/** Reads Ignition's record; what is not in it is left out. */
export async function findAttestation(
  hre: HardhatRuntimeEnvironment,
  chain: Chain,
  deployment: string | undefined,
): Promise<Attestation> {
  const id = deployment ?? `chain-${chain.chainId}`;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(id)) {
    throw new TaskError(TaskErrorCode.OptionInvalid, "--deployment is not an id that Ignition gives.");
  }
  const path = join(hre.config.paths.ignition, "deployments", id, "deployed_addresses.json");
  const known = (await isFile(path)) ? await readJson(path, "Ignition's record of addresses", record.parse) : {};
  const found: Partial<Record<Deployed, string>> = {};
  for (const [name, future] of Object.entries(DEPLOYED) as [Deployed, string][]) {
    const address = known[future];
    if (address !== undefined) found[name] = address;
  }
  return found;
}

/** The contract that an option names: one of `names`, or an address. */
export function contractOf(option: string, value: string, names: readonly Deployed[], known: Attestation): string {
  const name = names.find((one) => one === value);
  if (name !== undefined) return known[name] ?? notDeployed(option, name);
  if (!value.startsWith("0x")) return invalid(option, value, `${names.join(", ")}, or an address`);
  return addressOf(option, value);
}

/** The store of what Intel signs: that of `--store`, or the recorded one. */
export function collateralStore(store: string | undefined, known: Attestation): string {
  return store === undefined ? (known.collateral ?? notDeployed("store", "collateral")) : addressOf("store", store);
}

/** The store of AWS's certificates, where a Nitro verifier is recorded. */
export async function nitroStore(chain: Chain, known: Attestation): Promise<string | undefined> {
  if (known.nitro === undefined) return undefined;
  return await (await certificatesOfNitro(known.nitro, chain.provider)).getAddress();
}

function notDeployed(option: string, name: Deployed): never {
  const module = DEPLOYED[name].split("#", 1)[0] ?? "Attestation";
  throw new TaskError(
    TaskErrorCode.NotDeployed,
    `No ${name} is recorded for this network; run \`npx hardhat ignition deploy deploy/modules/${module}.ts\` there, or ` +
      `give an address with --${option}.`,
  );
}
