import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import { ZERO_ADDRESS } from "../../sdk/src/index.ts";
import { fail, runTask, succeed } from "./support/assay.ts";
import { createTaskWorld, type TaskWorld } from "./support/world.ts";

const UNKNOWN = `0x${"7".repeat(64)}`;
const OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

describe("tasks of the registries", function () {
  this.timeout(300_000);

  let world: TaskWorld;
  let deployment: string;
  const file = (name: string): string => join(world.folder, name);

  before(async () => {
    world = await createTaskWorld();
    deployment = world.common.deployment;
  });

  after(async () => {
    await world.close();
  });

  describe("model", () => {
    const publish = async (args: Record<string, unknown>): Promise<any> =>
      await succeed(world.hre, ["model", "publish"], { ...world.common, dir: world.model, name: "digits", ...args });
    const refused = async (args: Record<string, unknown>) =>
      await fail(world.hre, ["model", "publish"], { ...world.common, dir: world.model, name: "digits", ...args });

    it("lists nothing where nothing is published", async () => {
      expect(await succeed(world.hre, ["model", "list"], world.common)).to.deep.equal([]);
      expect((await runTask(world.hre, ["model", "list"], world.common)).out).to.equal(
        "No version is published here.\n",
      );
    });

    it("publishes a version without proofs, with a price", async () => {
      const { versionId } = await publish({
        kinds: "signature",
        price: "0.002",
        royaltyReceiver: OTHER,
        licence: "MIT",
      });
      const shown = await succeed(world.hre, ["model", "show"], { ...world.common, versionId });
      expect(shown).to.include({
        status: "active",
        verifier: ZERO_ADDRESS,
        royaltyReceiver: OTHER,
        major: 1,
        minor: 0,
      });
      expect(shown.kinds).to.deep.equal([1]);
      // Amounts are whole numbers in decimal for programs, and in coins for people.
      const price = { price: "2000000000000000", priceToken: ZERO_ADDRESS };
      expect(shown).to.include(price);
      expect((await succeed(world.hre, ["model", "list"], world.common))[0]).to.include(price);
      expect((await runTask(world.hre, ["model", "list"], world.common)).out).to.contain("0.002 ETH");
      expect(shown.manifest.licence).to.equal("MIT");
      expect(shown.manifest.files.map((entry: { role: string }) => entry.role)).to.deep.equal([
        "model",
        "graph",
        "runtime",
      ]);
      const { out } = await runTask(world.hre, ["model", "show"], { ...world.common, versionId });
      expect(out).to.contain(`0.002 ETH to ${OTHER}`).and.contain("SIGNATURE");
    });

    it("publishes the next version of the same model, with its verifier", async () => {
      const { versionId, modelId, verifier } = await publish({ kinds: "Signature, TEE, zkml", minor: "1" });
      const shown = await succeed(world.hre, ["model", "show"], { ...world.common, versionId });
      expect(shown.circuit.verifyingKeyHash).to.equal(shown.manifest.zk.verifyingKeyHash);
      const list = await succeed(world.hre, ["model", "list"], world.common);
      expect(list.map((entry: { number: string }) => entry.number)).to.deep.equal(["1.0", "1.1"]);
      expect(new Set(list.map((entry: { modelId: string }) => entry.modelId))).to.deep.equal(new Set([modelId]));
      const again = await publish({ kinds: "zkml", minor: "2", verifier, modelId });
      expect(again.verifier).to.equal(verifier);
    });

    it("refuses a version that is published, before anything is sent", async () => {
      const before = await world.send("eth_blockNumber");
      const error = await refused({ kinds: "zkml" });
      expect(error.code).to.equal("ASY-OPERATOR-005");
      expect(error.message).to.contain("Version 1.0").and.contain("give a higher minor");
      expect(await world.send("eth_blockNumber")).to.equal(before);
    });

    it("refuses options that cannot be used", async () => {
      for (const [args, words] of [
        [{ kinds: "magic" }, "--kinds"],
        [{ kinds: "tee,tee" }, "--kinds"],
        [{ kinds: "" }, "--kinds"],
        [{ price: "-1", minor: "9" }, "--price"],
        [{ price: "0.0000000000000000001", minor: "9" }, "--price"],
        [{ price: "1e18", minor: "9" }, "--price"],
        [{ minor: "65536" }, "--minor"],
        [{ modelId: "0x12", minor: "9" }, "--model-id"],
        [{ royaltyReceiver: "me", minor: "9" }, "--royalty-receiver"],
        [{ priceToken: OTHER.toLowerCase().replace("0x", ""), minor: "9" }, "--price-token"],
      ] as const) {
        const error = await refused(args);
        expect([error.code, error.message.startsWith(words)], error.message).to.deep.equal(["ASY-TASK-002", true]);
      }
      expect(await refused({ priceToken: OTHER, minor: "9" })).to.include({ code: "ASY-TASK-009" });
      expect((await refused({ name: undefined })).message).to.contain("--name is missing");
      expect((await refused({ dir: undefined })).message).to.contain("--dir is missing");
      expect((await refused({ modelId: UNKNOWN })).code).to.equal("ASY-OPERATOR-006");
    });

    it("passes on what the registry refuses", async () => {
      const [first] = await succeed(world.hre, ["model", "list"], world.common);
      const error = await refused({ kinds: "signature", minor: "7", account: "3", modelId: first.modelId });
      expect(error.code).to.equal("ASY-SDK-002");
      expect(error.message).to.contain("NotModelOwner");
      const wrong = await refused({ kinds: "zkml", minor: "7", verifier: world.contracts.hub });
      expect(wrong.message).to.contain("VerifierInvalid");
    });

    it("says that a version is unknown", async () => {
      const error = await fail(world.hre, ["model", "show"], { ...world.common, versionId: UNKNOWN });
      expect(error).to.include({ code: "ASY-TASK-009" });
      expect(error.message).to.contain("model list");
    });

    it("shows a version whose manifest is not at hand", async () => {
      const [{ versionId }] = await succeed(world.hre, ["model", "list"], world.common);
      const { out } = await runTask(world.hre, ["model", "show"], { deployment, versionId, blobs: file("empty") });
      expect(out).to.contain("unknown: Blob 0x").and.contain("active");
    });
  });

  describe("node", () => {
    let keyFile: string;

    it("makes a key that only its owner can read, and registers it", async () => {
      keyFile = file("keys/node.key");
      const node = await succeed(world.hre, ["node", "register"], { deployment, keyFile, roles: "gpu,storage" });
      expect(node).to.include({ keyMade: true, bond: `${10n ** 17n}`, roles: 9 });
      expect((await stat(keyFile)).mode & 0o777).to.equal(0o600);
      const shown = await succeed(world.hre, ["node", "show"], { deployment, nodeId: node.nodeId });
      expect(shown).to.include({ status: "active", operator: node.operator, signer: node.signer });
      expect(await succeed(world.hre, ["node", "show"], { deployment, signer: node.signer })).to.deep.equal(shown);
    });

    it("passes on what the registry refuses, in words", async () => {
      const other = await fail(world.hre, ["node", "register"], { deployment, keyFile, account: "4" });
      expect(other.code).to.equal("ASY-SDK-002");
      expect(other.message).to.contain("SignerTaken");
      const poor = await fail(world.hre, ["node", "register"], { deployment, keyFile: file("p.key"), bond: "0.01" });
      expect(poor.message).to.contain("BondTooSmall");
    });

    it("says that the node is registered already, and how to make another", async () => {
      const before = await world.send("eth_blockNumber");
      const { nodeId } = await succeed(world.hre, ["node", "show"], { deployment, keyFile });
      const error = await fail(world.hre, ["node", "register"], { deployment, keyFile });
      expect(error).to.include({ code: "ASY-TASK-002" });
      expect(error.message).to.contain(`node ${nodeId}, active`).and.contain("--key-file").and.contain(keyFile);
      expect(await world.send("eth_blockNumber")).to.equal(before);
    });

    it("refuses options that cannot be used", async () => {
      for (const [args, code, words] of [
        [{ roles: "gpu,wizard" }, "ASY-TASK-002", "--roles"],
        [{ payee: "0x1" }, "ASY-TASK-002", "--payee"],
        [{ bond: "much" }, "ASY-TASK-002", "--bond"],
        [{ bond: "1000000" }, "ASY-TASK-002", "--bond is 1000000.0 ETH, and account 0x"],
        [{ account: "99" }, "ASY-TASK-007", "20 accounts"],
        [{ account: Wallet.createRandom().address }, "ASY-TASK-007", "none of them"],
        [{ account: "first" }, "ASY-TASK-002", "--account"],
      ] as const) {
        const error = await fail(world.hre, ["node", "register"], { deployment, keyFile: file("o.key"), ...args });
        expect([error.code, error.message.includes(words)], error.message).to.deep.equal([code, true]);
      }
      await writeFile(file("bad.key"), `0x${"0".repeat(64)}`);
      const bad = await fail(world.hre, ["node", "register"], { deployment, keyFile: file("bad.key") });
      expect(bad).to.include({ code: "ASY-TASK-004" });
      expect(bad.message).not.to.contain("0000000000");
      const absent = await fail(world.hre, ["node", "show"], { deployment, keyFile: file("absent.key") });
      expect(absent.code).to.equal("ASY-TASK-003");
      expect((await fail(world.hre, ["node", "show"], { deployment, nodeId: UNKNOWN })).code).to.equal("ASY-TASK-009");
    });

    it("leaves in two steps, and gets the bond back", async () => {
      const begun = await succeed(world.hre, ["node", "exit"], { deployment, keyFile });
      expect(begun.status).to.equal("exiting");
      const early = await fail(world.hre, ["node", "exit"], { deployment, keyFile });
      expect(early).to.include({ code: "ASY-TASK-010", retryable: true });
      expect(early.message).to.contain(new Date(begun.exitAt * 1_000).toISOString().slice(0, 16));
      const snapshot = await world.send("evm_snapshot");
      await world.travel(21 * 86_400 + 1);
      const receiver = Wallet.createRandom().address;
      const done = await succeed(world.hre, ["node", "exit"], { deployment, keyFile, to: receiver });
      expect(done).to.include({ status: "exited", amount: `${10n ** 17n}`, to: receiver });
      expect(BigInt(await world.send("eth_getBalance", receiver, "latest"))).to.equal(10n ** 17n);
      expect((await fail(world.hre, ["node", "exit"], { deployment, keyFile })).code).to.equal("ASY-TASK-009");
      await world.send("evm_revert", snapshot);
    });
  });

  describe("enclave", () => {
    let policy: string;
    let keyFile: string;

    it("goes from nothing to a key that is valid, and again under the same policy", async () => {
      keyFile = file("enclave.key");
      const first = await succeed(world.hre, ["enclave", "register"], { ...world.common, keyFile, maxKeyAge: "2d" });
      policy = first.policy;
      expect(first.until - first.from).to.equal(2 * 86_400);
      const other = { ...world.common, keyFile: file("enclave-2.key"), policy };
      const second = await succeed(world.hre, ["enclave", "register"], other);
      expect(second).to.include({ policy, measurement: first.measurement });
      expect(second.prepared).to.deep.equal([]);
      const shown = await succeed(world.hre, ["enclave", "show"], { deployment, policy, keyFile });
      expect(shown).to.include({ valid: true, key: first.key, owner: first.operator });
    });

    it("measures what it is told to", async () => {
      await writeFile(file("program.bin"), "another program");
      const args = { ...world.common, keyFile: file("enclave-3.key"), policy, code: file("program.bin") };
      const { measurement, prepared } = await succeed(world.hre, ["enclave", "register"], args);
      expect(prepared).to.deep.equal(["measurement"]);
      await succeed(world.hre, ["enclave", "policy", "revoke"], { deployment, policy, value: measurement });
      const shown = await succeed(world.hre, ["enclave", "show"], {
        deployment,
        policy,
        keyFile: file("enclave-3.key"),
      });
      expect(shown).to.include({ valid: false, reason: "MeasurementNotValid" });
    });

    it("revokes a key for good", async () => {
      const { key } = await succeed(world.hre, ["enclave", "revoke"], { deployment, policy, keyFile });
      const shown = await succeed(world.hre, ["enclave", "show"], { deployment, policy, key });
      expect(shown).to.include({ valid: false, reason: "KeyNotValid" });
      const again = await fail(world.hre, ["enclave", "register"], { ...world.common, keyFile, policy });
      expect(again.message).to.contain("KeyEnded");
    });

    it("passes on what the registry refuses, and says what is unknown", async () => {
      const stranger = { ...world.common, keyFile: file("s.key"), policy, account: "4", code: file("program.bin") };
      expect((await fail(world.hre, ["enclave", "register"], stranger)).message).to.contain("MeasurementNotValid");
      const revoke = { deployment, policy, keyFile: file("enclave-2.key"), account: "4" };
      expect((await fail(world.hre, ["enclave", "revoke"], revoke)).message).to.contain("NotKeyManager");
      for (const [args, code] of [
        [{ policy: UNKNOWN, keyFile }, "ASY-TASK-009"],
        [{ policy, key: OTHER }, "ASY-TASK-009"],
        [{ keyFile }, "ASY-TASK-001"],
        [{ policy: "0x", keyFile }, "ASY-TASK-002"],
        [{ policy, key: "0x" }, "ASY-TASK-002"],
      ] as const) {
        expect((await fail(world.hre, ["enclave", "show"], { deployment, ...args })).code).to.equal(code);
      }
      const unknown = { ...world.common, keyFile: file("u.key"), versionId: UNKNOWN };
      expect((await fail(world.hre, ["enclave", "register"], unknown)).code).to.equal("ASY-TASK-009");
      const long = { ...world.common, keyFile: file("u.key"), maxKeyAge: "forever" };
      expect((await fail(world.hre, ["enclave", "register"], long)).message).to.contain("--max-key-age");
    });
  });
});
