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

  const words: [object, string][] = [
    [{ payee: undefined }, "payee is missing; give the address of the account that is paid"],
    [{ kinds: ["signature"] }, 'kinds[0] is "signature"; give one of SIGNATURE, TEE, ZKML'],
    [{ kinds: [] }, "kinds cannot be used; give a list with some of SIGNATURE, TEE, ZKML"],
    [{ kinds: undefined }, "kinds is missing; give a list"],
    [{ models: [] }, "models cannot be used; give a list of 1 to 1000 version ids"],
    [{ rpcUrl: "127.0.0.1" }, 'rpcUrl is "127.0.0.1"; give the chain\'s endpoint'],
    [{ chainId: "31337" }, 'chainId is "31337"; give the chain\'s id, a whole number above 0, without quotes'],
    [{ pollMs: 1 }, "pollMs is 1; give a whole number from 10 to 600000 (milliseconds)"],
    [{ wallet: KEY }, "wallet cannot be used; give an object with the key"],
    [{ enclave: {} }, "enclave.policy is missing; give the id of the policy"],
    [{ limits: { minPayment: { coin: "1" } } }, "limits.minPayment.coin: give a token's address"],
    [{ limits: { maxFeePerGas: 5 } }, "limits.maxFeePerGas is 5; give an amount"],
    [{ modles: "all" }, '"modles": no such field'],
    [{ limits: { concurency: 1 } }, '"concurency": no such field in limits'],
  ];
  for (const [change, sentence] of words) {
    it(`says "${sentence}"`, () => {
      let message = "";
      try {
        parseConfig({ ...least, ...change });
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).to.contain(`Node configuration: ${sentence}`);
      expect(message).to.not.match(/expected|received|Invalid|Too (small|big)|0101/);
    });
  }

  it("says how to come by an enclave's key, or to do without", () => {
    for (const change of [{}, { enclave: { policy: KEY } }]) {
      expect(() => createGpuNode({ ...least, kinds: ["TEE"], ...change })).to.throw(/enclave register.*take TEE out/);
    }
  });

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
