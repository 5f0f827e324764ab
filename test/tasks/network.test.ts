import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import Assay from "../../deploy/modules/Assay.ts";
import config from "../../hardhat.config.ts";
import { DIGITS, fail, forgetDeployment, freePort, hardhatAt, ROOT, runTask, succeed } from "./support/assay.ts";
import { createTaskWorld, type TaskWorld } from "./support/world.ts";

describe("tasks and networks", function () {
  this.timeout(300_000);

  const LIST = ["model", "list"];

  it("says that nothing answers, and that trying again can help", async () => {
    const hre = await hardhatAt(`http://127.0.0.1:${await freePort()}`);
    const error = await fail(hre, LIST);
    expect(error).to.include({ code: "ASY-TASK-005", retryable: true });
    expect(error.message).to.contain("npx hardhat node").and.contain("ASSAY_LOCALHOST_URL");
    const json = await runTask(hre, LIST, { json: true });
    expect([json.out, JSON.parse(json.err)]).to.deep.equal(["", { error }]);
  });

  it("names the networks where there is none of that name", async () => {
    const error = await fail(await hardhatAt("http://127.0.0.1:1", "mainnet"), LIST);
    expect(error.code).to.equal("ASY-TASK-012");
    expect(error.message)
      .to.contain('"mainnet"')
      .and.match(/give one of .*localhost.*sepolia.* with --network\.$/);
  });

  it("says that a network in this process has no deployment", async () => {
    const hre = await hardhatAt("http://127.0.0.1:1", "default");
    // Without a record, and with one: this address is what a record of another chain would give.
    for (const args of [{ deployment: "absent" }, { hub: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC" }]) {
      const error = await fail(hre, LIST, args);
      expect(error.code).to.equal("ASY-TASK-006");
      expect(error.message).to.contain("lives in this process only").and.contain("--network localhost");
    }
  });

  it("passes on that a configuration variable is not set", async () => {
    const hre = await hardhatAt("http://127.0.0.1:1", "sepolia");
    const before = process.env["SEPOLIA_RPC_URL"];
    delete process.env["SEPOLIA_RPC_URL"];
    try {
      const error = await fail(hre, LIST);
      expect(error.code).to.equal("ASY-TASK-012");
      expect(error.message).to.contain("`npx hardhat keystore set SEPOLIA_RPC_URL`");
    } finally {
      if (before !== undefined) process.env["SEPOLIA_RPC_URL"] = before;
    }
  });

  describe("where the contracts are", () => {
    let world: TaskWorld;

    before(async () => {
      world = await createTaskWorld();
    });

    after(async () => {
      await world.close();
    });

    it("finds them by --hub alone", async () => {
      expect(await succeed(world.hre, LIST, { hub: world.contracts.hub })).to.deep.equal([]);
    });

    it("refuses an address where nothing, or something else, is", async () => {
      const nothing = await fail(world.hre, LIST, { hub: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC" });
      expect(nothing.code).to.equal("ASY-TASK-006");
      // Ignition sees by itself that this chain is a new one.
      expect(nothing.message).to.contain("ignition deploy").and.not.contain("--reset");
      for (const contract of [world.contracts.modelRegistry, world.contracts.nodeRegistry]) {
        expect((await fail(world.hre, LIST, { hub: contract })).code).to.equal("ASY-OPERATOR-001");
      }
      expect((await fail(world.hre, LIST, { hub: "hub" })).code).to.equal("ASY-TASK-002");
    });

    it("refuses a deployment id that is no id, and a damaged record", async () => {
      expect((await fail(world.hre, LIST, { deployment: "../../etc" })).code).to.equal("ASY-TASK-002");
      const id = `damaged-${process.pid}`;
      const folder = join(ROOT, "deploy", "deployments", id);
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(join(folder, "deployed_addresses.json"), '{"Assay#InferenceHub": "0x12"}');
        expect((await fail(world.hre, LIST, { deployment: id })).code).to.equal("ASY-TASK-004");
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it("shows nothing of a running node's keys when its configuration is wrong", async () => {
      const start = ["runner", "start"];
      const path = join(world.folder, "node.json");
      const given = { ...world.common, nodeConfig: path };
      expect((await fail(world.hre, start, world.common)).message).to.contain("--node-config is missing");
      expect((await fail(world.hre, start, given)).code).to.equal("ASY-TASK-003");
      const key = "ab".repeat(32);
      await writeFile(join(world.folder, "k.key"), key);
      for (const [content, code, words = ""] of [
        ["[]", "ASY-TASK-004"],
        ['{"signer": {"keyFile": "absent.key"}}', "ASY-TASK-003", "node register"],
        [
          '{"signer": {"keyFile": "k.key"}, "enclave": {"policy": "0x", "keyFile": "absent.key"}}',
          "ASY-TASK-003",
          "enclave register",
        ],
        ['{"signer": {"keyFile": 7}}', "ASY-TASK-004"],
        ['{"signer": {"keyFile": "k.key"}, "wallet": {"keyFile": "k.key"}, "payee": "0x1"}', "ASY-NODE-001"],
        ['{"signer": {"keyFile": "k.key"}, "kinds": ["SIGNATURE"], "extra": 1}', "ASY-NODE-001"],
        // No key of a registered node is asked for where none is needed.
        ['{"kinds": ["ZKML"]}', "ASY-NODE-001", "payee is missing"],
        [
          '{"wallet": {"keyFile": "k.key"}, "payee": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "kinds": "FOO"}',
          "ASY-NODE-001",
          'kinds is "FOO"',
        ],
        [
          '{"wallet": {"keyFile": "k.key"}, "payee": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "kinds": ["SIGNATURE", "FOO"]}',
          "ASY-NODE-001",
          'kinds[1] is "FOO"',
        ],
        // What the file holds is never quoted.
        [`{"wallet": {"privateKey": "0x${key}" "payee": 1}}`, "ASY-TASK-004", "line 1, column"],
      ] as [string, string, string?][]) {
        await writeFile(path, content);
        const error = await fail(world.hre, start, given);
        expect([error.code, error.message.includes(words)], `${content}: ${error.message}`).to.deep.equal([code, true]);
        expect(error.message).not.to.contain(key);
      }
    });
  });

  it("keeps a runner's process id in a file while it runs", async () => {
    const world = await createTaskWorld();
    try {
      const at = (name: string): string => join(world.folder, name);
      await writeFile(at("k.key"), "ab".repeat(32));
      const config = { wallet: { keyFile: "k.key" }, payee: world.contracts.hub, kinds: ["ZKML"], pollMs: 50 };
      await writeFile(at("node.json"), JSON.stringify({ ...config, providers: ["cpu"] }));
      const files = { nodeConfig: at("node.json"), journal: at("j.sqlite"), pidFile: at("runner.pid") };
      const running = runTask(world.hre, ["runner", "start"], { ...world.common, ...files });
      for (let look = 0; look < 100 && !existsSync(at("runner.pid")); look++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(await readFile(at("runner.pid"), "utf8")).to.equal(`${process.pid}\n`);
      expect(existsSync(at("j.sqlite"))).to.equal(true);
      process.emit("SIGTERM", "SIGTERM");
      const { success, data } = await running;
      expect([success, data.stoppedBy]).to.deep.equal([true, "SIGTERM"]);
      expect(existsSync(at("runner.pid"))).to.equal(false);
    } finally {
      await world.close();
    }
  });

  describe("on a chain that is not local", () => {
    const deployment = `live-${process.pid}`;
    let close: () => Promise<void>;
    let hre: HardhatRuntimeEnvironment;
    let local: TaskWorld;

    before(async () => {
      local = await createTaskWorld();
      const server = await network.createServer(
        { network: "default", override: { chainId: 11_155_111 } },
        "127.0.0.1",
        0,
      );
      const { port } = await server.listen();
      close = () => server.close();
      const url = `http://127.0.0.1:${port}`;
      const user = { ...config, networks: { sepolia: { type: "http", chainType: "l1", url } } } as typeof config;
      hre = await createHardhatRuntimeEnvironment(user, { network: "sepolia" }, ROOT);
      const connection = await hre.network.getOrCreate();
      await connection.ignition.deploy(Assay, { deploymentId: deployment });
    });

    after(async () => {
      await close();
      await forgetDeployment(deployment);
      await local.close();
    });

    it("publishes no development keys, and sends nothing", async () => {
      const { provider } = await hre.network.getOrCreate();
      const before = await provider.request({ method: "eth_blockNumber" });
      const args = { deployment, blobs: join(local.folder, "live-blobs"), dir: local.model, name: "digits" };
      const error = await fail(hre, ["model", "publish"], { ...args, kinds: "signature,zkml" });
      expect(error.code).to.equal("ASY-OPERATOR-003");
      expect(error.message).to.contain("11155111").and.contain("ceremony");
      expect(await provider.request({ method: "eth_blockNumber" })).to.equal(before);
      const { versionId } = await succeed(hre, ["model", "publish"], { ...args, kinds: "signature" });
      expect(await succeed(hre, ["model", "show"], { deployment, blobs: args.blobs, versionId })).to.include({
        status: "active",
      });
    });

    it("asks nothing under a policy for tests", async () => {
      const policies = ["enclave", "policy", "create"];
      const listed = { measurements: `0x${"11".repeat(32)}`, until: "2100-01-01" };
      const { policy } = await succeed(hre, policies, { deployment, test: true, ...listed });
      const { policy: good } = await succeed(hre, policies, { deployment, ...listed });
      const args = {
        deployment,
        blobs: join(local.folder, "live-blobs"),
        dir: local.model,
        name: "digits",
        minor: "7",
      };
      const named = { ...args, kinds: "tee", enclavePolicies: `${policy},${good}` };
      const { versionId, warnings } = await succeed(hre, ["model", "publish"], named);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.contain(policy).and.contain("one for tests");
      const input = join(DIGITS, "held-out.json");
      const asking = { deployment, blobs: args.blobs, versionId, input, index: "3", kinds: "tee" };
      const error = await fail(hre, ["infer", "request"], { ...asking, policy });
      expect(error.message).to.match(/one for tests.*name another one with --policy\. Nothing was paid\.$/);
      await succeed(hre, ["infer", "request"], { ...asking, policy: good });
    });

    it("registers no development enclave, and makes no key", async () => {
      const keyFile = join(local.folder, "live.key");
      const error = await fail(hre, ["enclave", "register"], { deployment, blobs: local.common.blobs, keyFile });
      expect(error.code).to.equal("ASY-TASK-008");
      expect(error.message).to.contain("sepolia").and.contain("evidence of their hardware");
      expect(
        (await fail(hre, ["enclave", "show"], { deployment, policy: `0x${"1".repeat(64)}`, keyFile })).code,
      ).to.equal("ASY-TASK-003");
    });

    it("names the module for live chains where nothing is deployed", async () => {
      const error = await fail(hre, LIST, { deployment: "chain-1" });
      expect(error.message).to.contain("deploy/modules/Assay.ts --network sepolia");
    });
  });
});
