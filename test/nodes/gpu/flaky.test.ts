import { expect } from "chai";

import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { type Mischief, type Proxy, sentTransactions, startProxy } from "../support/proxy.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

const MISCHIEF: readonly Mischief[] = ["drop", "garbage", "cut", "limit", "late-drop", "wrong-id", "error-500"];

describe("a GPU node behind an endpoint that misbehaves", function () {
  this.timeout(180_000);
  let world: World;
  let proxy: Proxy;
  before(async () => {
    world = await createWorld();
    await world.registerNode(KEYS.node1);
    proxy = await startProxy(world.chain.url);
  });
  after(async () => {
    await proxy?.close();
    await world?.close();
  });

  it("answers every request once while every third call fails in one of seven ways", async () => {
    const payee = addressOf(KEYS.node1);
    const before = await world.credit(payee);
    const node = makeNode(nodeConfig(world, { rpcUrl: proxy.url, rpcTimeoutMs: 2_000 }));
    proxy.choose = ({ method }, number) => {
      if (method === "eth_chainId" || number % 3 !== 0) return "none";
      return MISCHIEF[Math.floor(number / 3) % MISCHIEF.length]!;
    };
    await node.start();
    try {
      const ids: string[] = [];
      for (let image = 0; image < 6; image++) ids.push((await world.request({ image })).id);
      await until("six answers", async () => (await world.credit(payee)) === before + 6n * PAYMENT, 90_000);
      await world.chain.send("hardhat_mine", "0x3");
      await until("finality", async () => (await node.stats()).requests.final === 6, 60_000);
      for (const id of ids) {
        const events = await world.client.contract.queryFilter(world.client.contract.filters["Fulfilled"]!(id));
        expect(events).to.have.length(1);
      }
      expect(sentTransactions(proxy)).to.have.length(6);
      for (const mischief of MISCHIEF) expect(proxy.done.get(mischief), mischief).to.be.greaterThan(0);
      expect(await node.metrics()).to.match(/assay_node_rpc_retries_total\{code="ASY-RPC-003"\} [1-9]/);
    } finally {
      await node.stop();
    }
  });

  it("misses no request while the endpoint is dead for a while", async () => {
    const payee = addressOf(KEYS.node1);
    const before = await world.credit(payee);
    const node = makeNode(
      nodeConfig(world, { rpcUrl: proxy.url, startBlock: await world.chain.provider.getBlockNumber() }),
    );
    proxy.choose = () => "none";
    await node.start();
    try {
      proxy.choose = () => "drop";
      await world.request({ image: 7 });
      await world.request({ image: 8 });
      const { length } = proxy.calls;
      await until("failed attempts", async () => proxy.calls.length > length + 5);
      expect(await world.credit(payee)).to.equal(before);
      proxy.choose = () => "none";
      await until("two answers", async () => (await world.credit(payee)) === before + 2n * PAYMENT, 60_000);
    } finally {
      await node.stop();
    }
  });

  it("does not start on another chain or another contract", async () => {
    const refuse = async (overrides: object, code: string): Promise<void> => {
      const node = makeNode(nodeConfig(world, overrides));
      const error = await node.start().then(
        () => undefined,
        (reason: unknown) => reason as { code: string },
      );
      await node.stop();
      expect(error?.code).to.equal(code);
    };
    await refuse({ chainId: 1 }, "ASY-RPC-005");
    await refuse({ hub: await world.models.getAddress() }, "ASY-NODE-004");
  });
});
