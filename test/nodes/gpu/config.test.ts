import { expect } from "chai";

import { createGpuNode, parseConfig } from "../../../nodes/gpu/index.ts";

const KEY = `0x${"01".repeat(32)}`;
const ADDRESS = `0x${"11".repeat(20)}`;
const least = {
  rpcUrl: "http://127.0.0.1:8545",
  chainId: 31_337,
  hub: ADDRESS,
  models: "all" as const,
  blobs: ["blobs"],
  wallet: { privateKey: KEY },
  signer: { privateKey: KEY },
  payee: ADDRESS,
  kinds: ["SIGNATURE" as const],
  journal: "journal.sqlite",
};

function code(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("node configuration", () => {
  it("fills in what was left out", () => {
    const config = parseConfig(least);
    expect(config.providers).to.deep.equal(["webgpu", "cuda", "cpu"]);
    expect(config.chainId).to.equal(31_337n);
    expect(config.limits.concurrency).to.equal(2);
    expect(config.limits.minPayment).to.deep.equal({ [`0x${"0".repeat(40)}`]: 0n });
  });

  const wrong: [string, object][] = [
    ["an unknown field", { ...least, modles: "all" }],
    ["an unknown limit", { ...least, limits: { concurency: 1 } }],
    ["no model", { ...least, models: [] }],
    ["a short version", { ...least, models: ["0x01"] }],
    ["another scheme", { ...least, rpcUrl: "file:///etc/passwd" }],
    ["no address", { ...least, hub: "hub.eth" }],
    ["chain zero", { ...least, chainId: 0 }],
    ["too much concurrency", { ...least, limits: { concurrency: 65 } }],
    ["no confirmation", { ...least, confirmations: 0 }],
  ];
  for (const [what, value] of wrong) {
    it(`refuses ${what}`, () => {
      expect(code(() => parseConfig(value))).to.equal("ASY-NODE-001");
    });
  }

  it("never shows a key", () => {
    const secret = `0x${"5e".repeat(31)}`;
    try {
      parseConfig({ ...least, wallet: { privateKey: secret } });
      expect.fail("it was taken");
    } catch (error) {
      expect((error as Error).message)
        .to.contain("wallet.privateKey")
        .and.not.contain("5e5e");
    }
  });

  it("wants a key for every kind that is served", () => {
    const { wallet: _, ...noWallet } = least;
    const { signer: __, ...noSigner } = least;
    expect(code(() => createGpuNode(noWallet))).to.equal("ASY-NODE-002");
    expect(code(() => createGpuNode(noSigner))).to.equal("ASY-NODE-002");
    expect(code(() => createGpuNode({ ...least, kinds: ["TEE"] }))).to.equal("ASY-NODE-002");
    expect(code(() => createGpuNode({ ...least, kinds: ["TEE"], enclave: { policy: KEY } }))).to.equal("ASY-NODE-002");
  });
});
