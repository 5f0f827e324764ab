import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect } from "chai";
import { Transaction } from "ethers";

import type { GpuNodeConfigInput } from "../../../nodes/gpu/index.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { type Proxy, sentTransactions, startProxy } from "../support/proxy.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

const CHILD = new URL("child.ts", import.meta.url).pathname;

/** Runs a node that kills itself at the point named; gives the signal that ended it. */
async function runUntilKilled(config: GpuNodeConfigInput, state: string, phase: string): Promise<string | null> {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(config), state, phase], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const timer = setTimeout(() => child.kill("SIGTERM"), 60_000);
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  clearTimeout(timer);
  return signal;
}

describe("a GPU node that is killed", function () {
  this.timeout(120_000);
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

  const states = ["seen", "accepted", "inferred", "proved", "signed", "broadcast", "mined", "final"];
  for (const state of states) {
    for (const phase of ["before", "after"]) {
      it(`answers once when killed ${phase} "${state}" is written`, async () => {
        const payee = addressOf(KEYS.node1);
        const before = await world.credit(payee);
        const startBlock = await world.chain.provider.getBlockNumber();
        const { id } = await world.request({ image: states.indexOf(state) });
        const config = nodeConfig(world, { rpcUrl: proxy.url, startBlock, confirmations: 1, reorgDepth: 0 });
        proxy.calls.length = 0;
        expect(await runUntilKilled(config, state, phase)).to.equal("SIGKILL");

        const node = makeNode(config);
        await node.start();
        try {
          await until("the answer to be final", async () => (await node.stats()).requests.final === 1, 30_000);
        } finally {
          await node.stop();
        }
        expect(await world.credit(payee)).to.equal(before + PAYMENT);
        const raws = sentTransactions(proxy);
        expect(raws, "distinct transactions").to.have.length(1);
        expect(Transaction.from(raws[0]!).to).to.equal(world.hub);
        const events = await world.client.contract.queryFilter(world.client.contract.filters["Fulfilled"]!(id));
        expect(events).to.have.length(1);
      });
    }
  }
});
