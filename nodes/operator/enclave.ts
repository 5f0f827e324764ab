import { ContractRevertError } from "@assay/sdk";
import { type Contract, hexlify, type Provider, randomBytes, type Signer } from "ethers";

import { bindingOf, challengeOf, type DevelopmentEnclave } from "../shared/enclave/index.ts";
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
  readonly key: string;
  readonly operator: string;
  readonly measurement: string;
  /** Unix seconds; valid when from <= time < until. */
  readonly from: number;
  readonly until: number;
  /** What had to be done before the key could be registered. */
  readonly prepared: readonly ("policy" | "verifier" | "measurement")[];
  readonly transactionHash: string;
}

/** A policy owned by `owner`. `maxKeyAge`, seconds, bounds the life of its keys. */
export async function createPolicy(
  owner: Signer,
  addresses: Pick<AssayAddresses, "enclaveRegistry">,
  maxKeyAge: number,
): Promise<string> {
  const registry = registryOf(owner, addresses);
  const receipt = await send(registry, "createPolicy", [maxKeyAge, hexlify(randomBytes(32))]);
  return (await eventOf(registry, receipt, "PolicyCreated")).args["policy"] as string;
}

/**
 * Registers a development enclave's key for `operator`: makes the policy where none is named; lets the policy take the
 * development verifier and the measurement where it does not yet (its owner only); has the enclave attest a challenge
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
  if (!(await read<boolean>(registry, "isVerifierAllowed", [policy, verifier]))) {
    onStep("allowing the development verifier");
    await send(registry, "allowVerifier", [policy, verifier]);
    prepared.push("verifier");
  }
  const measurement = enclave.claimedMeasurement;
  if (!(await isKnown(registry, policy, measurement))) {
    onStep("adding the measurement");
    const now = (await provider.getBlock("latest"))!.timestamp;
    await send(registry, "addMeasurement", [
      policy,
      measurement,
      now,
      now + (registration.measurementLife ?? 365 * DAY),
    ]);
    prepared.push("measurement");
  }
  onStep("attesting and registering the key");
  const [block, { chainId }] = await Promise.all([challengeBlock(provider), provider.getNetwork()]);
  const binding = bindingOf({
    chainId,
    registry: addresses.enclaveRegistry!,
    policy,
    operator: account,
    key: enclave.address,
    endpoint,
    challenge: challengeOf(block.hash, account),
  });
  const evidence = enclave.attest(binding, { now: block.timestamp, validity: registration.evidenceLife ?? 30 * DAY });
  const keySignature = enclave.proveKey(binding);
  const receipt = await send(registry, "registerKey", [
    policy,
    verifier,
    enclave.address,
    endpoint,
    block.number,
    evidence,
    "0x",
    keySignature,
  ]);
  const { args } = await eventOf(registry, receipt, "KeyRegistered");
  return {
    policy,
    key: enclave.address,
    operator: account,
    measurement,
    from: Number(args["from"]),
    until: Number(args["until"]),
    prepared,
    transactionHash: receipt.hash,
  };
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
