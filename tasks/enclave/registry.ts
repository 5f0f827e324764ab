import { enclaveRegistryAt } from "@assay/nodes/operator";
import type { Contract, ContractRunner } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { keyPath, readKey } from "../shared/keys.ts";
import { addressOf } from "../shared/options.ts";
import type { Session } from "../shared/session.ts";

/** The registry that the hub's TEE adapter asks. */
export function registryOf({ addresses }: Session, runner: ContractRunner): Contract {
  if (addresses.enclaveRegistry !== undefined) return enclaveRegistryAt(addresses.enclaveRegistry, runner);
  throw new TaskError(
    TaskErrorCode.NotDeployed,
    `Hub ${addresses.hub} routes no TEE adapter (retired or never added), so no enclave registry can be found.`,
  );
}

/** The key of `--key`, or that of `--key-file`. */
export async function keyOf(
  hre: HardhatRuntimeEnvironment,
  { chain }: Session,
  args: { readonly key: string | undefined; readonly keyFile: string | undefined },
): Promise<string> {
  if (args.key !== undefined) return addressOf("key", args.key);
  return (await readKey(args.keyFile ?? keyPath(hre, "enclave", chain.chainId))).address;
}
