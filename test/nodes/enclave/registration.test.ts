import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { concat, hexlify, id, TypedDataEncoder, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  addressKey,
  bindingOf,
  challengeOf,
  ChangeKind,
  DevelopmentEnclave,
  EnclaveInputError,
  issueDevelopmentEvidence,
  keyIdOf,
  measurementChange,
  policyChange,
  testPolicyTerms,
} from "../../../nodes/shared/enclave/index.ts";
import type { Binding } from "../../../nodes/shared/enclave/index.ts";
import { deployEnclaveRegistry } from "../../../scripts/support/enclave-registry.ts";

const ENDPOINT = "https://node.example/enclave";
const MAX_AGE = 3600;
const YEAR = 365 * 24 * 3600;
const IDENTITY = { model: id("model"), code: id("code") };

/** A local chain with the real registry, adapter and verifier, and a policy that wants the test's enclave. */
async function deploy(options: { hardfork?: "default" | "prague"; chainId?: number } = {}) {
  const { hardfork = "default", chainId } = options;
  const { ethers, networkHelpers } = await network.create(
    chainId === undefined ? hardfork : { network: hardfork, override: { chainId } },
  );
  const [owner, operator, other] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const verifier = await ethers.deployContract("DevelopmentVerifier");
  const { adapter, canonical, registry } = await deployEnclaveRegistry(ethers);
  const enclave = new DevelopmentEnclave(IDENTITY);
  const makePolicy = async (salt: string) => {
    const { timestamp } = (await ethers.provider.getBlock("latest"))!;
    await registry.createPolicy(
      testPolicyTerms(MAX_AGE),
      [
        policyChange(ChangeKind.Verifier, await verifier.getAddress()),
        policyChange(ChangeKind.Scheme, await canonical.getAddress()),
        measurementChange(enclave.claimedMeasurement, 0, timestamp + YEAR),
      ],
      salt,
    );
    return await registry.policyIdOf(owner, salt);
  };
  const policy = await makePolicy(ZeroHash);
  const block = (await ethers.provider.getBlock("latest"))!;
  const terms: Binding = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    registry: await registry.getAddress(),
    policy,
    operator: operator.address,
    key: enclave.receiptKey,
    endpoint: ENDPOINT,
    challenge: challengeOf(block.hash!, operator.address),
  };
  /** Sends evidence that binds `attested`, with the key's proof for what the registry will look for. */
  const register = async (attested: Binding, sent: Partial<Binding> = {}, evidence?: Uint8Array) => {
    const expected = { ...terms, ...sent };
    const sender = expected.operator === other.address ? other : operator;
    return registry.connect(sender).registerKey({
      policy: expected.policy,
      verifier,
      scheme: canonical,
      key: expected.key,
      endpoint: expected.endpoint,
      gpuClaims: expected.gpuClaims ?? ZeroHash,
      challengeBlock: block.number,
      evidence: evidence ?? enclave.attest(bindingOf(attested), { now: block.timestamp }),
      hints: "0x",
      aux: "0x",
      keySignature: enclave.proveKey(bindingOf(expected)),
    });
  };
  return {
    adapter,
    block,
    canonical,
    enclave,
    makePolicy,
    networkHelpers,
    operator,
    other,
    owner,
    register,
    registry,
    terms,
    verifier,
  };
}

describe("registering an enclave key", function () {
  for (const hardfork of ["default", "prague"] as const) {
    it(`ends in a key that signs statements (network ${hardfork})`, async function () {
      const { adapter, enclave, operator, owner, register, registry, terms } = await deploy({ hardfork });
      await expect(registry.requireValidKey(terms.policy, enclave.keyId)).to.be.revertedWithCustomError(
        registry,
        "KeyUnknown",
      );
      const { gasUsed } = (await (await register(terms)).wait())!;
      console.log(`      ${gasUsed} gas to register`);
      // docs/contracts/EnclaveRegistry.md
      expect(Number(gasUsed)).to.be.below(hardfork === "prague" ? 1_150_000 : 430_000);
      await registry.requireValidKey(terms.policy, enclave.keyId);
      const entry = await registry.keyOf(terms.policy, enclave.keyId);
      expect(entry.operator).to.equal(operator.address);
      expect(entry.measurement).to.equal(enclave.claimedMeasurement);
      expect(entry.validity.until - entry.validity.from).to.equal(MAX_AGE);

      const statement = {
        requestId: id("request"),
        version: id("version"),
        inputHash: id("input"),
        outputHash: id("output"),
        paramsHash: ZeroHash,
        enclavePolicy: terms.policy,
        requester: owner.address,
        beneficiary: operator.address,
      };
      const selector = await adapter.selector();
      const domain = { name: "Assay", version: "1", chainId: terms.chainId, verifyingContract: owner.address };
      const types = {
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
      const digest = TypedDataEncoder.hash(domain, types, { proof: selector, ...statement });
      const evidence = concat([selector, enclave.signStatement(digest)]);
      const sent = { chainId: terms.chainId, hub: owner.address, ...statement };
      expect(await adapter.verify(sent, "0x", evidence)).to.equal(adapter.verify.fragment.selector);
      const changed = { ...sent, outputHash: id("another output") };
      await expect(adapter.verify(changed, "0x", evidence)).to.be.revertedWithCustomError(registry, "KeyUnknown");
      await registry.revokeMeasurement(terms.policy, enclave.claimedMeasurement);
      await expect(adapter.verify(sent, "0x", evidence)).to.be.revertedWithCustomError(registry, "MeasurementNotValid");
    });
  }

  it("binds the same in TypeScript and on chain", async function () {
    const { enclave, registry, terms } = await deploy();
    expect(await registry.keyIdOf(terms.key)).to.equal(enclave.keyId);
    for (const endpoint of ["", "x", "https://née.example/日本", "y".repeat(300)]) {
      const binding = { ...terms, endpoint };
      for (const gpuClaims of [ZeroHash, id("GPUs")]) {
        const { challenge, key, operator, policy } = terms;
        const onChain = await registry.bindingOf(policy, operator, key, endpoint, gpuClaims, challenge);
        expect(bindingOf({ ...binding, gpuClaims })).to.equal(onChain);
      }
      expect(bindingOf(binding)).to.equal(bindingOf({ ...binding, gpuClaims: ZeroHash }));
    }
  });

  it("refuses evidence made for anything else", async function () {
    const { block, canonical, enclave, makePolicy, other, register, registry, terms } = await deploy();
    const policy = await makePolicy(id("another policy"));
    const others: Partial<Binding>[] = [
      { chainId: 1n },
      { chainId: 1337n },
      { registry: other.address },
      { policy },
      { operator: other.address },
      { key: addressKey(other.address) },
      { gpuClaims: id("other GPUs") },
      { endpoint: `${ENDPOINT}/` },
      { challenge: challengeOf(id("another block"), terms.operator) },
      { challenge: challengeOf(id("another block"), other.address) },
    ];
    for (const difference of others) {
      const attested = { ...terms, ...difference };
      await expect(register(attested), JSON.stringify(Object.keys(difference)))
        .to.be.revertedWithCustomError(canonical, "BindingMismatch")
        .withArgs(bindingOf(attested), bindingOf(terms));
    }
    // The other way round: good evidence, sent to where it was not made for.
    const challenge = challengeOf(block.hash!, other.address);
    for (const sent of [{ policy }, { operator: other.address, challenge }, { endpoint: "" }]) {
      await expect(register(terms, sent), JSON.stringify(Object.keys(sent)))
        .to.be.revertedWithCustomError(canonical, "BindingMismatch")
        .withArgs(bindingOf(terms), bindingOf({ ...terms, ...sent }));
    }
    await register(terms);
    await registry.requireValidKey(terms.policy, enclave.keyId);
  });

  it("refuses the evidence of another chain with the same addresses", async function () {
    const first = await deploy();
    const second = await deploy({ chainId: 1337 });
    expect(second.terms.registry).to.equal(first.terms.registry);
    const evidence = first.enclave.attest(bindingOf(second.terms), { now: second.block.timestamp });
    const foreign = first.enclave.attest(bindingOf({ ...second.terms, chainId: 31337n }), {
      now: second.block.timestamp,
    });
    await expect(second.register(second.terms, {}, foreign)).to.be.revertedWithCustomError(
      second.canonical,
      "BindingMismatch",
    );
    await second.register(second.terms, {}, evidence);
  });

  it("refuses debug enclaves", async function () {
    const { block, enclave, register, registry, terms } = await deploy();
    const evidence = enclave.attest(bindingOf(terms), { now: block.timestamp, debug: true });
    await expect(register(terms, {}, evidence))
      .to.be.revertedWithCustomError(registry, "DebugEnclave")
      .withArgs(enclave.claimedMeasurement);
  });

  it("refuses another program, and another's key in good evidence", async function () {
    const { block, enclave, register, registry, terms } = await deploy();
    const changed = new DevelopmentEnclave({ ...IDENTITY, code: id("changed code") });
    await expect(register(terms, {}, changed.attest(bindingOf(terms), { now: block.timestamp })))
      .to.be.revertedWithCustomError(registry, "MeasurementUnknown")
      .withArgs(terms.policy, changed.claimedMeasurement);
    // The enclave's own proof stands for its own key only.
    const key = changed.receiptKey;
    await expect(register({ ...terms, key }, { key }))
      .to.be.revertedWithCustomError(registry, "KeyProofInvalid")
      .withArgs(keyIdOf(key));
    expect(enclave.keyId).to.not.equal(changed.keyId);
  });

  it("takes evidence to its last second, and passes the verifier's reason on after it", async function () {
    const { block, enclave, networkHelpers, register, terms, verifier } = await deploy();
    const until = block.timestamp + 60;
    const evidence = enclave.attest(bindingOf(terms), { now: block.timestamp, validity: 60 });
    await networkHelpers.time.setNextBlockTimestamp(until + 1);
    await expect(register(terms, {}, evidence))
      .to.be.revertedWithCustomError(verifier, "CertificateNotCurrent")
      .withArgs(1, block.timestamp, until);
    const again = await deploy();
    const last = again.block.timestamp + 60;
    const inTime = again.enclave.attest(bindingOf(again.terms), { now: again.block.timestamp, validity: 60 });
    await again.networkHelpers.time.setNextBlockTimestamp(last);
    await again.register(again.terms, {}, inTime);
    const { validity } = await again.registry.keyOf(again.terms.policy, again.enclave.keyId);
    expect(validity.from).to.equal(last);
  });

  it("renews a key with fresh evidence, and not with a block too old", async function () {
    const { canonical, enclave, networkHelpers, operator, register, registry, terms, verifier } = await deploy();
    await register(terms);
    const before = await registry.keyOf(terms.policy, enclave.keyId);
    await networkHelpers.mine(300);
    await expect(register(terms)).to.be.revertedWithCustomError(registry, "ChallengeTooOld");
    const latest = (await operator.provider!.getBlock("latest"))!;
    const binding = bindingOf({ ...terms, challenge: challengeOf(latest.hash!, operator.address) });
    await registry.connect(operator).registerKey({
      policy: terms.policy,
      verifier,
      scheme: canonical,
      key: enclave.receiptKey,
      endpoint: ENDPOINT,
      gpuClaims: ZeroHash,
      challengeBlock: latest.number,
      evidence: enclave.attest(binding, { now: latest.timestamp }),
      hints: "0x",
      aux: "0x",
      keySignature: enclave.proveKey(binding),
    });
    const after = await registry.keyOf(terms.policy, enclave.keyId);
    expect(after.validity.from).to.equal(before.validity.from);
    expect(after.validity.until).to.be.greaterThan(before.validity.until);
  });
});

describe("development evidence", function () {
  const enclave = new DevelopmentEnclave(IDENTITY, `0x${"11".repeat(32)}`);
  const options = { measurement: enclave.measurement, binding: id("binding"), now: 1_900_000_000 };
  const key = "0x034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa";

  it("is the same for the same options", function () {
    const evidence = issueDevelopmentEvidence({ ...options, key });
    expect(hexlify(evidence)).to.equal(hexlify(issueDevelopmentEvidence({ ...options, key })));
    // The key of 0x11…11, compressed above and in full in the enclave.
    expect(hexlify(evidence)).to.equal(hexlify(enclave.attest(options.binding, { now: options.now })));
    expect(evidence.length).to.be.below(2048);
    const other = issueDevelopmentEvidence({ ...options, key, machine: "1" });
    expect(hexlify(other)).to.not.equal(hexlify(evidence));
  });

  it("measures the model and the code, each in its place", function () {
    const swapped = new DevelopmentEnclave({ model: IDENTITY.code, code: IDENTITY.model });
    expect(swapped.measurement).to.not.equal(enclave.measurement);
    expect(new DevelopmentEnclave(IDENTITY).measurement).to.equal(enclave.measurement);
    expect(new DevelopmentEnclave(IDENTITY).address).to.not.equal(new DevelopmentEnclave(IDENTITY).address);
  });

  it("names what cannot be used", function () {
    const bad = [
      { ...options, key, binding: "0x12" },
      { ...options, key, binding1: id("x").slice(0, -1) },
      { ...options, key, measurement: "" },
      { ...options, key, validity: -1 },
      { ...options, key, validity: 0.5 },
      { ...options, key, now: Number.NaN },
      { ...options, key, now: -1 },
    ];
    for (const value of bad) {
      expect(() => issueDevelopmentEvidence(value))
        .to.throw(EnclaveInputError)
        .with.property("code", "ASY-ENCLAVE-001");
    }
    expect(() => new DevelopmentEnclave({ ...IDENTITY, model: "0x" })).to.throw(EnclaveInputError, "model is 0x");
  });
});
