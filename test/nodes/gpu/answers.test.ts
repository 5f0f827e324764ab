import { expect } from "chai";
import pino from "pino";

import { interpret } from "../../../compiler/src/index.ts";
import { openOnnxSession, type OpenSession } from "../../../nodes/gpu/index.ts";
import { DirectoryBlobStore } from "../../../nodes/shared/index.ts";
import { decodeTensor, encodeManifest, SIGNATURE_V1, TEE_V1, ZERO_HASH } from "../../../sdk/src/index.ts";
import { compileDigits, heldOut } from "../../support/digits.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

/** Output that the hub accepted for a request. */
export async function acceptedOutput(world: World, id: string): Promise<bigint[]> {
  const [event] = await world.client.contract.queryFilter(world.client.contract.filters["Fulfilled"]!(id));
  const output = (event as unknown as { args: { output: string } }).args.output;
  return decodeTensor(Buffer.from(output.slice(2), "hex")).data.map(BigInt);
}

describe("a GPU node", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    world = await createWorld();
    await world.registerNode(KEYS.node1);
  });
  after(async () => await world?.close());

  it("answers requests made before and after it started, with signature and enclave evidence", async () => {
    const payee = addressOf(KEYS.node1);
    const before = await world.credit(payee);
    const first = await world.request({ image: 1 });
    const node = makeNode(nodeConfig(world, { kinds: ["SIGNATURE", "TEE"], enclave: { policy: world.policy } }), {
      enclave: world.enclave,
    });
    await node.start();
    try {
      const second = await world.request({ image: 2, proofs: [TEE_V1], enclavePolicy: world.policy });
      const third = await world.request({ image: 3, proofs: [SIGNATURE_V1, TEE_V1], enclavePolicy: world.policy });
      const ids = [first, second, third].map(({ id }) => id);
      await until("three answers", async () => (await world.credit(payee)) === before + 3n * PAYMENT);
      for (const [place, id] of ids.entries()) {
        const { output } = interpret(compileDigits().graph, heldOut[place + 1]!.pixels);
        expect(await acceptedOutput(world, id)).to.deep.equal(output.map(BigInt));
      }
      await world.chain.send("hardhat_mine", "0x3");
      await until("finality", async () => (await node.stats()).requests.final === 3);
      const stats = await node.stats();
      expect(stats.providers).to.deep.equal({ [world.version]: "cpu" });
      expect(node.health().ok).to.equal(true);
      expect(await node.metrics()).to.match(/assay_node_requests_finished_total\{state="final"\} 3/);
    } finally {
      await node.stop();
    }
  });

  it("declines what it cannot answer, and says why", async () => {
    const node = makeNode(
      nodeConfig(world, { limits: { minPayment: { [`0x${"0".repeat(40)}`]: 5n }, minSecondsLeft: 30 } }),
    );
    await node.start();
    try {
      await world.request({ proofs: [TEE_V1], enclavePolicy: world.policy });
      await world.request({ amount: 4n });
      await world.request({ seconds: 20 });
      await world.request({ paramsHash: `0x${"11".repeat(32)}` });
      await world.request({ input: Uint8Array.of(1, 2, 3) });
      const bad = Uint8Array.from([1, 2, 0, 0, 0, 1, 0, 0, 0, 64, ...Array<number>(64).fill(255)]);
      await world.request({ input: bad });
      await until("all declined", async () => ((await node.stats()).requests.declined ?? 0) >= 6);
      const text = await node.metrics();
      for (const reason of ["proof-not-served", "payment-too-small", "deadline-too-near", "params-not-supported"]) {
        expect(text).to.contain(`assay_node_requests_skipped_total{reason="${reason}"}`);
      }
      expect(text).to.match(/requests_skipped_total\{reason="input-invalid"\} 2/);
      expect(ZERO_HASH).to.have.length(66);
    } finally {
      await node.stop();
    }
  });
});

describe("a GPU node whose enclave policy is not the model owner's", function () {
  this.timeout(120_000);

  it("says so once for each model, and answers what requesters name", async () => {
    const world = await createWorld();
    try {
      await world.registerNode(KEYS.node1);
      const blobs = new DirectoryBlobStore(world.model.folder);
      const registry = (await world.enclaves.getAddress()).toLowerCase();
      const named = { chainId: "31337", registry, policy: `0x${"77".repeat(32)}` };
      const own = { ...named, policy: world.policy };
      const modelId: string = await world.models.modelIdOf!(addressOf(KEYS.owner), ZERO_HASH);
      const publish = async (minor: number, ...enclavePolicies: (typeof named)[]): Promise<string> => {
        const manifestDigest = await blobs.put(encodeManifest({ ...world.model.manifest, enclavePolicies }));
        const { spec } = await world.models.versionOf!(world.version);
        await (await world.models.publishVersion!(modelId, { ...spec.toObject(), minor, manifestDigest })).wait();
        return await world.models.versionIdOf!(modelId, 1, minor);
      };
      const other = await publish(1, named);
      const versions = [
        world.version,
        other,
        await publish(2, named, own),
        await publish(3, { ...named, chainId: "10" }),
      ];
      const lines: string[] = [];
      const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
      const config = nodeConfig(world, { kinds: ["SIGNATURE", "TEE"], enclave: { policy: world.policy } });
      const node = makeNode(config, { enclave: world.enclave, logger });
      await node.start();
      try {
        for (const version of [...versions, other])
          await world.request({ version, proofs: [TEE_V1], enclavePolicy: world.policy });
        const paid = PAYMENT * 5n;
        await until("the answers", async () => (await world.credit(addressOf(KEYS.node1))) === paid);
      } finally {
        await node.stop();
      }
      const said = lines.filter((line) => line.includes("other enclave policies")).map((line) => JSON.parse(line));
      expect(said).to.have.length(1);
      expect(said[0]).to.deep.include({ version: other, named: [named.policy], served: world.policy });
    } finally {
      await world.close();
    }
  });
});

describe("a GPU node that is stopped", function () {
  this.timeout(120_000);

  it("lets the stage at work end, and goes on from there at the next start", async () => {
    const world = await createWorld();
    try {
      await world.registerNode(KEYS.node1);
      const config = nodeConfig(world);
      let runs = 0;
      const slow: OpenSession = async (...args) => {
        const session = await openOnnxSession(...args);
        const run = async (input: readonly bigint[]): Promise<bigint[]> => {
          // The self-check's runs come first; the request's own run is the one to wait in.
          if (++runs === 12) await new Promise((resolve) => setTimeout(resolve, 500));
          return await session.run(input);
        };
        return { run, close: async () => await session.close() };
      };
      const states: string[] = [];
      const first = makeNode(config, {
        openSession: slow,
        onTransition: ({ to, phase }) => void (phase === "after" && states.push(to)),
      });
      await first.start();
      await world.request();
      await until("the model to run", async () => Promise.resolve(runs === 12));
      await first.stop();
      expect(states).to.deep.equal(["seen", "accepted", "inferred"]);
      expect(await world.credit(addressOf(KEYS.node1))).to.equal(0n);

      const second = makeNode(config);
      await second.start();
      await until("the answer", async () => (await world.credit(addressOf(KEYS.node1))) === PAYMENT);
      await second.stop();
    } finally {
      await world.close();
    }
  });
});
