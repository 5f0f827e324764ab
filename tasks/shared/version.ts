import { type AssayAddresses, modelRegistryAt, read } from "@assay/nodes/operator";
import { ContractRevertError, VERSION_STATUSES } from "@assay/sdk";
import type { ContractRunner } from "ethers";

import { TaskError, TaskErrorCode } from "./error.ts";

/** A published version, as the registry has it. */
export interface Version {
  readonly versionId: string;
  readonly modelId: string;
  readonly status: string;
  readonly major: number;
  readonly minor: number;
  /** Set of kinds: bit `k` for kind `k`. */
  readonly kinds: number;
  readonly verifier: string;
  /** Payment word. */
  readonly price: bigint;
  readonly royaltyReceiver: string;
  readonly manifestDigest: string;
  readonly uri: string;
}

/** The version's record; throws where the registry has none. */
export async function readVersion(
  runner: ContractRunner,
  addresses: Pick<AssayAddresses, "modelRegistry">,
  versionId: string,
): Promise<Version> {
  const registry = modelRegistryAt(addresses.modelRegistry, runner);
  let info: { model: string; status: bigint; spec: Record<string, unknown> };
  try {
    info = await read(registry, "versionOf", [versionId]);
  } catch (error) {
    if (!(error instanceof ContractRevertError) || error.contractError !== "VersionUnknown") throw error;
    throw new TaskError(
      TaskErrorCode.NotFound,
      `No version has the id ${versionId} on this chain; \`npx hardhat model list\` shows those that there are.`,
    );
  }
  const { spec } = info;
  return {
    versionId,
    modelId: info.model,
    status: VERSION_STATUSES[Number(info.status)] ?? `status ${info.status}`,
    major: Number(spec["major"]),
    minor: Number(spec["minor"]),
    kinds: Number(spec["kinds"]),
    verifier: spec["verifier"] as string,
    price: spec["price"] as bigint,
    royaltyReceiver: spec["royaltyReceiver"] as string,
    manifestDigest: spec["manifestDigest"] as string,
    uri: spec["uri"] as string,
  };
}
