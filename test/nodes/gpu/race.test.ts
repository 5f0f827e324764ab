import { expect } from "chai";

import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { startProxy } from "../support/proxy.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

describe("two GPU nodes and one request", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    world = await createWorld();
    for (const key of [KEYS.node1, KEYS.node2]) await world.registerNode(key);
  });
  after(async () => await world?.close());

  for (const automine of [true, false]) {
    it(`pays exactly one, and the other knows it (${automine ? "instant blocks" : "both in one block"})`, async () => {
      const keys = [KEYS.node1, KEYS.node2];
      const before = await Promise.all(keys.map(async (key) => await world.credit(addressOf(key))));
      const startBlock = await world.chain.provider.getBlockNumber();
      await world.request({ image: automine ? 4 : 5 });
      await world.chain.send("evm_setAutomine", automine);
      const proxies = await Promise.all(keys.map(async () => await startProxy(world.chain.url)));
      const nodes = keys.map((key, place) =>
        makeNode(
          nodeConfig(world, {
            rpcUrl: proxies[place]!.url,
            wallet: { privateKey: key },
            signer: { privateKey: key },
            payee: addressOf(key),
            startBlock,
            reorgDepth: 0,
            bumpAfterMs: 3_600_000,
          }),
        ),
      );
      // What is sent is held back until both have signed, so that neither sees the other's in the pending block.
      for (const proxy of proxies)
        proxy.choose = ({ method }) => (isHeld && method === "eth_sendRawTransaction" ? "drop" : "none");
      let isHeld = !automine;
      await Promise.all(nodes.map((node) => node.start()));
      try {
        if (!automine) {
          const all = async (state: "signed" | "broadcast"): Promise<boolean> => {
            const stats = await Promise.all(nodes.map((node) => node.stats()));
            return stats.every(({ requests }) => requests[state] === 1);
          };
          await until("both to sign", async () => await all("signed"));
          isHeld = false;
          await until("both to send", async () => await all("broadcast"));
          await world.chain.send("evm_setAutomine", true);
        }
        await until("an end for both", async () => {
          await world.chain.send("evm_mine");
          const stats = await Promise.all(nodes.map((node) => node.stats()));
          return stats.every(({ requests }) => (requests.final ?? 0) + (requests.doneByOther ?? 0) === 1);
        });
        const stats = await Promise.all(nodes.map((node) => node.stats()));
        expect(stats.map(({ requests }) => requests.final ?? 0).toSorted()).to.deep.equal([0, 1]);
        expect(stats.map(({ requests }) => requests.doneByOther ?? 0).toSorted()).to.deep.equal([0, 1]);
        const after = await Promise.all(keys.map(async (key) => await world.credit(addressOf(key))));
        const gains = after.map((credit, place) => credit - before[place]!);
        expect(gains.toSorted((a, b) => Number(a - b))).to.deep.equal([0n, PAYMENT]);
        const winner = stats.findIndex(({ requests }) => requests.final === 1);
        expect(gains[winner]).to.equal(PAYMENT);
      } finally {
        await Promise.all(nodes.map((node) => node.stop()));
        await Promise.all(proxies.map((proxy) => proxy.close()));
        await world.chain.send("evm_setAutomine", true);
      }
    });
  }
});
