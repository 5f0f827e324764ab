import type { Logger } from "pino";

import type { GpuNodeConfig } from "../config.ts";
import type { ModelFiles } from "../fetch/types.ts";

/**
 * Warns when a model's owner names enclave policies for this chain, and the node's is not among them. The node serves what
 * requesters name, whatever the owner says: this is for its operator, whom requests that follow the owner do not reach.
 */
export function warnOfPolicies(
  log: Logger,
  { version, manifest }: Pick<ModelFiles, "version" | "manifest">,
  { chainId, enclave }: Pick<GpuNodeConfig, "chainId" | "enclave">,
): void {
  if (enclave === undefined) return;
  // A policy's id commits to its registry, so that the chain alone tells which are meant.
  const here = (manifest.enclavePolicies ?? []).filter((named) => named.chainId === String(chainId));
  if (here.length === 0 || here.some(({ policy }) => policy === enclave.policy.toLowerCase())) return;
  log.warn(
    { version, named: here.map(({ policy }) => policy), served: enclave.policy },
    "the model's owner names other enclave policies than the one served; requests that follow the owner go elsewhere",
  );
}
