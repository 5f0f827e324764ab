import type { BlobStore } from "@assay/nodes/operator";
import { enclavePoliciesAt, type Manifest, type Request, ZERO_HASH } from "@assay/sdk";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { id } from "../shared/options.ts";
import type { Session } from "../shared/session.ts";
import { manifestOf } from "./show.ts";

/**
 * How a policy stands to those that the model's owner names for this chain and registry: one of them; not one of them; none is
 * named; or the manifest, which would say, is not at hand.
 */
type OwnersWord = "named" | "other" | "none" | "unknown";

/** What `infer request` was told about the policy. */
export interface PolicyOptions {
  readonly policy: string | undefined;
  readonly otherPolicy: boolean;
}

/** The policy of the options; throws where it does not go with the kinds. */
export function givenPolicy({ policy, otherPolicy }: PolicyOptions, tee: boolean): string | undefined {
  if (policy !== undefined && !tee) {
    throw new TaskError(
      TaskErrorCode.OptionInvalid,
      "--policy goes with the kind tee only; leave it out or add tee to --kinds.",
    );
  }
  if (policy === undefined && otherPolicy) {
    throw new TaskError(TaskErrorCode.OptionMissing, "--policy is missing; --other-policy goes with it only.");
  }
  return policy === undefined ? undefined : id("policy", policy);
}

/**
 * The policy that a request for tee evidence names: the one given, or the only one that the model's owner names here. The owner's
 * word binds nobody, so that `otherPolicy` overrides it.
 */
export function policyToAsk(
  given: string | undefined,
  { otherPolicy }: Pick<PolicyOptions, "otherPolicy">,
  owners: readonly string[],
): string {
  if (given === undefined) {
    const [only, ...more] = owners;
    if (only !== undefined && more.length === 0) return only;
    const remedy =
      only === undefined
        ? "give the measurement policy that you trust, as `enclave register` printed it (the model's owner names none here)"
        : `the model's owner names ${owners.length}: ${listed(owners)}; give the one that you trust`;
    throw new TaskError(TaskErrorCode.OptionMissing, `--policy is missing; ${remedy}.`);
  }
  if (otherPolicy || owners.length === 0 || owners.includes(given)) return given;
  throw new TaskError(
    TaskErrorCode.OptionInvalid,
    `--policy is ${given}, and the model's owner names ${listed(owners)}; give one of the owner's, or add --other-policy to ask ` +
      "under yours all the same.",
  );
}

/** The policies that the manifest names for this chain and registry. */
export function ownersPolicies({ chain, addresses }: Session, manifest: Manifest): readonly string[] {
  const { enclaveRegistry: registry } = addresses;
  return registry === undefined ? [] : enclavePoliciesAt(manifest, { chainId: chain.chainId, registry });
}

const WORDS: Readonly<Record<OwnersWord, string>> = {
  named: "the model's owner names it",
  other: "NOT ONE THAT THE MODEL'S OWNER NAMES",
  none: "the model's owner names none here",
  unknown: "the manifest, which says whether the owner names it, is not at hand",
};

/** A request's policy, and what the model's owner says of it: for programs and for people. */
export interface ShownPolicy {
  readonly data: { readonly policy: string; readonly policyByOwner: OwnersWord };
  readonly text: string;
}

/** The policy of a request or statement; undefined where it names none. */
export async function showPolicy(
  session: Session,
  store: BlobStore,
  { version, enclavePolicy }: Pick<Request, "version" | "enclavePolicy">,
): Promise<ShownPolicy | undefined> {
  if (enclavePolicy === ZERO_HASH) return undefined;
  return describePolicy(session, await manifestOf(session, store, version), enclavePolicy);
}

/** What the manifest says of a policy. */
export function describePolicy(session: Session, manifest: Manifest | undefined, policy: string): ShownPolicy {
  const policyByOwner = wordOf(session, manifest, policy);
  return { data: { policy, policyByOwner }, text: `${policy} (${WORDS[policyByOwner]})` };
}

function wordOf(session: Session, manifest: Manifest | undefined, policy: string): OwnersWord {
  if (manifest === undefined) return "unknown";
  const owners = ownersPolicies(session, manifest);
  if (owners.length === 0) return "none";
  return owners.includes(policy.toLowerCase()) ? "named" : "other";
}

function listed(policies: readonly string[]): string {
  const more = policies.length - 3;
  return `${policies.slice(0, 3).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
