// A statement before the TEE adapter, signed with keys that a registry's policy takes.
import { KEY_SECP256K1 } from "@assay/nodes/enclave";
import { encodeTeeEvidence, type Statement, statementDigest, TEE_V1 } from "@assay/sdk";
import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";
import { type ContractTransactionResponse, getBytes, id } from "ethers";

import {
  createTestPolicy,
  type DeployedEnclaveRegistry,
  deployEnclaveRegistry,
  echoed,
  registrationOf,
} from "./enclave-registry.ts";
import type { TestKey } from "./receipt-keys.ts";

type SigningKey = Pick<TestKey, "kind" | "data" | "sign">;

/** A registry, a policy of the first account, and a statement that names it. */
export interface Receipts extends Pick<DeployedEnclaveRegistry, "adapter" | "registry"> {
  readonly policy: string;
  /** The statement, as the adapter takes it. */
  readonly sent: Statement;
  /** What keys sign. */
  readonly digest: string;
  register(key: SigningKey): Promise<ContractTransactionResponse>;
  /** The statement's evidence, signed with `key`. */
  evidenceOf(key: SigningKey): string;
  /** Gas of the adapter's call with cold slots and of the evidence's calldata; not of the account that is called, 2,600. */
  gasOf(evidence: string): Promise<number>;
}

/** Deploys what receipts need. */
export async function deployReceipts(ethers: HardhatEthersHelpers): Promise<Receipts> {
  const deployed = await deployEnclaveRegistry(ethers);
  const { adapter, address, registry } = deployed;
  const [operator] = await ethers.getSigners();
  const verifier = await (await ethers.deployContract("EchoVerifier", [id("echo")])).getAddress();
  const meter = await ethers.deployContract("AdapterGas");
  const policy = await createTestPolicy(deployed, verifier, id("measurement"));
  const { chainId } = await ethers.provider.getNetwork();
  const sent: Statement = {
    chainId,
    hub: address,
    requestId: id("request"),
    version: id("version"),
    inputHash: id("input"),
    outputHash: id("output"),
    paramsHash: id("params"),
    enclavePolicy: policy,
    requester: address,
    beneficiary: operator!.address,
  };
  const digest = statementDigest(sent, TEE_V1);
  return {
    adapter,
    registry,
    policy,
    sent,
    digest,
    register: async (key) =>
      await registry.registerKey(
        await registrationOf(deployed, {
          policy,
          operator: operator!.address,
          verifier,
          key,
          evidenceOf: (binding) => echoed({ bind0: binding }),
        }),
      ),
    evidenceOf: ({ kind, data, sign }) =>
      encodeTeeEvidence(sign(digest), kind === KEY_SECP256K1 ? undefined : { kind: kind as 2 | 3, data }),
    gasOf: async (evidence) => {
      const call = adapter.interface.encodeFunctionData("verify", [sent, "0x", evidence]);
      return Number(await meter.measure(adapter, call)) + calldataGas(evidence);
    },
  };
}

/** Gas of `data` in a transaction. */
export function calldataGas(data: string): number {
  return getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}
