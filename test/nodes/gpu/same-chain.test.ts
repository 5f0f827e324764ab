import { expect } from "chai";
import pino from "pino";

import { Journal } from "../../../nodes/gpu/journal/journal.ts";
import { requireSameChain, requireStillSameChain } from "../../../nodes/gpu/journal/same-chain.ts";
import { Chain, HttpRpc, RpcRefusedError } from "../../../nodes/shared/index.ts";
import { KEYS } from "../support/keys.ts";
import { makeNode, newJournal, nodeConfig, until } from "../support/nodes.ts";
import { createWorld, type World } from "../support/world.ts";

const HUB = `0x${"22".repeat(20)}`;
const hash = (number: number): string => `0x${number.toString(16).padStart(64, "0")}`;
const hex = (number: number): string => `0x${number.toString(16)}`;
const seen = { id: hash(9), packed: {}, input: Uint8Array.of(1), blockNumber: 40, blockHash: hash(40) };

/** A chain whose blocks hash to their number and a name. */
class FakeChain {
  head = 50;
  name = 1;
  /** Whether it serves its first block. */
  archive = true;

  request(_method: string, [tag]: readonly unknown[]): Promise<unknown> {
    if (tag === "0x0" && !this.archive) {
      return Promise.reject(new RpcRefusedError("eth_getBlockByNumber", -32_000, "pruned", undefined, false));
    }
    const number = tag === "latest" ? this.head : Number(tag);
    return Promise.resolve({ number: hex(number), hash: hash(1_000 * this.name + number), timestamp: hex(1) });
  }
}

describe("a journal and another chain with its id", () => {
  const { signal } = new AbortController();
  const log = pino({ level: "silent" });
  let fake: FakeChain;
  let path: string;
  let open: Journal[];
  beforeEach(() => {
    [fake, path, open] = [new FakeChain(), newJournal(), []];
  });
  afterEach(() => {
    for (const journal of open) journal.close();
  });

  const check = (chainId: bigint, file = path) => {
    const journal = new Journal({ path: file, chainId, hub: HUB });
    open.push(journal);
    return { chain: new Chain(fake), journal, chainId, reorgDepth: 12, path: file };
  };
  const refused = async (work: Promise<void>): Promise<{ code?: string; message: string }> =>
    await work.then(
      () => ({ message: "" }),
      (error: unknown) => error as { code: string; message: string },
    );

  it("is kept while the chain is the same", async () => {
    const on = check(31_337n);
    await requireSameChain(on, log, signal);
    on.journal.recordRange(39, [seen]);
    fake.head = 60;
    await requireSameChain(on, log, signal);
    await requireStillSameChain(on, true, signal);
    expect([on.journal.cursor(), on.journal.counts()]).to.deep.equal([39, { seen: 1 }]);
  });

  it("starts over on a local chain id, from the first block", async () => {
    const on = check(31_337n);
    await requireSameChain(on, log, signal);
    on.journal.recordRange(39, [seen]);
    fake.name = 2;
    expect(await refused(requireStillSameChain(on, false, signal))).to.include({ code: "ASY-JOURNAL-002" });
    await requireSameChain(on, log, signal);
    expect([on.journal.cursor(), on.journal.counts(), on.journal.anchor()]).to.deep.equal([
      0,
      {},
      { number: 38, hash: hash(2_038) },
    ]);
    await requireStillSameChain(on, true, signal);
  });

  it("starts over where no block that was kept tells, and the head is below what was read", async () => {
    const on = check(1_337n);
    fake.head = 5;
    await requireSameChain(on, log, signal);
    expect(on.journal.anchor()).to.deep.equal({ number: 0, hash: hash(1_000) });
    on.journal.recordRange(51, [seen]);
    fake.head = 50;
    await requireStillSameChain(on, true, signal);
    fake.head = 49;
    await requireSameChain(on, log, signal);
    expect(on.journal.counts()).to.deep.equal({});
  });

  it("is refused elsewhere, with file and remedy, and nothing in it is touched", async () => {
    const on = check(11_155_111n);
    await requireSameChain(on, log, signal);
    on.journal.recordRange(39, [seen]);
    fake.name = 2;
    for (const error of [
      await refused(requireSameChain(on, log, signal)),
      await refused(requireStillSameChain(on, true, signal)),
    ]) {
      expect(error).to.include({ code: "ASY-JOURNAL-002" });
      expect(error.message).to.contain(path).and.contain("--journal").and.contain("delete the file");
    }
    expect([on.journal.cursor(), on.journal.counts()]).to.deep.equal([39, { seen: 1 }]);
  });

  it("is kept elsewhere when an endpoint lags, or does not serve the first block", async () => {
    const on = check(11_155_111n);
    await requireSameChain(on, log, signal);
    on.journal.recordRange(39, [seen]);
    fake.head = 3;
    await requireSameChain(on, log, signal);
    fake.archive = false;
    fake.name = 2;
    await requireSameChain(on, log, signal);
    await requireStillSameChain(on, true, signal);
    expect(on.journal.counts()).to.deep.equal({ seen: 1 });
  });
});

describe("a GPU node whose local chain is started anew", function () {
  this.timeout(120_000);
  const worlds: World[] = [];
  const newWorld = async (): Promise<World> => {
    const world = await createWorld();
    worlds.push(world);
    await world.registerNode(KEYS.node1);
    return world;
  };
  after(async () => {
    for (const world of worlds) await world.close();
  });

  it("answers on the new chain with the old journal, once", async () => {
    const journal = newJournal();
    const [first, second] = [await newWorld(), await newWorld()];
    expect(second.hub).to.equal(first.hub);
    const [asked] = [await first.request(), await first.chain.send("hardhat_mine", "0x80")];
    const before = makeNode(nodeConfig(first, { journal, confirmations: 1 }));
    await before.start();
    await until("the first answer", async () => (await before.stats()).requests.final === 1);
    await before.stop();

    const { id } = await second.request({ salt: 77n });
    expect(id).not.to.equal(asked.id);
    const again = makeNode(nodeConfig(second, { journal, confirmations: 1, startBlock: undefined as never }));
    await again.start();
    try {
      await until("the second answer", async () => (await again.stats()).requests.final === 1);
      const answers = await second.client.contract.queryFilter(second.client.contract.filters["Fulfilled"]!(), 0);
      expect(answers).to.have.length(1);
    } finally {
      await again.stop();
    }
  });

  it("says so and does nothing more when that happens while it runs", async () => {
    const [first, second] = [await newWorld(), await newWorld()];
    // Another chain at the same place between two calls, as long as the first when anybody looks.
    for (const { chain } of [first, second]) await chain.send("hardhat_mine", "0x20");
    let rpc = new HttpRpc(first.chain.url);
    const node = makeNode(nodeConfig(first), { rpc: { request: (...call) => rpc.request(...call) } });
    await node.start();
    try {
      rpc = new HttpRpc(second.chain.url);
      await until("it to notice", () => Promise.resolve(!node.health().ok));
      const error = await node.broken;
      expect(error).to.include({ code: "ASY-JOURNAL-002" });
      expect(error.message).to.contain("start the node again");
      expect(node.health()).to.deep.include({ ok: false, problems: [error.message] });
    } finally {
      await node.stop();
    }
  });
});
