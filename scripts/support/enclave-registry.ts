import {
  challengeOf,
  ChangeKind,
  measurementChange,
  policyChange,
  type ReceiptKey,
  testPolicyTerms,
} from "@assay/nodes/enclave";
import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, type BytesLike, id, ZeroHash } from "ethers";

import type { CanonicalBinding, IEnclaveRegistry, IProofAdapter } from "../../types/ethers-contracts/index.ts";
import type { TestKey } from "./receipt-keys.ts";

/** The registry, under the two interfaces that it answers at one address. */
export interface DeployedEnclaveRegistry {
  readonly ethers: HardhatEthersHelpers;
  readonly address: string;
  readonly canonical: CanonicalBinding;
  readonly registry: IEnclaveRegistry;
  readonly adapter: IProofAdapter;
}

/** The whole registry at one address, with the parts that it needs. */
export async function deployEnclaveRegistry(ethers: HardhatEthersHelpers): Promise<DeployedEnclaveRegistry> {
  const policies = await ethers.deployContract("EnclavePolicies");
  const keyVerifier = await ethers.deployContract("ReceiptKeyVerifier");
  const canonical = await ethers.deployContract("CanonicalBinding");
  const both = await ethers.deployContract("EnclaveRegistry", [policies, keyVerifier, canonical]);
  const address = await both.getAddress();
  return {
    ethers,
    address,
    canonical,
    registry: await ethers.getContractAt("IEnclaveRegistry", address),
    adapter: await ethers.getContractAt("IProofAdapter", address),
  };
}

/** Seconds for which keys and measurements of {@link createTestPolicy} count. */
const YEAR = 365 * 86_400;

/**
 * A TEST policy of the first account that takes up-to-date machines with `measurement`, evidence for `verifier` and the
 * canonical binding.
 */
export async function createTestPolicy(
  { canonical, ethers, registry }: DeployedEnclaveRegistry,
  verifier: string,
  measurement: string,
): Promise<string> {
  const now = (await ethers.provider.getBlock("latest"))!.timestamp;
  await registry.createPolicy(
    testPolicyTerms(YEAR),
    [
      policyChange(ChangeKind.Verifier, verifier),
      policyChange(ChangeKind.Scheme, await canonical.getAddress()),
      measurementChange(measurement, 0, now + YEAR),
    ],
    ZeroHash,
  );
  const [owner] = await ethers.getSigners();
  return await registry.policyIdOf(owner!, ZeroHash);
}

/** What somebody wants to register. */
export interface KeyOffer {
  readonly policy: string;
  /** Account that will send `registerKey`. */
  readonly operator: string;
  readonly verifier: string;
  /** The canonical binding when left out. */
  readonly scheme?: string;
  readonly key: Pick<TestKey, "kind" | "data" | "sign">;
  readonly endpoint?: string;
  /** The evidence, of what it is to bind. */
  readonly evidenceOf: (binding: string, challenge: string) => BytesLike;
  readonly aux?: string;
}

/** `KeyRegistration` of the contracts. */
export interface Registration {
  readonly policy: string;
  readonly verifier: string;
  readonly scheme: string;
  readonly key: ReceiptKey;
  readonly endpoint: string;
  readonly gpuClaims: string;
  readonly challengeBlock: number;
  readonly evidence: BytesLike;
  readonly hints: string;
  readonly aux: string;
  readonly keySignature: string;
}

/** The argument of `registerKey`. Its challenge is of the chain's first block, which is the same in every run. */
export async function registrationOf(
  { canonical, ethers, registry }: DeployedEnclaveRegistry,
  { policy, operator, verifier, scheme, key, endpoint = "", evidenceOf, aux = "0x" }: KeyOffer,
): Promise<Registration> {
  const { hash } = (await ethers.provider.getBlock(0))!;
  const publicKey = { kind: key.kind, data: key.data };
  const challenge = challengeOf(hash!, operator);
  const binding = await registry.bindingOf(policy, operator, publicKey, endpoint, ZeroHash, challenge);
  return {
    policy,
    verifier,
    scheme: scheme ?? (await canonical.getAddress()),
    key: publicKey,
    endpoint,
    gpuClaims: ZeroHash,
    challengeBlock: 0,
    evidence: evidenceOf(binding, challenge),
    hints: "0x",
    aux,
    keySignature: key.sign(binding),
  };
}

/** What `EchoVerifier` takes for evidence: claims with these fields, ABI-encoded. */
export function echoed(fields: Record<string, unknown>): string {
  const all = {
    format: id("echo"),
    measurement: id("measurement"),
    config: ZeroHash,
    platform: id("platform"),
    bind0: ZeroHash,
    bind1: ZeroHash,
    keyHash: ZeroHash,
    issuedAt: 0,
    notAfter: 2n ** 40n,
    tcbEval: 0,
    tcbStatus: 0,
    flags: 0,
    advisories: ZeroHash,
    ...fields,
  };
  return AbiCoder.defaultAbiCoder().encode([CLAIMS_TYPE], [all]);
}

const CLAIMS_TYPE =
  "tuple(bytes32 format,bytes32 measurement,bytes32 config,bytes32 platform,bytes32 bind0,bytes32 bind1,bytes32 keyHash," +
  "uint64 issuedAt,uint64 notAfter,uint32 tcbEval,uint8 tcbStatus,uint16 flags,bytes32 advisories)";
