import type { PolicyTerms } from "@assay/nodes/enclave";
import { enclaveRegistryAt, eventsOf, read } from "@assay/nodes/operator";
import { ContractRevertError } from "@assay/sdk";

import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { searchRange, type Session } from "../../shared/session.ts";
import { showTime } from "../../shared/time.ts";
import { registryOf } from "../registry.ts";

/** Why no enclave can answer under a policy now, and what ends that. */
export interface Obstacle {
  /** "is paused". */
  readonly what: string;
  /** What else helps than another policy. */
  readonly remedy?: string;
}

/**
 * Why nothing can be answered under a policy now: it does not exist, is paused, of tests on a live chain, or accepts no measurement.
 * Undefined where nothing speaks against it, also where the events that would name its measurements are out of reach.
 * @param address The policy's registry, where that is not the hub's.
 */
export async function obstacleOf(session: Session, policy: string, address?: string): Promise<Obstacle | undefined> {
  const { chain } = session;
  const registry =
    address === undefined ? registryOf(session, chain.provider) : enclaveRegistryAt(address, chain.provider);
  let state: [PolicyTerms, bigint, boolean];
  try {
    state = await read(registry, "policyOf", [policy]);
  } catch (error) {
    if (!(error instanceof ContractRevertError) || error.contractError !== "PolicyUnknown") throw error;
    return { what: "does not exist on this chain", remedy: "make it with `npx hardhat enclave policy create`" };
  }
  const [terms, , paused] = state;
  if (paused) {
    return { what: "is paused", remedy: owners("end the pause", "paused") };
  }
  if (terms.test && !chain.local) {
    return { what: "is one for tests, whose keys count on local chains only" };
  }
  const found = await measurementsOf(session, registry, policy);
  if (found === undefined) return undefined;
  const now = (await chain.provider.getBlock("latest"))?.timestamp ?? 0;
  if (found.some(({ from, until }) => from <= now && now < until)) return undefined;
  const next = found.filter(({ from, until }) => from > now && from < until).map(({ from }) => from);
  const words = next.length === 0 ? "" : `; the next begins on ${showTime(Math.min(...next))}`;
  return { what: `accepts no measurement now${words}`, remedy: owners("list one that counts", "measurement") };
}

/** "Policy 0x… is paused, …": for a table. */
export function obstacleWords({ what }: Obstacle): string {
  return `it ${what}: no enclave's evidence counts under it until that ends`;
}

/** Throws where no enclave can answer under the policy now. */
export async function requireAnswerable(session: Session, policy: string): Promise<void> {
  const obstacle = await obstacleOf(session, policy);
  if (obstacle === undefined) return;
  throw new TaskError(
    TaskErrorCode.OptionInvalid,
    `Enclave policy ${policy} ${obstacle.what}, so that nothing can be answered under it; name another one with --policy` +
      `${obstacle.remedy === undefined ? "" : `, or ${obstacle.remedy}`}. Nothing was paid.`,
  );
}

function owners(deed: string, kind: string): string {
  return `have its owner ${deed} (\`npx hardhat enclave policy propose --kind ${kind}\`, then \`activate\`)`;
}

interface Interval {
  readonly from: number;
  readonly until: number;
}

/** When each measurement that the policy ever listed counts; undefined where the events do not tell of all. */
async function measurementsOf(
  { chain }: Session,
  registry: ReturnType<typeof enclaveRegistryAt>,
  policy: string,
): Promise<readonly Interval[] | undefined> {
  const [first, newest] = await searchRange(chain, undefined);
  const events = async (name: string) => await eventsOf(registry, registry.filters[name]!(policy), first, newest);
  let subjects: Set<string>;
  try {
    // A policy that is older than what is searched may list more.
    if ((await events("PolicyCreated")).length === 0) return undefined;
    subjects = new Set((await events("MeasurementAdded")).map(({ args }) => args["measurement"] as string));
  } catch {
    // An RPC without old events is no reason to pay nothing.
    return undefined;
  }
  return await Promise.all(
    [...subjects].map(async (subject) => {
      const { from, until } = await read<Record<keyof Interval, bigint>>(registry, "measurementOf", [policy, subject]);
      return { from: Number(from), until: Number(until) };
    }),
  );
}
