import { addressKey, type ReceiptKey, receiptKeyOf } from "@assay/nodes/enclave";
import { enclaveRegistryAt, read } from "@assay/nodes/operator";
import { ContractRevertError } from "@assay/sdk";
import type { Contract, ContractRunner } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { keyPath, readKey } from "../shared/keys.ts";
import { invalid } from "../shared/options.ts";
import type { Session } from "../shared/session.ts";

type Text = string | undefined;

/** The options of a task about one key of a policy. */
export interface KeyArguments {
  readonly json: boolean;
  readonly policy: Text;
  readonly key: Text;
  readonly keyFile: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** The registry that the hub's TEE adapter asks. */
export function registryOf({ addresses }: Session, runner: ContractRunner): Contract {
  if (addresses.enclaveRegistry !== undefined) return enclaveRegistryAt(addresses.enclaveRegistry, runner);
  throw new TaskError(
    TaskErrorCode.NotDeployed,
    `Hub ${addresses.hub} routes no TEE adapter (retired or never added), so no enclave registry can be found.`,
  );
}

/** Throws unless the policy exists, at `address` where that is given; gives its owner. */
export async function requirePolicy(session: Session, policy: string, address?: string): Promise<string> {
  const { provider } = session.chain;
  const registry = address === undefined ? registryOf(session, provider) : enclaveRegistryAt(address, provider);
  const words = `No policy has the id ${policy} ${address === undefined ? "" : `at ${address} `}on this chain.`;
  if (address !== undefined && (await provider.getCode(address)) === "0x") {
    throw new TaskError(TaskErrorCode.NotFound, `${words} There is no contract at that address.`);
  }
  return await known(read<string>(registry, "ownerOf", [policy]), words);
}

/** The answer of a registry that may know no such policy or key; `words` then say which. */
export async function known<T>(answer: Promise<T>, words: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ContractRevertError)) throw error;
    if (error.contractError !== "PolicyUnknown" && error.contractError !== "KeyUnknown") throw error;
    const remedy =
      error.contractError === "PolicyUnknown"
        ? "Make one with `npx hardhat enclave policy create`"
        : "Register one with `npx hardhat enclave register`";
    throw new TaskError(TaskErrorCode.NotFound, `${words} ${remedy}.`);
  }
}

/** The key of `--key`, or that of `--key-file`. */
export async function keyOf(
  hre: HardhatRuntimeEnvironment,
  { chain }: Session,
  args: Pick<KeyArguments, "key" | "keyFile">,
): Promise<ReceiptKey> {
  if (args.key !== undefined) {
    const key = receiptKeyOf(args.key);
    return (
      key ?? invalid("key", args.key, "an address, x and y on P-256, or exponent and modulus of RSA, in hexadecimal")
    );
  }
  return addressKey((await readKey(args.keyFile ?? keyPath(hre, "enclave", chain.chainId))).address);
}
