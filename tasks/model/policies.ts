import { type ManifestEnclavePolicy, ProofKind } from "@assay/sdk";

import { obstacleOf, obstacleWords } from "../enclave/policy/standing.ts";
import { registryOf, requirePolicy } from "../enclave/registry.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { addressOf, id, invalid } from "../shared/options.ts";
import type { Session } from "../shared/session.ts";

const NAME = "enclavePolicies";
const CHAIN_ID = /^[1-9][0-9]{0,76}$/;

/**
 * The policies of `--enclave-policies`: ids of this chain's registry, or `chain:registry:id`, with commas between. Those of this
 * chain must exist; of other chains nothing is asked.
 */
export async function enclavePoliciesOf(
  session: Session,
  value: string | undefined,
  kinds: readonly ProofKind[],
): Promise<readonly ManifestEnclavePolicy[]> {
  if (value === undefined) return [];
  if (!kinds.includes(ProofKind.Tee)) {
    throw new TaskError(
      TaskErrorCode.OptionInvalid,
      "--enclave-policies goes with the kind tee only; leave it out or add tee to --kinds.",
    );
  }
  const here = session.chain.chainId.toString();
  const named = value.split(",").map((entry) => parsed(entry.trim(), session, here));
  for (const { chainId, registry, policy } of named) {
    if (chainId === here) await requirePolicy(session, policy, registry);
  }
  return named;
}

/** What keeps enclaves from answering now under those of the policies that are of this chain; their owners may end it later. */
export async function enclavePolicyWarnings(
  session: Session,
  named: readonly ManifestEnclavePolicy[],
): Promise<readonly string[]> {
  const here = named.filter(({ chainId }) => chainId === session.chain.chainId.toString());
  const found = await Promise.all(
    here.map(async ({ policy, registry }) => {
      const obstacle = await obstacleOf(session, policy, registry);
      return obstacle === undefined ? [] : [`policy ${policy}: ${obstacleWords(obstacle)}`];
    }),
  );
  return found.flat();
}

/** A row of a table for each: those of the registry here by their id, others with registry and chain. */
export function enclavePolicyRows(
  named: readonly ManifestEnclavePolicy[],
  { chain, addresses }: Pick<Session, "chain" | "addresses">,
): readonly (readonly [name: string, value: string])[] {
  const [here, home] = [chain.chainId.toString(), addresses.enclaveRegistry?.toLowerCase()];
  return named.map(({ chainId, registry, policy }) => [
    "enclave policy",
    chainId === here && registry === home ? policy : `${policy} of ${registry} on chain ${chainId}`,
  ]);
}

function parsed(entry: string, session: Session, here: string): ManifestEnclavePolicy {
  const parts = entry.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 1) {
    const registry = registryOf(session, session.chain.provider).target as string;
    return { chainId: here, registry: registry.toLowerCase(), policy: id(NAME, first) };
  }
  if (parts.length !== 3 || !CHAIN_ID.test(first)) {
    return invalid(NAME, entry, "ids of policies here, or chain:registry:id, with commas between");
  }
  return { chainId: first, registry: addressOf(NAME, second).toLowerCase(), policy: id(NAME, third) };
}
