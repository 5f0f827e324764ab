import { expect } from "chai";
import { ZeroHash } from "ethers";
import pino from "pino";

import { createGpuNode, type GpuNodeConfigInput } from "../../../nodes/gpu/index.ts";
import { DevelopmentEnclave } from "../../../nodes/shared/enclave/index.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { nodeConfig } from "../support/nodes.ts";
import { createWorld, type World } from "../support/world.ts";

describe("a GPU node that the chain would refuse", function () {
  this.timeout(120_000);
  let world: World;
  let lines: { level: number; msg: string; [field: string]: unknown }[];
  before(async () => {
    world = await createWorld();
    await world.registerNode(KEYS.node1);
  });
  after(async () => await world?.close());

  /** What starting says; undefined where it starts. */
  const start = async (
    changes: Partial<GpuNodeConfigInput>,
    enclave?: DevelopmentEnclave,
  ): Promise<{ code: string; message: string } | undefined> => {
    lines = [];
    const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const node = createGpuNode(nodeConfig(world, changes), { logger, ...(enclave === undefined ? {} : { enclave }) });
    try {
      await node.start();
    } catch (error) {
      return error as { code: string; message: string };
    } finally {
      await node.stop();
    }
    return undefined;
  };
  const [own, other] = [addressOf(KEYS.node1), addressOf(KEYS.node2)];

  it("does not start with another payee than its own registered one", async () => {
    expect(await start({})).to.equal(undefined);
    const error = await start({ payee: other });
    expect(error?.code).to.equal("ASY-NODE-005");
    for (const words of [`payee is ${other}`, `is registered to pay ${own}`, "correct payee"])
      expect(error?.message).to.contain(words);
    // Without signatures, anybody may be paid.
    expect(await start({ payee: other, kinds: ["ZKML"] })).to.equal(undefined);
  });

  it("does not start with a key of no node, or of one that is leaving", async () => {
    const error = await start({ signer: { privateKey: KEYS.node2 }, payee: other });
    expect(error?.code).to.equal("ASY-NODE-005");
    expect(error?.message).to.contain(`key of ${other}`).and.contain("hardhat node register");
    await world.registerNode(KEYS.node2);
    expect(await start({ signer: { privateKey: KEYS.node2 }, payee: other })).to.equal(undefined);
    const nodes = world.nodes.connect(world.chain.signer(KEYS.node2)) as typeof world.nodes;
    await (await nodes.beginExit!(await nodes.nodeIdOf!(other, other))).wait();
    const leaving = await start({ signer: { privateKey: KEYS.node2 }, payee: other });
    expect(leaving?.code).to.equal("ASY-NODE-005");
    expect(leaving?.message).to.contain("exiting and not active");
  });

  it("does not start with a policy that does not exist", async () => {
    const policy = `0x${"77".repeat(32)}`;
    const error = await start({ kinds: ["TEE"], enclave: { policy } }, world.enclave);
    expect(error?.code).to.equal("ASY-NODE-005");
    for (const words of [`enclave.policy is ${policy}`, await world.enclaves.getAddress(), "enclave policy create"])
      expect(error?.message).to.contain(words);
  });

  it("warns of an enclave's key that is not valid", async () => {
    const serving = { kinds: ["TEE" as const], enclave: { policy: world.policy } };
    expect(await start(serving, world.enclave)).to.equal(undefined);
    expect(lines).to.deep.equal([]);
    const stranger = new DevelopmentEnclave({ model: world.model.manifestDigest, code: ZeroHash });
    expect(await start(serving, stranger)).to.equal(undefined);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({
      level: 40,
      policy: world.policy,
      key: stranger.address,
      reason: "KeyUnknown",
    });
    expect(lines[0]!.msg).to.contain("not valid under its policy");
  });
});
