import { ContractRevertError } from "@assay/sdk";
import { type Contract, hexlify, type Provider, randomBytes, type Signer, ZeroHash } from "ethers";

import {
  bindingOf,
  challengeOf,
  ChangeKind,
  type DevelopmentEnclave,
  measurementChange,
  policyChange,
  type PolicyChange,
  testPolicyTerms,
} from "../shared/enclave/index.ts";
import { eventOf, read, send } from "./call.ts";
import { type AssayAddresses, enclaveRegistryAt } from "./contracts.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

const DAY = 86_400;

export interface EnclaveRegistration {
  readonly enclave: DevelopmentEnclave;
  /** Policy to register under. A new one of the account is made when left out. */
  readonly policy?: string;
  /** Where the enclave can be reached, at most 256 bytes. */
  readonly endpoint?: string;
  /** Longest life of the keys of a new policy, seconds. */
  readonly maxKeyAge?: number;
  /** For how long a measurement that is not yet there is added, seconds. */
  readonly measurementLife?: number;
  /** For how long the evidence can be registered, seconds; it also bounds the key's life. */
  readonly evidenceLife?: number;
  /** Says what is being done, for a display. */
  readonly onStep?: (step: string) => void;
}

export interface RegisteredEnclave {
  readonly policy: string;
  /** Address of the key. */
  readonly key: string;
  /** Id of the key in the registry. */
  readonly keyId: string;
  readonly operator: string;
  readonly measurement: string;
  /** Unix seconds; valid when from <= time < until. */
  readonly from: number;
  readonly until: number;
  /** What had to be done before the key could be registered. */
  readonly prepared: readonly ("policy" | "verifier" | "scheme" | "measurement")[];
  readonly transactionHash: string;
}

/**
 * A TEST policy owned by `owner`, for local chains: changes count without delay. `maxKeyAge`, seconds, bounds the life of
 * its keys; `salt`, 32 bytes, tells the owner's policies apart.
 */
export async function createPolicy(
  owner: Signer,
  addresses: Pick<AssayAddresses, "enclaveRegistry">,
  maxKeyAge: number,
  salt: string = hexlify(randomBytes(32)),
): Promise<string> {
  const registry = registryOf(owner, addresses);
  const terms = testPolicyTerms(maxKeyAge);
  const receipt = await send(registry, "createPolicy", [terms, [], salt]);
  return (await eventOf(registry, receipt, "PolicyCreated")).args["policy"] as string;
}

/**
 * Registers a development enclave's key for `operator`: makes a TEST policy where none is named; lets the policy take
 * the development verifier, the canonical binding and the measurement where it does not yet (its owner only, and a policy
 * with a delay refuses until it has passed); has the enclave attest a challenge
 * from the newest block; registers. Local chains only: nowhere else is the development verifier deployed.
 *
 * @throws {OperatorError} when there is no enclave registry or development verifier.
 * @throws {ContractRevertError} when the registry refuses a step.
 */
export async function registerEnclave(
  operator: Signer,
  addresses: Pick<AssayAddresses, "enclaveRegistry" | "developmentVerifier">,
  registration: EnclaveRegistration,
): Promise<RegisteredEnclave> {
  const registry = registryOf(operator, addresses);
  const { enclave, endpoint = "", onStep = () => undefined } = registration;
  const verifier = addresses.developmentVerifier;
  if (verifier === undefined) {
    throw new OperatorError(
      OperatorErrorCode.Unknown,
      "No development verifier is deployed here; run `npx hardhat ignition deploy deploy/modules/Development.ts` on a local chain.",
    );
  }
  const provider = operator.provider!;
  const account = await operator.getAddress();
  const prepared: RegisteredEnclave["prepared"][number][] = [];
  let { policy } = registration;
  if (policy === undefined) {
    onStep("creating a policy");
    policy = await createPolicy(operator, addresses, registration.maxKeyAge ?? 30 * DAY);
    prepared.push("policy");
  }
  const scheme = await read<string>(registry, "CANONICAL_BINDING", []);
  if (!(await read<boolean>(registry, "isVerifierAllowed", [policy, verifier]))) {
    onStep("allowing the development verifier");
    await loosen(registry, policy, policyChange(ChangeKind.Verifier, verifier));
    prepared.push("verifier");
  }
  if (!(await read<boolean>(registry, "isSchemeAllowed", [policy, scheme]))) {
    onStep("allowing the canonical binding");
    await loosen(registry, policy, policyChange(ChangeKind.Scheme, scheme));
    prepared.push("scheme");
  }
  const measurement = enclave.claimedMeasurement;
  if (!(await isKnown(registry, policy, measurement))) {
    onStep("adding the measurement");
    const now = (await provider.getBlock("latest"))!.timestamp;
    const until = now + (registration.measurementLife ?? 365 * DAY);
    await loosen(registry, policy, measurementChange(measurement, now, until));
    prepared.push("measurement");
  }
  onStep("attesting and registering the key");
  const [block, { chainId }] = await Promise.all([challengeBlock(provider), provider.getNetwork()]);
  const binding = bindingOf({
    chainId,
    registry: addresses.enclaveRegistry!,
    policy,
    operator: account,
    key: enclave.receiptKey,
    endpoint,
    challenge: challengeOf(block.hash, account),
  });
  const evidence = enclave.attest(binding, { now: block.timestamp, validity: registration.evidenceLife ?? 30 * DAY });
  const keySignature = enclave.proveKey(binding);
  const receipt = await send(registry, "registerKey", [
    {
      policy,
      verifier,
      scheme,
      key: enclave.receiptKey,
      endpoint,
      gpuClaims: ZeroHash,
      challengeBlock: block.number,
      evidence,
      hints: "0x",
      aux: "0x",
      keySignature,
    },
  ]);
  const { args } = await eventOf(registry, receipt, "KeyRegistered");
  return {
    policy,
    key: enclave.address,
    keyId: enclave.keyId,
    operator: account,
    measurement,
    from: Number(args["from"]),
    until: Number(args["until"]),
    prepared,
    transactionHash: receipt.hash,
  };
}

/** Proposes a change and puts it into effect, which a policy with a delay does not let one do at once. */
async function loosen(registry: Contract, policy: string, change: PolicyChange): Promise<void> {
  await send(registry, "propose", [policy, change]);
  await send(registry, "activate", [policy, change]);
}

async function isKnown(registry: Contract, policy: string, measurement: string): Promise<boolean> {
  try {
    await read(registry, "measurementOf", [policy, measurement]);
    return true;
  } catch (error) {
    if (error instanceof ContractRevertError && error.contractError === "MeasurementUnknown") return false;
    throw error;
  }
}

/** The newest block but one: some clients run a call in the newest block itself, whose hash is not known inside it. */
async function challengeBlock(provider: Provider): Promise<{ number: number; hash: string; timestamp: number }> {
  const newest = await provider.getBlockNumber();
  const block = await provider.getBlock(Math.max(0, newest - 1));
  if (typeof block?.hash === "string") return { number: block.number, hash: block.hash, timestamp: block.timestamp };
  throw new OperatorError(OperatorErrorCode.Unknown, "The RPC gave no recent block; try again with another endpoint.");
}

function registryOf(account: Signer, addresses: Pick<AssayAddresses, "enclaveRegistry">) {
  if (addresses.enclaveRegistry !== undefined) return enclaveRegistryAt(addresses.enclaveRegistry, account);
  throw new OperatorError(
    OperatorErrorCode.Unknown,
    "The hub routes no TEE adapter, so there is no enclave registry to use.",
  );
}
