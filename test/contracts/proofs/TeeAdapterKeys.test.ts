import { expect } from "chai";
import { AbiCoder, concat, dataLength, getBytes, hexlify, id, toBeHex, TypedDataEncoder, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  CHANGE,
  change,
  claims,
  CLAIMS_TYPE,
  deployEnclaveRegistry,
  keyId,
  measured,
  testTerms,
} from "../../../scripts/support/enclave-registry.ts";
import { p256Key, rsaKey, secp256k1Key, type TestKey } from "../../../scripts/support/receipt-keys.ts";

const YEAR = 365 * 24 * 3600;
const SELECTOR = "0x04000001";

/** What a check may cost at most, by the kind of the key, its evidence's calldata included: with and without 0x100. */
const GOALS = { 1: 12_000, 2: 17_000, 3: 75_000 } as const;

const STATEMENT = {
  Statement: [
    { name: "proof", type: "bytes4" },
    ...["requestId", "version", "inputHash", "outputHash", "paramsHash", "enclavePolicy"].map((name) => ({
      name,
      type: "bytes32",
    })),
    { name: "requester", type: "address" },
    { name: "beneficiary", type: "address" },
  ],
};

async function deploy(hardfork: "default" | "prague" = "default") {
  const { ethers } = await network.create(hardfork);
  const [operator] = await ethers.getSigners();
  const { registry, adapter, canonical, address } = await deployEnclaveRegistry(ethers);
  const verifier = await ethers.deployContract("EchoVerifier", [id("echo")]);
  const gas = await ethers.deployContract("AdapterGas");
  const now = (await ethers.provider.getBlock("latest"))!.timestamp;
  await registry.createPolicy(
    testTerms(YEAR),
    [
      change(CHANGE.Verifier, await verifier.getAddress()),
      change(CHANGE.Scheme, await canonical.getAddress()),
      measured(id("measurement"), 0, now + YEAR),
    ],
    ZeroHash,
  );
  const policy = await registry.policyIdOf(operator!, ZeroHash);
  const chainId = (await ethers.provider.getNetwork()).chainId;

  const register = async (key: TestKey, sign: (digest: string) => string = (digest) => key.sign(digest)) => {
    const block = (await ethers.provider.getBlock("latest"))!;
    const coder = AbiCoder.defaultAbiCoder();
    const challenge = ethers.keccak256(coder.encode(["bytes32", "address"], [block.hash, operator!.address]));
    const publicKey = { kind: key.kind, data: key.data };
    const binding = await registry.bindingOf(policy, operator!, publicKey, "", ZeroHash, challenge);
    return await registry.registerKey({
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
      keySignature: sign(binding),
    });
  };
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
  const sent = { chainId, hub: address, ...statement };
  const digest = TypedDataEncoder.hash(
    { name: "Assay", version: "1", chainId, verifyingContract: address },
    STATEMENT,
    { proof: SELECTOR, ...statement },
  );
  const evidenceOf = (key: TestKey, signature = key.sign(digest)) =>
    key.kind === 1 ? concat([SELECTOR, signature]) : concat([SELECTOR, toBeHex(key.kind, 1), key.data, signature]);
  return { adapter, digest, ethers, evidenceOf, gas, operator: operator!, policy, register, registry, sent };
}

function calldataGas(data: string): number {
  return getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}

const KEYS: readonly (readonly [string, () => TestKey])[] = [
  ["secp256k1", secp256k1Key],
  ["P-256 with low s", () => p256Key(false)],
  ["P-256 with high s", () => p256Key(true)],
  ["RSA-2048", () => rsaKey(2048)],
  ["RSA-3072", () => rsaKey(3072)],
  ["RSA-4096", () => rsaKey(4096)],
];

describe("TeeAdapter, by the kind of the key", function () {
  for (const hardfork of ["default", "prague"] as const) {
    for (const [name, make] of KEYS) {
      it(`takes a statement signed with ${name} (network ${hardfork})`, async function () {
        const { adapter, digest, evidenceOf, gas, policy, register, registry, sent } = await deploy(hardfork);
        const key = make();
        const id = keyId(key.kind, key.data);
        const evidence = evidenceOf(key);
        await expect(adapter.verify(sent, "0x", evidence)).to.be.revertedWithCustomError(registry, "KeyUnknown");
        await register(key);
        expect((await registry.keyOf(policy, id)).kind).to.equal(key.kind);
        expect(await adapter.verify(sent, "0x", evidence)).to.equal(adapter.verify.fragment.selector);

        const data = adapter.interface.encodeFunctionData("verify", [sent, "0x", evidence]);
        const cost = Number(await gas.measure(adapter, data)) + calldataGas(evidence);
        console.log(`      ${cost} gas, of it ${calldataGas(evidence)} for calldata`);
        // Without the precompile P-256 is worked out in Solidity; larger moduli cost more.
        if (name !== "RSA-3072" && name !== "RSA-4096" && (hardfork === "default" || key.kind !== 2)) {
          expect(cost).to.be.at.most(GOALS[key.kind as 1 | 2 | 3]);
        }

        // Every change of the statement, and every flipped byte of the evidence.
        const changed = { ...sent, outputHash: digest };
        await refused(adapter.verify(changed, "0x", evidence), "another output");
        const bytes = getBytes(evidence);
        const step = bytes.length > 200 ? 13 : 1;
        for (let at = 0; at < bytes.length; at += step) {
          const flipped = Uint8Array.from(bytes);
          flipped[at]! ^= 1 << (at % 8);
          await refused(adapter.verify(sent, "0x", flipped), `byte ${at}`);
        }
        for (const wrong of [concat([evidence, "0x00"]), hexlify(bytes.slice(0, -1)), hexlify(bytes.slice(0, 4)), "0x"])
          await refused(adapter.verify(sent, "0x", wrong), `${dataLength(wrong)} bytes`);
        await registry.revokeKey(policy, id);
        await expect(adapter.verify(sent, "0x", evidence)).to.be.revertedWithCustomError(registry, "KeyNotValid");
      });
    }
  }

  it("refuses a registration that the key itself did not sign", async function () {
    const { register, registry } = await deploy();
    for (const make of [() => p256Key(false), () => rsaKey(2048)]) {
      const [key, other] = [make(), make()];
      await expect(register(key, (digest) => other.sign(digest)))
        .to.be.revertedWithCustomError(registry, "KeyProofInvalid")
        .withArgs(keyId(key.kind, key.data));
      await expect(register(key, () => "0x")).to.be.revertedWithCustomError(registry, "KeyProofInvalid");
      await expect(register(key, () => key.sign(id("something else")))).to.be.revertedWithCustomError(
        registry,
        "KeyProofInvalid",
      );
    }
  });

  it("refuses a point that is not on the curve, and one at no place", async function () {
    const { register, registry } = await deploy();
    const key = p256Key(false);
    for (const data of [`${key.data.slice(0, -2)}00`, `0x${"00".repeat(64)}`, `0x${"ff".repeat(64)}`]) {
      await expect(register({ ...key, data })).to.be.revertedWithCustomError(registry, "KeyProofInvalid");
    }
  });
});

async function refused(call: Promise<unknown>, what: string): Promise<void> {
  let reason: string | undefined;
  try {
    await call;
  } catch (error) {
    reason = (error as { data?: string }).data ?? (error as Error).message;
  }
  expect(reason, what).to.be.a("string").with.length.greaterThan(9);
}
