import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { formatEther, getBytes, hexlify, keccak256, parseEther, Wallet } from "ethers";

import { followRequest } from "../../nodes/operator/index.ts";
import {
  encodeSignatureEvidence,
  encodeTensor,
  HubClient,
  packRequest,
  parseReceipt,
  requestFromEvent,
  type Request,
  SIGNATURE_V1,
  signRequest,
  signStatement,
  statementOf,
  verifyReceipt,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../sdk/src/index.ts";
import { DIGITS, fail, runTask, succeed } from "./support/assay.ts";
import { createTaskWorld, type TaskWorld } from "./support/world.ts";

const HELD_OUT = join(DIGITS, "held-out.json");
const UNKNOWN = `0x${"7".repeat(64)}`;
const PAYEE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

describe("tasks of inference", function () {
  this.timeout(300_000);

  let world: TaskWorld;
  let deployment: string;
  let versionId: string;
  let node: Wallet;
  let hub: HubClient;
  const output = encodeTensor({ dtype: "u8", dims: [1], data: [8n] });
  const file = (name: string): string => join(world.folder, name);

  /** Makes a request through the task. */
  const ask = async (args: Record<string, unknown> = {}): Promise<any> =>
    await succeed(world.hre, ["infer", "request"], {
      ...world.common,
      versionId,
      input: HELD_OUT,
      index: "3",
      amount: "0.01",
      ...args,
    });
  const refuse = async (args: Record<string, unknown>) =>
    await fail(world.hre, ["infer", "request"], { ...world.common, versionId, input: HELD_OUT, index: "3", ...args });
  const status = async (id: string): Promise<any> =>
    await succeed(world.hre, ["infer", "status"], { ...world.common, id });
  const verify = async (id: string): Promise<any> =>
    await succeed(world.hre, ["infer", "verify"], { ...world.common, id });

  /** The request of an id, from its event. */
  const requestOf = async (id: string): Promise<Request> => {
    const [log] = await hub.contract.queryFilter(hub.contract.filters["Requested"]!(id), 0);
    return requestFromEvent((log as unknown as { args: { toObject(): never } }).args.toObject()).request;
  };

  /** What a node sends for a request. */
  const answerTo = async (request: Request): Promise<[unknown, Uint8Array, string, string[]]> => {
    const statement = statementOf(await hub.domain(), request, output, PAYEE);
    const signature = await signStatement(node, statement, SIGNATURE_V1);
    return [packRequest(request), output, PAYEE, [encodeSignatureEvidence(signature)]];
  };

  before(async () => {
    world = await createTaskWorld();
    deployment = world.common.deployment;
    const published = { ...world.common, dir: world.model, name: "digits", kinds: "signature,tee", price: "0.001" };
    ({ versionId } = await succeed(world.hre, ["model", "publish"], published));
    await succeed(world.hre, ["node", "register"], { deployment, keyFile: file("node.key"), payee: PAYEE });
    node = new Wallet((await readFile(file("node.key"), "utf8")).trim());
    const { ethers } = await world.hre.network.getOrCreate();
    hub = new HubClient(world.contracts.hub, (await ethers.getSigners())[5]!);
  });

  after(async () => {
    await world.close();
  });

  it("pays the price where no amount is given, and waits", async () => {
    const { id, amount, token, deadline } = await ask({ amount: undefined, deadline: "2h" });
    expect([amount, token]).to.deep.equal([`${parseEther("0.001")}`, ZERO_ADDRESS]);
    const found = await status(id);
    expect(found).to.include({ status: "pending", deadline });
    expect(found.waitsFor).to.match(/^Waits for an answer with SIGNATURE evidence/);
    const { out } = await runTask(world.hre, ["infer", "status"], { ...world.common, id });
    expect(out).to.contain("0.001 ETH").and.contain("pending");
  });

  it("follows a request to its answer with --wait", async () => {
    const answering = (async () => {
      for (;;) {
        const logs = await hub.contract.queryFilter(hub.contract.filters["Requested"]!(), 0);
        const { request, id } = requestFromEvent(
          (logs.at(-1) as unknown as { args: { toObject(): never } }).args.toObject(),
        );
        if (request.callback.storeResult && (await hub.status(id)) === "pending") {
          const [, ...rest] = await answerTo(request);
          await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const result = await ask({ wait: true, storeResult: true });
    await answering;
    expect(result.answer).to.deep.include({ values: [8], integers: ["8"], beneficiary: PAYEE });
    expect((await status(result.id)).status).to.equal("fulfilled");
  });

  it("stops waiting when the request expires, and says what to do", async () => {
    const waiting = fail(world.hre, ["infer", "request"], {
      ...world.common,
      versionId,
      input: HELD_OUT,
      index: "3",
      amount: "0.01",
      deadline: "60s",
      wait: true,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await world.travel(61);
    const error = await waiting;
    expect(error).to.include({ code: "ASY-TASK-010", retryable: true });
    expect(error.message).to.contain("expired").and.contain("infer reclaim --id 0x");
  });

  it("verifies answers of single calls, batches and signed requests", async () => {
    const single = await ask();
    const request = await requestOf(single.id);
    const [, ...rest] = await answerTo(request);
    await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));

    const both = [await ask(), await ask()];
    const items = [];
    for (const { id } of both) items.push(await answerTo(await requestOf(id)));
    await (await hub.contract.getFunction("fulfilBatch")(items)).wait();

    const requester = Wallet.createRandom();
    await hub.deposit(ZERO_ADDRESS, requester.address, parseEther("0.01"));
    const { timestamp } = await world.send("eth_getBlockByNumber", "latest", false);
    const { createdAt: _createdAt, salt: _salt, ...terms } = request;
    const signed = {
      ...terms,
      requester: requester.address,
      deadline: BigInt(timestamp) + 600n,
      callback: { ...terms.callback, priced: false },
      nonce: 0n,
    };
    const domain = await hub.domain();
    const statement = statementOf(domain, signed, output, PAYEE);
    const evidence = encodeSignatureEvidence(await signStatement(node, statement, SIGNATURE_V1));
    await hub.settleSigned(signed, await signRequest(requester, domain, signed), output, PAYEE, [evidence]);

    for (const id of [single.id, ...both.map((entry) => entry.id as string), statement.requestId]) {
      const verdict = await verify(id);
      expect(verdict).to.include({ holds: true, id });
      expect(verdict.evidence).to.have.length(1);
      expect(verdict.evidence[0]).to.include({ kind: "SIGNATURE", reason: "holds", signer: node.address });
    }
    const { out } = await runTask(world.hre, ["infer", "verify"], { ...world.common, id: single.id });
    expect(out).to.contain("holds").and.contain(node.address);
  });

  it("writes a receipt that verifies without the chain", async () => {
    const { id } = await ask();
    const request = await requestOf(id);
    const [, ...rest] = await answerTo(request);
    await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
    await succeed(world.hre, ["infer", "verify"], { ...world.common, id, receipt: file("receipt.json") });
    const receipt = parseReceipt(await readFile(file("receipt.json"), "utf8"));
    expect(verifyReceipt(receipt, { signers: [node.address], requires: [SIGNATURE_V1] }).holds).to.equal(true);

    const read = { ...world.common, receipt: file("receipt.json") };
    const again = await succeed(world.hre, ["infer", "verify"], read);
    expect(again).to.deep.include({ id, holds: true, receipt: file("receipt.json") });
    expect(again.answer.values).to.deep.equal([8]);
  });

  it("does not hold a receipt in which anything was changed, or of another chain", async () => {
    const { id } = await ask();
    const request = await requestOf(id);
    const [, ...rest] = await answerTo(request);
    await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
    await succeed(world.hre, ["infer", "verify"], { ...world.common, id, receipt: file("good.json") });
    const good = JSON.parse(await readFile(file("good.json"), "utf8"));
    const other = encodeTensor({ dtype: "u8", dims: [1], data: [9n] });
    const stranger = Wallet.createRandom();
    const domain = await hub.domain();
    const lie = statementOf(domain, request, other, PAYEE);
    const signed = encodeSignatureEvidence(await signStatement(node, lie, SIGNATURE_V1));
    const foreign = encodeSignatureEvidence(await signStatement(stranger, lie, SIGNATURE_V1));
    const outputs = { output: hexlify(other), statement: { ...good.statement, outputHash: keccak256(other) } };
    for (const [change, code] of [
      // The node's own signature, of an answer that the hub never accepted.
      [{ ...outputs, evidence: [signed] }, "ASY-TASK-011"],
      [{ ...outputs, evidence: [foreign] }, "ASY-TASK-011"],
      [{ statement: { ...good.statement, version: UNKNOWN } }, "ASY-TASK-011"],
      [{ evidence: [] }, "ASY-RECEIPT-003"],
      [{ chainId: "1" }, "ASY-OPERATOR-005"],
      [{ statement: { ...good.statement, requestId: UNKNOWN } }, "ASY-TASK-009"],
    ] as const) {
      await writeFile(file("bad.json"), JSON.stringify({ ...good, ...change }));
      const error = await fail(world.hre, ["infer", "verify"], { ...world.common, receipt: file("bad.json") });
      expect(error.code, `${JSON.stringify(change).slice(0, 80)}: ${error.message}`).to.equal(code);
    }
    const none = await fail(world.hre, ["infer", "verify"], { ...world.common, receipt: file("absent.json") });
    expect(none).to.include({ code: "ASY-TASK-003" });
    expect(none.message).to.contain("--id");
  });

  it("judges by the state of the answer's block: a node that left since still counts", async () => {
    const { id } = await ask();
    const request = await requestOf(id);
    const [, ...rest] = await answerTo(request);
    await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
    const snapshot = await world.send("evm_snapshot");
    await succeed(world.hre, ["node", "exit"], { deployment, keyFile: file("node.key") });
    expect((await verify(id)).holds).to.equal(true);
    await world.send("evm_revert", snapshot);
  });

  it("does not hold evidence of strangers for good, even where a hub took it", async () => {
    const { ethers } = await world.hre.network.getOrCreate();
    const { modelRegistry, nodeRegistry } = world.contracts;
    const [owner] = await ethers.getSigners();
    // Says yes to whatever comes under the selector of signatures.
    const careless = await ethers.deployContract("MoodyAdapter", [SIGNATURE_V1]);
    const other = await ethers.deployContract("InferenceHub", [
      owner!.address,
      modelRegistry,
      nodeRegistry,
      0,
      ZERO_ADDRESS,
      [await careless.getAddress()],
    ]);
    const elsewhere = { ...world.common, hub: await other.getAddress() };
    const asked = { ...elsewhere, versionId, input: HELD_OUT, index: "3" };
    const { id } = await succeed(world.hre, ["infer", "request"], asked);
    const client = new HubClient(elsewhere.hub, owner!);
    const [found] = await client.requests(0, await ethers.provider.getBlockNumber());
    const statement = statementOf(await client.domain(), found!.request, output, PAYEE);
    const forged = encodeSignatureEvidence(await signStatement(Wallet.createRandom(), statement, SIGNATURE_V1));
    await client.fulfil(found!.request, output, PAYEE, [forged]);
    const error = await fail(world.hre, ["infer", "verify"], { ...elsewhere, id });
    expect(error.code).to.equal("ASY-TASK-011");
    expect(error.message).to.contain("SIGNATURE: nothing-to-trust");
  });

  it("gives an expired payment back, and pays it out", async () => {
    const { id } = await ask({ deadline: "5m", account: "6" });
    const early = await fail(world.hre, ["infer", "reclaim"], { deployment, id });
    expect(early.code).to.equal("ASY-SDK-002");
    expect(early.message).to.contain("RequestNotExpired");
    await world.travel(301);
    expect((await status(id)).status).to.equal("expired");
    const done = await succeed(world.hre, ["infer", "reclaim"], { deployment, id, account: "6", withdraw: true });
    expect([done.amount, done.withdrawn]).to.deep.equal([`${parseEther("0.01")}`, `${parseEther("0.01")}`]);
    expect((await status(id)).status).to.equal("reclaimed");
    const again = await fail(world.hre, ["infer", "reclaim"], { deployment, id });
    expect(again).to.include({ code: "ASY-TASK-009" });
    expect(again.message).to.contain("was reclaimed already");
  });

  it("says that there is nothing to reclaim of an answered request", async () => {
    for (const storeResult of [false, true]) {
      const { id } = await ask({ storeResult });
      const request = await requestOf(id);
      const [, ...rest] = await answerTo(request);
      await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
      const error = await fail(world.hre, ["infer", "reclaim"], { deployment, id });
      expect(error).to.include({ code: "ASY-TASK-009" });
      expect(error.message).to.contain("was answered already").and.contain(PAYEE);
    }
  });

  it("stops waiting on a chain that makes no block", async () => {
    const snapshot = await world.send("evm_snapshot");
    await world.send("evm_setAutomine", true);
    const { id, blockNumber } = await ask({ deadline: "60s" });
    const request = await requestOf(id);
    const looks: number[] = [];
    const short = {
      ...request,
      deadline: BigInt((await world.send("eth_getBlockByNumber", "latest", false)).timestamp),
    };
    const onLook = (left: number): void => void looks.push(left);
    const options = { pollMs: 100, graceSeconds: 1, onLook };
    expect(await followRequest(hub, { id, blockNumber, request: short }, options)).to.deep.equal({ status: "expired" });
    expect(looks.length).to.be.greaterThan(5);
    expect((await status(id)).status, "by the chain's clock it still waits").to.equal("pending");
    await world.send("evm_revert", snapshot);
  });

  it("counts the deadline from now, not from a newest block that is old", async () => {
    const { ethers } = await world.hre.network.getOrCreate();
    await world.send("evm_increaseTime", 3_600);
    const { deadline } = await ask({ deadline: "10m" });
    const { timestamp } = (await ethers.provider.getBlock("latest"))!;
    expect(deadline - timestamp).to.be.within(590, 600);
  });

  it("says the time in words in the status", async () => {
    const { id, deadline } = await ask();
    const iso = new Date(deadline * 1_000).toISOString().replace(".000Z", "Z");
    expect((await status(id)).waitsFor).to.contain(`evidence, until ${iso};`);
  });

  it("pays in a token, and allows the hub to take it", async () => {
    const { ethers } = await world.hre.network.getOrCreate();
    const token = await ethers.deployContract("MintableToken");
    const address = await token.getAddress();
    const [owner] = await ethers.getSigners();
    await (await token.getFunction("mint")(owner!.address, 10n ** 21n)).wait();
    const free = { ...world.common, dir: world.model, name: "free" };
    const { versionId: other } = await succeed(world.hre, ["model", "publish"], free);
    const asked = await ask({ versionId: other, token: address, amount: "2.5" });
    expect(asked).to.include({ token: address, amount: `${parseEther("2.5")}` });
    expect(await token.getFunction("balanceOf")(world.contracts.hub)).to.equal(parseEther("2.5"));
    const none = await refuse({ token: PAYEE, amount: "1" });
    expect(none).to.include({ code: "ASY-TASK-009" });
    const unpriced = await refuse({ token: address, amount: "1" });
    expect(unpriced.message).to.contain("PriceNotMet");
  });

  it("carries a callback", async () => {
    const { id } = await ask({ callback: PAYEE, callbackGas: "60000" });
    expect((await requestOf(id)).callback).to.include({ target: PAYEE, gas: 60_000n, storeResult: false });
    const plain = await ask({ callback: PAYEE });
    expect((await requestOf(plain.id)).callback.gas).to.equal(200_000n);
  });

  it("refuses options that cannot be used, before anything is sent", async () => {
    const before = await world.send("eth_blockNumber");
    await writeFile(file("short.json"), "[1, 2]");
    await writeFile(file("large.json"), JSON.stringify(Array.from({ length: 64 }, () => 99)));
    await writeFile(file("text.json"), "hello");
    for (const [args, code, words] of [
      [{ versionId: undefined }, "ASY-TASK-001", "--version-id"],
      [{ versionId: UNKNOWN }, "ASY-TASK-009", "model list"],
      [{ versionId: "1.0" }, "ASY-TASK-002", "--version-id"],
      [{ input: undefined }, "ASY-TASK-001", "--input"],
      [{ input: file("absent.json") }, "ASY-TASK-003", "absent.json"],
      [{ input: file("text.json"), index: undefined }, "ASY-TASK-004", "not JSON"],
      [{ input: file("short.json"), index: undefined }, "ASY-TASK-004", "takes 64"],
      [{ input: file("large.json"), index: undefined }, "ASY-TENSOR-009", "99"],
      [{ index: "100000" }, "ASY-TASK-002", "--index"],
      [{ kinds: "oracle" }, "ASY-TASK-002", "--kinds"],
      [{ kinds: "tee" }, "ASY-TASK-001", "--policy"],
      [{ policy: ZERO_HASH }, "ASY-TASK-002", "--policy"],
      [{ kinds: "tee", policy: UNKNOWN }, "ASY-TASK-009", `No policy has the id ${UNKNOWN}`],
      [
        { kinds: "zkml" },
        "ASY-TASK-002",
        `--kinds is "zkml"; give only what version ${versionId} accepts: signature, tee`,
      ],
      [{ amount: "1000000" }, "ASY-TASK-002", "--amount is 1000000.0 ETH, and account 0x"],
      [{ amount: "a lot" }, "ASY-TASK-002", "--amount"],
      [{ amount: `${2n ** 96n}` }, "ASY-TASK-002", "--amount"],
      [{ deadline: "8d" }, "ASY-TASK-002", "--deadline"],
      [{ deadline: "soon" }, "ASY-TASK-002", "--deadline"],
      [{ callbackGas: "1" }, "ASY-TASK-001", "--callback"],
      [{ callback: PAYEE, callbackGas: "5000001" }, "ASY-TASK-002", "--callback-gas"],
      [{ callback: "here" }, "ASY-TASK-002", "--callback"],
      [{ token: "ETH" }, "ASY-TASK-002", "--token"],
      [{ blobs: file("empty") }, "ASY-BLOB-001", "Blob 0x"],
    ] as const) {
      const error = await refuse({ amount: "0.01", ...args });
      expect([error.code, error.message.includes(words)], `${JSON.stringify(args)}: ${error.message}`).to.deep.equal([
        code,
        true,
      ]);
    }
    expect(await world.send("eth_blockNumber")).to.equal(before);
  });

  it("passes on what the hub refuses, in words", async () => {
    const error = await refuse({ amount: "0.0001" });
    expect([error.code, error.message.includes("PriceNotMet")], error.message).to.deep.equal(["ASY-SDK-002", true]);
    // All that there is: the gas comes on top.
    const { ethers } = await world.hre.network.getOrCreate();
    const [owner] = await ethers.getSigners();
    const all = formatEther(await ethers.provider.getBalance(owner!.address));
    const poor = await refuse({ amount: all });
    expect(poor).to.include({ code: "ASY-SDK-004", retryable: false });
    expect(poor.message).to.contain("cannot pay its value and gas").and.contain("Fund the account or send less");
  });

  it("refuses a manifest that was changed", async () => {
    const blobs = file("changed-blobs");
    await cp(world.common.blobs, blobs, { recursive: true });
    const shown = await succeed(world.hre, ["model", "show"], { ...world.common, versionId });
    const place = join(blobs, "sha256", shown.manifestDigest.slice(2));
    await writeFile(place, (await readFile(place, "utf8")).replace('"scale":1', '"scale":2'));
    const error = await refuse({ blobs });
    expect(error.code).to.match(/^ASY-BLOB-/);
    expect(error.message).to.contain("changed");
    await rm(blobs, { recursive: true });
  });

  it("says that a request is unknown, or not answered", async () => {
    for (const task of ["status", "verify", "reclaim"]) {
      const error = await fail(world.hre, ["infer", task], { deployment, id: UNKNOWN });
      expect(error.code).to.equal("ASY-TASK-009");
      expect(error.message).to.contain("--from-block");
      expect((await fail(world.hre, ["infer", task], { deployment, id: "7" })).code).to.equal("ASY-TASK-002");
      expect((await fail(world.hre, ["infer", task], { deployment })).code).to.equal("ASY-TASK-001");
    }
    const { id } = await ask();
    expect((await fail(world.hre, ["infer", "verify"], { ...world.common, id })).message).to.contain("infer status");
    const late = await fail(world.hre, ["infer", "status"], { ...world.common, id, fromBlock: "1000000" });
    expect(late.code).to.equal("ASY-TASK-009");
  });

  it("shows an answer whose manifest is not at hand as whole numbers", async () => {
    const { id } = await ask();
    const request = await requestOf(id);
    const [, ...rest] = await answerTo(request);
    await hub.fulfil(request, ...(rest as [Uint8Array, string, string[]]));
    const found = await succeed(world.hre, ["infer", "status"], { deployment, id, blobs: file("empty") });
    expect(found.answer.integers).to.deep.equal(["8"]);
    expect(found.answer).not.to.have.property("values");
    expect(getBytes(found.answer.output)).to.deep.equal(output);
  });

  it("cannot verify an answer that came through another contract, and says so", async () => {
    // Passes its calldata on to the hub.
    const relay = Wallet.createRandom().address;
    const code = `0x365f5f375f5f365f5f73${world.contracts.hub.slice(2)}5af100`;
    await world.send("hardhat_setCode", relay, code);
    const { ethers } = await world.hre.network.getOrCreate();
    const [sender] = await ethers.getSigners();
    const { id } = await ask();
    const data = hub.contract.interface.encodeFunctionData("fulfil", await answerTo(await requestOf(id)));
    await (await sender!.sendTransaction({ to: relay, data })).wait();
    expect((await status(id)).status).to.equal("fulfilled");
    const error = await fail(world.hre, ["infer", "verify"], { ...world.common, id });
    expect(error.code).to.equal("ASY-OPERATOR-006");
    expect(error.message).to.contain("through another contract");
  });
});
