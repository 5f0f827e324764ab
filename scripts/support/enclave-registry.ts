import { ChangeKind } from "@assay/nodes/enclave";
import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";
import { concat, id, keccak256, toBeHex, zeroPadValue } from "ethers";

import type { CanonicalBinding, IEnclaveRegistry, IProofAdapter } from "../../types/ethers-contracts/index.ts";

/** `ChangeKind` of the contracts. */
export const CHANGE = ChangeKind;

const NONE = `0x${"00".repeat(32)}`;

/** A `Change` as ethers takes it. */
export interface ChangeArguments {
  kind: number;
  subject: string;
  value: bigint;
  commit: string;
  recipe: string;
}

/** A `Change` without commit and recipe. */
export function change(kind: number, subject: string = NONE, value = 0n): ChangeArguments {
  return { kind, subject: zeroPadValue(subject, 32), value, commit: NONE, recipe: NONE };
}

/** The change that adds a measurement. */
export function measured(measurement: string, from: number, until: number): ChangeArguments {
  return change(CHANGE.Measurement, measurement, (BigInt(from) << 40n) | BigInt(until));
}

/** `PolicyTerms` as ethers takes them. */
export interface PolicyTermsArguments {
  test: boolean;
  delay: number;
  guardian: string;
  maxKeyAge: number;
  maxEvidenceAge: number;
  heartbeat: number;
  keysPerPlatform: number;
  minTcbEval: number;
  statuses: number;
  flags: number;
  platformList: boolean;
}

/** Terms of a TEST policy without delay that takes up-to-date machines. */
export function testTerms(maxKeyAge: number): PolicyTermsArguments {
  return {
    test: true,
    delay: 0,
    guardian: `0x${"00".repeat(20)}`,
    maxKeyAge,
    maxEvidenceAge: 0,
    heartbeat: 0,
    keysPerPlatform: 0,
    minTcbEval: 0,
    statuses: 1,
    flags: 0,
    platformList: false,
  };
}

/** `KeyId` of a key. */
export function keyId(kind: number, data: string): string {
  return keccak256(concat([toBeHex(kind, 1), data]));
}

/** The registry, under the two interfaces that it answers at one address. */
export interface DeployedEnclaveRegistry {
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
    address,
    canonical,
    registry: await ethers.getContractAt("IEnclaveRegistry", address),
    adapter: await ethers.getContractAt("IProofAdapter", address),
  };
}

/** Claims as `EchoVerifier` takes them for evidence. */
export function claims(fields: Record<string, unknown>): Record<string, unknown> {
  const none = { config: NONE, platform: id("platform"), bind0: NONE, bind1: NONE, keyHash: NONE, advisories: NONE };
  return {
    format: id("echo"),
    measurement: id("measurement"),
    issuedAt: 0,
    notAfter: 2n ** 40n,
    tcbEval: 0,
    tcbStatus: 0,
    flags: 0,
    ...none,
    ...fields,
  };
}

/** `Claims` in ABI encoding. */
export const CLAIMS_TYPE =
  "tuple(bytes32 format,bytes32 measurement,bytes32 config,bytes32 platform,bytes32 bind0,bytes32 bind1,bytes32 keyHash," +
  "uint64 issuedAt,uint64 notAfter,uint32 tcbEval,uint8 tcbStatus,uint16 flags,bytes32 advisories)";
