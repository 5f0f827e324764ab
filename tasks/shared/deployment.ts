import { join } from "node:path";

import { type AssayAddresses, readAddresses } from "@assay/nodes/operator";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";

import type { Chain } from "./chain.ts";
import { TaskError, TaskErrorCode } from "./error.ts";
import { isFile, readJson } from "./files.ts";
import { addressOf } from "./options.ts";

/** Chain id on which Ignition itself sees that a chain was started anew, and forgets the old record. */
const SELF_RESET = 31_337n;

/** Names that Ignition gives to what the modules in deploy/ deploy. */
const HUB = "Assay#InferenceHub";
const DEVELOPMENT_VERIFIER = "Development#DevelopmentVerifier";

const record = z.record(z.string().max(200), z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address"));

/** Options with which a task is told where the contracts are. */
export interface DeploymentOptions {
  /** Address of the hub, where there is no deployment record. */
  readonly hub?: string | undefined;
  /** Ignition's deployment id; `chain-<id>` when left out. */
  readonly deployment?: string | undefined;
}

/**
 * Finds the contracts: from `--hub`, or from the record that `ignition deploy` left. Registries and adapters are then
 * read from the hub itself, so that they cannot belong to another one.
 */
export async function findContracts(
  hre: HardhatRuntimeEnvironment,
  chain: Chain,
  options: DeploymentOptions,
): Promise<AssayAddresses> {
  const deploymentId = options.deployment ?? `chain-${chain.chainId}`;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(deploymentId)) {
    throw new TaskError(
      TaskErrorCode.OptionInvalid,
      "--deployment is not an id that Ignition gives; see `ignition deployments`.",
    );
  }
  const path = join(hre.config.paths.ignition, "deployments", deploymentId, "deployed_addresses.json");
  const known = (await isFile(path)) ? await readJson(path, "Ignition's record of addresses", record.parse) : {};
  const hub = options.hub === undefined ? known[HUB] : addressOf("hub", options.hub);
  if (hub === undefined || (await chain.provider.getCode(hub)) === "0x") throw notDeployed(chain, hub, path);
  const verifier = known[DEVELOPMENT_VERIFIER];
  const addresses = await readAddresses(chain.provider, hub);
  return verifier === undefined ? addresses : { ...addresses, developmentVerifier: verifier };
}

/** Says why there is nothing to talk to: `hub` is the address that holds no code, undefined where none is known. */
function notDeployed(chain: Chain, hub: string | undefined, path: string): TaskError {
  const { networkName, chainId, inProcess, local } = chain;
  const deploy = `npx hardhat ignition deploy deploy/modules/${local ? "Development" : "Assay"}.ts --network ${networkName}`;
  if (inProcess) {
    return new TaskError(
      TaskErrorCode.NotDeployed,
      `Network "${networkName}" lives in this process only, so nothing is deployed there; start \`npx hardhat node\`, ` +
        "deploy to it, and add `--network localhost`.",
    );
  }
  return new TaskError(
    TaskErrorCode.NotDeployed,
    hub === undefined
      ? `No deployment is recorded for chain ${chainId} (${path}); run \`${deploy}\`, or give the hub's address with --hub.`
      : `There is no contract at the hub's address ${hub} on chain ${chainId}; the record may be of a chain that was ` +
          `restarted: run \`${deploy}${chainId === SELF_RESET ? "" : " --reset"}\`, or give --hub.`,
  );
}
