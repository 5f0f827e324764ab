import type { PolicyChange } from "@assay/nodes/enclave";
import { eventsOf, read } from "@assay/nodes/operator";
import type { Contract, ContractRunner, Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { DeploymentOptions } from "../../shared/deployment.ts";
import { openSession, openSigningSession, searchRange, type Session } from "../../shared/session.ts";
import { type Attestation, findAttestation } from "../attestation.ts";
import { registryOf } from "../registry.ts";

type Text = string | undefined;

/** The registry, and names for what policies list. */
export interface PolicySession {
  readonly session: Session;
  readonly registry: Contract;
  readonly known: Attestation;
}

/** Connects for reading. */
export async function openPolicies(hre: HardhatRuntimeEnvironment, args: DeploymentOptions): Promise<PolicySession> {
  const session = await openSession(hre, args);
  return await policySession(hre, args, session, session.chain.provider);
}

/** Connects to send from an account. */
export async function openOwnPolicies(
  hre: HardhatRuntimeEnvironment,
  args: DeploymentOptions & { readonly account: Text },
): Promise<PolicySession & { readonly account: Signer & { readonly address: string } }> {
  const session = await openSigningSession(hre, args);
  return { ...(await policySession(hre, args, session, session.account)), account: session.account };
}

async function policySession(
  hre: HardhatRuntimeEnvironment,
  args: DeploymentOptions,
  session: Session,
  runner: ContractRunner,
): Promise<PolicySession> {
  const registry = registryOf(session, runner);
  const recorded = await findAttestation(hre, session.chain, args.deployment);
  // The registry's own word counts: the record may be of another deployment.
  const canonical = await read<string>(registry, "CANONICAL_BINDING");
  return { session, registry, known: { ...recorded, canonical } };
}

/** A proposal that was neither activated nor dropped. */
export interface Pending {
  readonly change: PolicyChange;
  readonly readyAt: number;
}

/** Everything that became of a policy's lists, and what waits, from events. */
export async function historyOf(
  { session, registry }: PolicySession,
  policy: string,
  fromBlock: Text,
): Promise<{ readonly applied: readonly PolicyChange[]; readonly pending: readonly Pending[] }> {
  const [from, to] = await searchRange(session.chain, fromBlock);
  const changes = async (event: string): Promise<PolicyChange[]> =>
    (await eventsOf(registry, registry.filters[event]!(policy), from, to)).map(({ args }) => plain(args["change"]));
  // Platforms are denied, and taken off lists, without a proposal.
  const applied = [...(await changes("ChangeActivated")), ...(await changes("PolicyRestricted"))];
  const proposed = new Map((await changes("ChangeProposed")).map((change) => [wordsOf(change), change]));
  const pending: Pending[] = [];
  for (const change of proposed.values()) {
    const readyAt = Number(await read<bigint>(registry, "readyAt", [policy, change]));
    if (readyAt !== 0) pending.push({ change, readyAt });
  }
  return { applied, pending };
}

type Raw = Readonly<Record<"kind" | "value", bigint> & Record<"subject" | "commit" | "recipe", string>>;

function plain({ kind, subject, value, commit, recipe }: Raw): PolicyChange {
  return { kind: Number(kind), subject, value, commit, recipe };
}

function wordsOf({ kind, subject, value, commit, recipe }: PolicyChange): string {
  return [kind, subject, value, commit, recipe].join(" ");
}
