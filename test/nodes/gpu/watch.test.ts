import { expect } from "chai";
import { hexlify, Interface, keccak256 } from "ethers";
import pino from "pino";

import { Hub } from "../../../nodes/gpu/hub/hub.ts";
import { Journal } from "../../../nodes/gpu/journal/journal.ts";
import { NodeMetrics } from "../../../nodes/gpu/metrics.ts";
import { HeadTracker } from "../../../nodes/gpu/supervise/head.ts";
import { WatchService } from "../../../nodes/gpu/watch/service.ts";
import { Chain, RpcRefusedError } from "../../../nodes/shared/index.ts";
import {
  INFERENCE_HUB_ABI,
  packRequest,
  type Request,
  requestId,
  SIGNATURE_V1,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../../sdk/src/index.ts";

const HUB = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const CHAIN_ID = 31_337n;
const hubInterface = new Interface(INFERENCE_HUB_ABI);
const hash = (number: number): string => `0x${number.toString(16).padStart(64, "0")}`;
const hex = (number: number): string => `0x${number.toString(16)}`;

interface RawLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  transactionHash: string;
  logIndex: string;
}

/** A `Requested` log as a node gives it. */
function requestedLog(block: number, salt = 0n, input = Uint8Array.of(1, 2, 3)): RawLog {
  const request: Request = {
    version: hash(1),
    inputHash: keccak256(input),
    paramsHash: ZERO_HASH,
    proofs: [SIGNATURE_V1],
    enclavePolicy: ZERO_HASH,
    token: ZERO_ADDRESS,
    amount: 7n,
    callback: { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false },
    deadline: 2_000n,
    requester: HUB,
    createdAt: 1_000n,
    salt,
  };
  const { version, paramsHash, proofs, enclavePolicy, payment, callback, ticket } = packRequest(request);
  const id = requestId(HUB, CHAIN_ID, request);
  const fields = [id, HUB, version, paramsHash, proofs, enclavePolicy, payment, callback, ticket, hexlify(input)];
  const { topics, data } = hubInterface.encodeEventLog("Requested", fields);
  return {
    address: HUB.toLowerCase(),
    topics,
    data,
    blockNumber: hex(block),
    blockHash: hash(block),
    transactionHash: hash(5_000 + block),
    logIndex: "0x0",
  };
}

/** A chain of empty blocks with logs, and the ranges it was asked for. */
class FakeChain {
  head = 100;
  logs: RawLog[] = [];
  readonly ranges: [number, number][] = [];
  /** Most blocks it answers for. */
  most = Infinity;

  request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "eth_getBlockByNumber") {
      return Promise.resolve({ number: hex(this.head), hash: hash(this.head), timestamp: hex(1_001) });
    }
    if (method !== "eth_getLogs") return Promise.reject(new Error(method));
    const filter = params[0] as { fromBlock: string; toBlock: string };
    const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
    this.ranges.push([from, to]);
    if (to - from + 1 > this.most) {
      return Promise.reject(new RpcRefusedError(method, -32_602, "range too wide", undefined, false));
    }
    return Promise.resolve(
      this.logs.filter(({ blockNumber }) => Number(blockNumber) >= from && Number(blockNumber) <= to),
    );
  }
}

describe("WatchService", () => {
  const { signal } = new AbortController();
  let fake: FakeChain;
  let journal: Journal;
  let metrics: NodeMetrics;
  beforeEach(() => {
    fake = new FakeChain();
    journal = new Journal({ path: ":memory:", chainId: CHAIN_ID, hub: HUB });
    metrics = new NodeMetrics();
  });
  afterEach(() => journal.close());

  const watcher = (
    options: { startBlock?: number; reorgDepth?: number; maxBlockRange?: number } = {},
  ): WatchService => {
    const chain = new Chain(fake);
    return new WatchService(
      {
        chain,
        hub: new Hub(chain, HUB, CHAIN_ID),
        journal,
        head: new HeadTracker(),
        log: pino({ level: "silent" }),
        metrics,
        onNews: () => undefined,
      },
      { startBlock: 0, reorgDepth: 10, maxBlockRange: 40, pollMs: 10, ...options },
    );
  };
  const fails = async (watch: WatchService): Promise<{ code?: string }> =>
    await watch.poll(signal).then(
      () => ({}),
      (error: unknown) => error as { code: string },
    );

  it("scans in bounded ranges to the head, and the last blocks again the next time", async () => {
    fake.logs = [requestedLog(3), requestedLog(99, 1n)];
    const watch = watcher();
    await watch.poll(signal);
    expect(fake.ranges).to.deep.equal([
      [0, 39],
      [40, 79],
      [80, 100],
    ]);
    expect(journal.cursor()).to.equal(91);
    expect(journal.counts()).to.deep.equal({ seen: 2 });
    fake.ranges.length = 0;
    fake.head = 105;
    // A reorganisation put another request into a block that was scanned before.
    fake.logs.push(requestedLog(95, 2n));
    await watch.poll(signal);
    expect(fake.ranges).to.deep.equal([[91, 105]]);
    expect(journal.counts()).to.deep.equal({ seen: 3 });
  });

  it("starts at the newest block when nothing else is said, and where it stopped after a restart", async () => {
    const { startBlock: _, ...rest } = { startBlock: 0, reorgDepth: 0 };
    const chain = new Chain(fake);
    const make = (): WatchService =>
      new WatchService(
        {
          chain,
          hub: new Hub(chain, HUB, CHAIN_ID),
          journal,
          head: new HeadTracker(),
          log: pino({ level: "silent" }),
          metrics,
          onNews: () => undefined,
        },
        { startBlock: undefined, maxBlockRange: 40, pollMs: 10, ...rest },
      );
    await make().poll(signal);
    expect(fake.ranges).to.deep.equal([[100, 100]]);
    fake.head = 200;
    fake.ranges.length = 0;
    await make().poll(signal);
    expect(fake.ranges[0]).to.deep.equal([101, 140]);
  });

  for (const most of [1, 3, 7]) {
    it(`asks for less when the endpoint takes ${most} blocks at most, and loses nothing`, async () => {
      fake.most = most;
      fake.logs = [requestedLog(50), requestedLog(100, 1n)];
      await watcher().poll(signal);
      expect(journal.cursor()).to.equal(91);
      expect(journal.counts()).to.deep.equal({ seen: 2 });
    });
  }

  it("keeps what it has scanned when the endpoint fails on the way", async () => {
    const watch = watcher();
    fake.logs = [requestedLog(20)];
    const { request } = fake;
    fake.request = async function (method, params) {
      if (this.ranges.length === 2 && method === "eth_getLogs")
        throw new RpcRefusedError(method, 1, "no", undefined, true);
      return await request.call(this, method, params);
    };
    fake.most = 40;
    await fails(watch);
    expect(journal.cursor()).to.equal(80);
    expect(journal.counts()).to.deep.equal({ seen: 1 });
  });

  const tampered: [string, (log: RawLog) => void][] = [
    ["another input", (log) => (log.data = log.data.replace("010203", "010204"))],
    ["another id", (log) => (log.topics[1] = hash(7))],
    ["another version", (log) => (log.topics[3] = hash(7))],
    ["data cut short", (log) => (log.data = log.data.slice(0, 130))],
    ["data without end", (log) => (log.data = `${log.data}${"00".repeat(70_000)}`)],
    ["another hub", (log) => (log.address = hash(7).slice(0, 42))],
  ];
  for (const [what, change] of tampered) {
    it(`does not believe a log with ${what}, and believes it when it comes right`, async () => {
      const log = requestedLog(20);
      change(log);
      fake.logs = [log];
      const watch = watcher();
      expect((await fails(watch)).code).to.equal("ASY-WATCH-001");
      expect(journal.counts()).to.deep.equal({});
      expect(journal.cursor()).to.equal(undefined);
      fake.logs = [requestedLog(20)];
      await watch.poll(signal);
      expect(journal.counts()).to.deep.equal({ seen: 1 });
    });
  }

  it("leaves a log out that never comes right, so that others are not held up", async () => {
    const bad = requestedLog(20);
    bad.topics[1] = hash(7);
    fake.logs = [bad, requestedLog(21, 3n)];
    const watch = watcher();
    for (let turn = 0; turn < 4; turn++) expect((await fails(watch)).code).to.equal("ASY-WATCH-001");
    await watch.poll(signal);
    expect(journal.counts()).to.deep.equal({ seen: 1 });
    expect(journal.cursor()).to.equal(91);
    expect(await metrics.registry.metrics()).to.contain("assay_node_logs_refused_total 1");
  });
});
