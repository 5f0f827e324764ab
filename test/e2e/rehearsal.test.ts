// What an operator does on a fresh chain, from deploying to a reclaimed request, through tasks alone, on two clients.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { parseReceipt, ZERO_ADDRESS } from "../../sdk/src/index.ts";
import { DIGITS, fail, forgetDeployment, hardhatAt, heldOut, succeed } from "../tasks/support/assay.ts";
import { hardhat, type Running, startHardhat } from "./support/cli.ts";
import { type Client, CLIENTS, startClient, stopChild } from "./support/clients.ts";

/** Second account of the mnemonic that both clients start with; the node sends from it. */
const WALLET_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const PAYEE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const AMOUNT = "0.01";
const AMOUNT_WEI = 10n ** 16n;

describe("rehearsal", function () {
  this.timeout(600_000);

  let home: string;
  let model: string;

  before("compile and set up once", async () => {
    home = await mkdtemp(join(tmpdir(), "assay-rehearsal-"));
    model = join(home, "model");
    const hre = await hardhatAt("http://127.0.0.1:1");
    const compiled = await succeed(hre, ["zkml", "compile"], {
      model: join(DIGITS, "model.onnx"),
      calibration: join(DIGITS, "calibration.json"),
      name: "digits",
      out: model,
    });
    expect(compiled.constraints.total).to.be.at.most(2_600);
    const setup = await succeed(hre, ["zkml", "setup"], { dir: model, dev: true, seed: "assay rehearsal" });
    expect(setup.verified).to.equal(true);
  });

  after(async () => {
    await rm(home, { recursive: true, force: true });
  });

  for (const name of Object.keys(CLIENTS)) {
    describe(`on ${name}`, function () {
      const deployment = `rehearsal-${name.replace(" ", "-")}-${process.pid}`;
      let client: Client;
      let hre: HardhatRuntimeEnvironment;
      let folder: string;
      let common: { deployment: string; blobs: string };
      let onCommandLine: string[];
      let versionId: string;
      let policy: string;
      let runner: Running | undefined;
      const answered: Record<string, string> = {};

      before(async function () {
        if (CLIENTS[name] === undefined) {
          console.log(`      skipped: ${name} is not installed (its npm package has no binary for this machine)`);
          this.skip();
        }
        folder = join(home, name.replace(" ", "-"));
        await mkdir(folder);
        common = { deployment, blobs: join(folder, "blobs") };
        onCommandLine = ["--network", "localhost", "--deployment", deployment, "--blobs", common.blobs, "--json"];
        client = await startClient(name);
        hre = await hardhatAt(client.url);
      });

      after(async () => {
        if (runner !== undefined) await stopChild(runner.child, "SIGKILL");
        await client?.stop();
        await forgetDeployment(deployment);
      });

      afterEach(function () {
        if (this.currentTest?.state === "failed" && runner !== undefined) console.log(runner.written());
      });

      it("says what is missing before anything is deployed", async () => {
        const error = await fail(hre, ["model", "list"], common);
        expect(error.code).to.equal("ASY-TASK-006");
        expect(error.message).to.contain("npx hardhat ignition deploy deploy/modules/Development.ts");
      });

      it("deploys everything over HTTP", async () => {
        const { code, out, err } = await hardhat(client.url, [
          ...["ignition", "deploy", "deploy/modules/Development.ts", "--network", "localhost"],
          ...["--deployment-id", deployment, "--parameters", "deploy/parameters/localhost.json5"],
        ]);
        expect(code, `${out}\n${err}`).to.equal(0);
        expect(out).to.contain("Assay#InferenceHub - 0x");
      });

      it("publishes the model from the command line", async () => {
        const { code, out, err } = await hardhat(client.url, [
          ...["model", "publish", "--dir", model, "--name", "digits", "--kinds", "signature,tee,zkml"],
          ...["--licence", "MIT", ...onCommandLine],
        ]);
        expect(code, err).to.equal(0);
        const published = JSON.parse(out);
        versionId = published.versionId;
        expect(published.verifier).not.to.equal(ZERO_ADDRESS);
        const shown = await succeed(hre, ["model", "show"], { ...common, versionId });
        expect(shown.circuit.setup).to.equal("development");
        expect(shown.circuit.graphDigest).to.equal(shown.manifest.graphDigest);
        const list = await succeed(hre, ["model", "list"], common);
        expect(list.map((entry: { versionId: string }) => entry.versionId)).to.deep.equal([versionId]);
      });

      it("registers a node and an enclave", async () => {
        const { deployment: id } = common;
        const keyFile = join(folder, "node.key");
        const registered = await succeed(hre, ["node", "register"], { deployment: id, keyFile, payee: PAYEE });
        expect(registered.payee).to.equal(PAYEE);
        const node = await succeed(hre, ["node", "show"], { deployment: id, keyFile });
        expect([node.status, node.roles]).to.deep.equal(["active", ["gpu"]]);

        const enclave = await succeed(hre, ["enclave", "register"], {
          ...common,
          versionId,
          keyFile: join(folder, "enclave.key"),
        });
        policy = enclave.policy;
        expect(enclave.prepared).to.deep.equal(["policy", "verifier", "scheme", "measurement"]);
        const key = await succeed(hre, ["enclave", "show"], { deployment: id, policy, key: enclave.key });
        expect(key.valid).to.equal(true);
      });

      it("starts the GPU node", async () => {
        await writeFile(join(folder, "wallet.key"), WALLET_KEY);
        const nodeConfig = join(folder, "node.json");
        await writeFile(
          nodeConfig,
          JSON.stringify({
            wallet: { keyFile: "wallet.key" },
            signer: { keyFile: "node.key" },
            enclave: { policy, keyFile: "enclave.key" },
            payee: PAYEE,
            kinds: ["SIGNATURE", "TEE", "ZKML"],
            providers: ["cpu"],
            journal: join(folder, "journal.sqlite"),
            pollMs: 200,
            confirmations: 1,
          }),
        );
        runner = startHardhat(client.url, ["runner", "start", "--node-config", nodeConfig, ...onCommandLine]);
        await runner.wrote("GPU node of hub");
      });

      const asked: readonly (readonly [kinds: string, index: number])[] = [
        ["signature", 0],
        ["tee", 1],
        ["zkml", 2],
        ["tee,zkml", 3],
      ];
      for (const [kinds, index] of asked) {
        it(`asks for ${kinds} and is answered`, async () => {
          const { label } = await heldOut(index);
          const result = await succeed(hre, ["infer", "request"], {
            ...common,
            versionId,
            input: join(DIGITS, "held-out.json"),
            index: `${index}`,
            kinds,
            amount: AMOUNT,
            deadline: "90s",
            wait: true,
            ...(kinds.includes("tee") ? { policy } : {}),
          });
          expect(result.answer.values).to.deep.equal([label]);
          expect(result.answer.beneficiary).to.equal(PAYEE);
          answered[kinds] = result.id;
        });
      }

      it("asks from the command line and is answered", async () => {
        const { label } = await heldOut(4);
        const { code, out, err } = await hardhat(client.url, [
          ...["infer", "request", "--version-id", versionId, "--input", join(DIGITS, "held-out.json"), "--index", "4"],
          ...["--amount", AMOUNT, "--deadline", "90s", "--store-result", "--wait", ...onCommandLine],
        ]);
        expect(code, err).to.equal(0);
        const result = JSON.parse(out);
        expect(result.answer.values).to.deep.equal([label]);
        answered["stored"] = result.id;
      });

      it("says where the requests stand", async () => {
        for (const id of Object.values(answered)) {
          const status = await succeed(hre, ["infer", "status"], { ...common, id });
          expect(status.status).to.equal("fulfilled");
          expect(status.answer.beneficiary).to.equal(PAYEE);
        }
      });

      it("verifies every answer's evidence again", async () => {
        for (const [kinds, id] of Object.entries(answered)) {
          const receipt = join(folder, `${id}.json`);
          const { holds, evidence } = await succeed(hre, ["infer", "verify"], { ...common, id, receipt });
          expect(holds).to.equal(true);
          const names = kinds === "stored" ? "signature" : kinds;
          expect(evidence.map(({ kind }: { kind: string }) => kind.toLowerCase()).join(",")).to.equal(names);
          const { readFile } = await import("node:fs/promises");
          expect(parseReceipt(await readFile(receipt, "utf8")).statement.requestId).to.equal(id);
        }
      });

      it("lets the GPU node finish and end on SIGTERM", async () => {
        runner!.child.kill("SIGTERM");
        const { code, out, err } = await runner!.ended;
        runner = undefined;
        expect(code, err).to.equal(0);
        // Lines of the log may come after it.
        const last = JSON.parse(out.split("\n").find((line) => line.includes("stoppedBy"))!);
        expect(last.stoppedBy).to.equal("SIGTERM");
        const settled = Object.values(last.requests as Record<string, number>).reduce((sum, count) => sum + count, 0);
        expect(settled).to.equal(asked.length + 1);
      });

      it("reclaims a request that nobody answered", async () => {
        const { id, deadline } = await succeed(hre, ["infer", "request"], {
          ...common,
          versionId,
          input: join(DIGITS, "held-out.json"),
          index: "5",
          amount: AMOUNT,
          deadline: "1h",
        });
        const { deployment: record } = common;
        const open = await succeed(hre, ["infer", "status"], { ...common, id });
        expect(open.status).to.equal("pending");
        const early = await fail(hre, ["infer", "reclaim"], { deployment: record, id });
        expect(early.message).to.contain("RequestNotExpired");

        const { timestamp } = await client.send("eth_getBlockByNumber", "latest", false);
        await client.send("evm_increaseTime", deadline - Number(timestamp) + 1);
        await client.send("evm_mine");
        expect((await succeed(hre, ["infer", "status"], { ...common, id })).status).to.equal("expired");
        const reclaimed = await succeed(hre, ["infer", "reclaim"], { deployment: record, id, withdraw: true });
        expect([reclaimed.amount, reclaimed.withdrawn]).to.deep.equal([`${AMOUNT_WEI}`, `${AMOUNT_WEI}`]);
        expect((await succeed(hre, ["infer", "status"], { ...common, id })).status).to.equal("reclaimed");
      });
    });
  }
});
