import { keyIdOf } from "@assay/nodes/enclave";
import { expect } from "chai";
import { concat, dataLength, getBytes, hexlify, id } from "ethers";
import { network } from "hardhat";

import { p256Key, rsaKey, secp256k1Key, type TestKey } from "../../../scripts/support/receipt-keys.ts";
import { calldataGas, deployReceipts } from "../../../scripts/support/tee-receipts.ts";

/** What a check may cost at most, by the kind of the key, its evidence's calldata included: with and without 0x100. */
const GOALS = { 1: 12_000, 2: 17_000, 3: 75_000 } as const;

async function deploy(hardfork: "default" | "prague" = "default") {
  const { ethers } = await network.create(hardfork);
  return await deployReceipts(ethers);
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
        const { adapter, digest, evidenceOf, gasOf, policy, register, registry, sent } = await deploy(hardfork);
        const key = make();
        const id = keyIdOf(key);
        const evidence = evidenceOf(key);
        await expect(adapter.verify(sent, "0x", evidence)).to.be.revertedWithCustomError(registry, "KeyUnknown");
        await register(key);
        expect((await registry.keyOf(policy, id)).kind).to.equal(key.kind);
        expect(await adapter.verify(sent, "0x", evidence)).to.equal(adapter.verify.fragment.selector);

        const cost = await gasOf(evidence);
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
      await expect(register({ ...key, sign: (digest) => other.sign(digest) }))
        .to.be.revertedWithCustomError(registry, "KeyProofInvalid")
        .withArgs(keyIdOf(key));
      await expect(register({ ...key, sign: () => "0x" })).to.be.revertedWithCustomError(registry, "KeyProofInvalid");
      await expect(register({ ...key, sign: () => key.sign(id("something else")) })).to.be.revertedWithCustomError(
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
