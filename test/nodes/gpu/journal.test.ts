import { spawnSync } from "node:child_process";

import { expect } from "chai";

import { Journal } from "../../../nodes/gpu/journal/journal.ts";
import type { JournalTransaction, Transition } from "../../../nodes/gpu/journal/types.ts";
import { newJournal } from "../support/nodes.ts";

const HUB = `0x${"22".repeat(20)}`;
const id = (number: number): string => `0x${number.toString(16).padStart(64, "0")}`;
const seen = (number: number) => ({
  id: id(number),
  packed: { version: id(1) },
  input: Uint8Array.of(number),
  blockNumber: number,
  blockHash: id(100 + number),
});
const signed = (number: number, nonce: number): JournalTransaction => ({
  hash: id(1000 + nonce),
  requestId: id(number),
  sender: HUB,
  nonce,
  raw: "0x02",
  purpose: "fulfil",
  maxFee: 10n ** 18n,
  tip: 3n,
  state: "signed",
  createdAt: 5,
});

describe("Journal", () => {
  const open = (path: string, observer?: (transition: Transition) => void, now?: () => number): Journal =>
    new Journal({ path, chainId: 31_337n, hub: HUB, ...(observer && { observer }), ...(now && { now }) });

  it("keeps everything through a restart", () => {
    const path = newJournal();
    const first = open(path);
    expect(first.cursor()).to.equal(undefined);
    expect(first.recordRange(8, [seen(1), seen(2)])).to.deep.equal([id(1), id(2)]);
    first.advance(id(1), "seen", "accepted");
    first.advance(id(1), "accepted", "inferred", { output: Uint8Array.of(9) });
    first.advance(id(1), "inferred", "proved", { evidence: ["0x01", "0x02"] });
    first.sign(id(1), "proved", signed(1, 7));
    first.close();
    const second = open(path);
    expect(second.cursor()).to.equal(8);
    const entry = second.get(id(1))!;
    expect(entry.state).to.equal("signed");
    expect([...entry.input, ...entry.output!]).to.deep.equal([1, 9]);
    expect(entry.evidence).to.deep.equal(["0x01", "0x02"]);
    expect(second.transactionsOf(id(1))).to.deep.equal([signed(1, 7)]);
    expect(second.highestNonce(HUB)).to.equal(7);
    expect(second.counts()).to.deep.equal({ seen: 1, signed: 1 });
    second.close();
  });

  it("records a request once, whatever is scanned again", () => {
    const journal = open(":memory:");
    journal.recordRange(3, [seen(1)]);
    journal.advance(id(1), "seen", "accepted");
    expect(journal.recordRange(4, [seen(1), seen(2), seen(2)])).to.deep.equal([id(2)]);
    expect(journal.get(id(1))!.state).to.equal("accepted");
    journal.close();
  });

  it("refuses a step from a state the request is not in, and keeps nothing of it", () => {
    const journal = open(":memory:");
    journal.recordRange(3, [seen(1)]);
    expect(() => journal.advance(id(1), "proved", "signed"))
      .to.throw()
      .with.property("code", "ASY-JOURNAL-003");
    expect(() => journal.sign(id(1), "proved", signed(1, 1)))
      .to.throw()
      .with.property("code", "ASY-JOURNAL-003");
    expect(journal.transactionsOf(id(1))).to.deep.equal([]);
    journal.close();
  });

  it("writes nothing of a range when one part fails", () => {
    const journal = open(":memory:", ({ id: at, phase }) => {
      if (at === id(2) && phase === "before") throw new Error("stop");
    });
    expect(() => journal.recordRange(9, [seen(1), seen(2)])).to.throw("stop");
    expect(journal.cursor()).to.equal(undefined);
    expect(journal.counts()).to.deep.equal({});
    journal.close();
  });

  it("gives what is due, the longest waiting first, and not what is postponed", () => {
    let now = 1_000;
    const journal = open(":memory:", undefined, () => now);
    journal.recordRange(3, [seen(1), seen(2), seen(3)]);
    journal.postpone(id(1), "ASY-RPC-001", "x", 2_000);
    expect(journal.due(["seen"], 10).map((entry) => entry.id)).to.deep.equal([id(2), id(3)]);
    expect(journal.due(["seen"], 1)).to.have.length(1);
    now = 2_000;
    const [, , last] = journal.due(["seen"], 10);
    expect([last!.id, last!.failures, last!.reason]).to.deep.equal([id(1), 1, "ASY-RPC-001"]);
    journal.advance(id(1), "seen", "accepted");
    expect(journal.get(id(1))!.failures).to.equal(0);
    journal.close();
  });

  it("does not count a nonce that somebody else used", () => {
    const journal = open(":memory:");
    journal.recordRange(3, [seen(1)]);
    journal.addTransaction(signed(1, 7));
    journal.addTransaction(signed(1, 4));
    journal.markTransaction(signed(1, 7).hash, "dropped");
    expect(journal.highestNonce(HUB.toUpperCase().replace("X", "x"))).to.equal(4);
    journal.close();
  });

  it("belongs to one process", () => {
    const path = newJournal();
    const journal = open(path);
    const module = new URL("../../../nodes/gpu/journal/journal.ts", import.meta.url).href;
    const program = `
      const { Journal } = await import(${JSON.stringify(module)});
      try { new Journal({ path: ${JSON.stringify(path)}, chainId: 31337n, hub: ${JSON.stringify(HUB)} }); }
      catch (error) { process.stdout.write(error.code); }`;
    const other = (): string =>
      spawnSync(process.execPath, ["--input-type=module", "-e", program], {
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
      }).stdout;
    expect(other()).to.equal("ASY-JOURNAL-001");
    journal.close();
    expect(other()).to.equal("");
  }).timeout(30_000);

  it("belongs to one chain and hub", () => {
    const path = newJournal();
    open(path).close();
    expect(() => new Journal({ path, chainId: 1n, hub: HUB }))
      .to.throw()
      .with.property("code", "ASY-JOURNAL-002");
  });
});
