import { expect } from "chai";
import { Transaction } from "ethers";

import type { GpuNode, GpuNodeConfigInput } from "../../../nodes/gpu/index.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { type Proxy, sentTransactions, startProxy } from "../support/proxy.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

const isSend = ({ method }: { method: string }): boolean => method === "eth_sendRawTransaction";

describe("a GPU node whose transaction has a hard time", function () {
  this.timeout(120_000);
  let world: World;
  let proxy: Proxy;
  let node: GpuNode | undefined;
  const payee = addressOf(KEYS.node1);

  before(async () => {
    world = await createWorld();
    for (const key of [KEYS.node1, KEYS.node2]) await world.registerNode(key);
    proxy = await startProxy(world.chain.url);
  });
  beforeEach(() => {
    proxy.calls.length = 0;
    proxy.choose = () => "none";
  });
  afterEach(async () => {
    await node?.stop();
    node = undefined;
    await world.chain.send("evm_setAutomine", true);
    await world.chain.send("evm_mine");
  });
  after(async () => {
    await proxy?.close();
    await world?.close();
  });

  const start = async (overrides: Partial<GpuNodeConfigInput> = {}): Promise<GpuNode> => {
    const startBlock = await world.chain.provider.getBlockNumber();
    node = makeNode(nodeConfig(world, { rpcUrl: proxy.url, startBlock, reorgDepth: 0, ...overrides }));
    await node.start();
    return node;
  };
  const state = async (name: string, of: GpuNode): Promise<boolean> =>
    ((await of.stats()).requests as Record<string, number>)[name] === 1;
  /** Mines a block at every look, until the request is in the state. */
  const reach = async (name: string, of: GpuNode): Promise<void> => {
    await until(name, async () => {
      await world.chain.send("evm_mine");
      return await state(name, of);
    });
  };

  it("raises the fee of one that is stuck, with the same nonce, by an eighth at least", async () => {
    const before = await world.credit(payee);
    await world.request({ image: 1 });
    await world.chain.send("evm_setAutomine", false);
    const running = await start({ bumpAfterMs: 300 });
    await until("two offers", async () => Promise.resolve(sentTransactions(proxy).length >= 2));
    const [first, second] = sentTransactions(proxy).map((raw) => Transaction.from(raw));
    if (first === undefined || second === undefined) throw new Error("not sent");
    expect(second.nonce).to.equal(first.nonce);
    expect(second.data).to.equal(first.data);
    expect(second.maxFeePerGas! * 8n >= first.maxFeePerGas! * 9n).to.equal(true);
    expect(second.maxPriorityFeePerGas! * 8n >= first.maxPriorityFeePerGas! * 9n).to.equal(true);
    await reach("final", running);
    expect(await world.credit(payee)).to.equal(before + PAYMENT);
  });

  it("sends the same bytes again when a reorganisation drops the block", async () => {
    const before = await world.credit(payee);
    const answered = async (): Promise<boolean> => (await world.credit(payee)) === before + PAYMENT;
    await world.request({ image: 2 });
    const snapshot = await world.chain.send("evm_snapshot");
    const running = await start({ confirmations: 6 });
    await until("mined", async () => await state("mined", running));
    expect(await answered()).to.equal(true);
    await world.chain.send("evm_revert", snapshot);
    expect(await answered()).to.equal(false);
    await reach("final", running);
    expect(await answered()).to.equal(true);
    expect(sentTransactions(proxy)).to.have.length(1);
    expect(await running.metrics()).to.match(/assay_node_reorganised_total [1-9]/);
  });

  it("uses up its nonce at little cost when another node was faster", async () => {
    const before = await world.credit(payee);
    const running = await start({ bumpAfterMs: 300 });
    proxy.choose = (call) => (isSend(call) ? "swallow" : "none");
    await world.request({ image: 3 });
    await until("broadcast", async () => await state("broadcast", running));
    const other = makeNode(
      nodeConfig(world, {
        wallet: { privateKey: KEYS.node2 },
        signer: { privateKey: KEYS.node2 },
        payee: addressOf(KEYS.node2),
        startBlock: await world.chain.provider.getBlockNumber(),
        reorgDepth: 2,
      }),
    );
    const otherBefore = await world.credit(addressOf(KEYS.node2));
    await other.start();
    await until(
      "the other's answer",
      async () => (await world.credit(addressOf(KEYS.node2))) === otherBefore + PAYMENT,
    );
    await other.stop();
    await until("a cancellation", async () =>
      Promise.resolve(sentTransactions(proxy).some((raw) => Transaction.from(raw).data === "0x")),
    );
    proxy.choose = () => "none";
    await reach("doneByOther", running);
    const transactions = sentTransactions(proxy).map((raw) => Transaction.from(raw));
    expect(new Set(transactions.map(({ nonce }) => nonce)).size).to.equal(1);
    expect(transactions.at(-1)!.to).to.equal(payee);
    expect(await world.credit(payee)).to.equal(before);
  });

  it("takes another nonce when another program used its own", async () => {
    const before = await world.credit(payee);
    const running = await start();
    proxy.choose = (call) => (isSend(call) ? "swallow" : "none");
    await world.request({ image: 4 });
    await until("broadcast", async () => await state("broadcast", running));
    const nonce = Transaction.from(sentTransactions(proxy)[0]!).nonce;
    const thief = world.chain.signer(KEYS.node1);
    thief.reset();
    await (await thief.sendTransaction({ to: payee, value: 0n, nonce })).wait();
    proxy.choose = () => "none";
    await reach("final", running);
    const nonces = sentTransactions(proxy).map((raw) => Transaction.from(raw).nonce);
    expect(new Set(nonces)).to.deep.equal(new Set([nonce, nonce + 1]));
    expect(await world.credit(payee)).to.equal(before + PAYMENT);
    expect(await running.metrics()).to.contain('assay_node_transactions_total{event="dropped"} 1');
  });

  it("waits while gas is too dear, and gives up at the deadline without having sent anything", async () => {
    const running = await start({ limits: { maxFeePerGas: 1n } });
    await world.request({ image: 5, seconds: 600 });
    await until("proved", async () => await state("proved", running));
    await until("a refusal", async () => (await running.metrics()).includes('stage_errors_total{stage="submit"}'));
    await world.chain.send("evm_increaseTime", 601);
    await reach("expired", running);
    expect(sentTransactions(proxy)).to.have.length(0);
  });

  it("answers on its health port", async () => {
    const port = 30_000 + Math.floor(Math.random() * 20_000);
    const running = await start({ metricsPort: port });
    expect((await running.stats()).port).to.equal(port);
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(health.status).to.equal(200);
    expect(await health.json()).to.include({ ok: true, phase: "running" });
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await metrics.text()).to.contain("assay_node_cursor_lag_blocks");
    expect((await fetch(`http://127.0.0.1:${port}/etc/passwd`)).status).to.equal(404);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST" })).status).to.equal(404);
    await running.stop();
    expect(running.health()).to.include({ ok: false, phase: "stopped" });
    const refused = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => "refused");
    expect(refused).to.equal("refused");
  });
});
