import { STATEMENT_TYPES, TEE_V1 } from "@assay/sdk";
import { AbiCoder, concat, getBytes, id, keccak256, toBeHex, TypedDataEncoder, ZeroHash } from "ethers";

import {
  change,
  CHANGE,
  claims,
  CLAIMS_TYPE,
  deployEnclaveRegistry,
  measured,
  testTerms,
} from "../../support/enclave-registry.ts";
import { p256Key, rsaKey, secp256k1Key } from "../../support/receipt-keys.ts";
import { chainAt } from "./call.ts";

const AT = 1_767_225_600;
const YEAR = 365 * 86_400;

/**
 * Gas of checking one answer's signature by the kind of the enclave's key: the adapter's call with cold slots and its evidence's
 * calldata. The account that is called, 2,600, is in the figure of the whole answer.
 */
export async function receiptFigures(hardfork: "osaka" | "prague"): Promise<Record<string, number>> {
  const suffix = hardfork === "osaka" ? "" : ".noprecompile";
  const connection = await chainAt(AT, hardfork);
  try {
    const { ethers } = connection;
    const [operator] = await ethers.getSigners();
    const { registry, adapter, canonical, address } = await deployEnclaveRegistry(ethers);
    const verifier = await ethers.deployContract("EchoVerifier", [id("echo")]);
    const meter = await ethers.deployContract("AdapterGas");
    await registry.createPolicy(
      testTerms(YEAR),
      [
        change(CHANGE.Verifier, await verifier.getAddress()),
        change(CHANGE.Scheme, await canonical.getAddress()),
        measured(id("measurement"), 0, AT + YEAR),
      ],
      ZeroHash,
    );
    const policy = await registry.policyIdOf(operator!.address, ZeroHash);
    const { chainId } = await ethers.provider.getNetwork();
    const figures: Record<string, number> = {};
    for (const [name, key] of [
      ["secp256k1", secp256k1Key()],
      ["p256", p256Key(true)],
      ["rsa2048", rsaKey(2048)],
    ] as const) {
      if (suffix !== "" && name !== "p256") continue;
      const block = (await ethers.provider.getBlock("latest"))!;
      const coder = AbiCoder.defaultAbiCoder();
      const challenge = keccak256(coder.encode(["bytes32", "address"], [block.hash, operator!.address]));
      const publicKey = { kind: key.kind, data: key.data };
      const binding = await registry.bindingOf(policy, operator!.address, publicKey, "", ZeroHash, challenge);
      await registry.registerKey({
        policy,
        verifier,
        scheme: canonical,
        key: publicKey,
        endpoint: "",
        gpuClaims: ZeroHash,
        challengeBlock: block.number,
        evidence: coder.encode([CLAIMS_TYPE], [claims({ bind0: binding })]),
        hints: "0x",
        aux: "0x",
        keySignature: key.sign(binding),
      });
      const statement = {
        requestId: id("request"),
        version: id("version"),
        inputHash: id("input"),
        outputHash: id("output"),
        paramsHash: id("params"),
        enclavePolicy: policy,
        requester: address,
        beneficiary: operator!.address,
      };
      const domain = { name: "Assay", version: "1", chainId, verifyingContract: address };
      const digest = TypedDataEncoder.hash(domain, STATEMENT_TYPES as never, { proof: TEE_V1, ...statement });
      const signature = key.sign(digest);
      const evidence =
        key.kind === 1 ? concat([TEE_V1, signature]) : concat([TEE_V1, toBeHex(key.kind, 1), key.data, signature]);
      const call = adapter.interface.encodeFunctionData("verify", [
        { chainId, hub: address, ...statement },
        "0x",
        evidence,
      ]);
      const spent = await meter.measure(adapter, call);
      const calldata = getBytes(evidence).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
      figures[`gas.receipt.${name}${suffix}`] = Number(spent) + calldata;
    }
    return figures;
  } finally {
    await connection.close();
  }
}
