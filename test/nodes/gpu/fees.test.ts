import { expect } from "chai";

import { bumpFees, quoteFees } from "../../../nodes/gpu/submit/fees.ts";
import { Chain } from "../../../nodes/shared/index.ts";
import { RpcRefusedError } from "../../../nodes/shared/rpc/errors.ts";

const head = { number: 1, hash: "0x", timestamp: 1, baseFee: 100n };
const chain = new Chain({ request: (method) => Promise.resolve(method === "eth_gasPrice" ? "0x96" : "0xa") });

describe("fees", () => {
  it("leaves room for the base fee to double, up to the cap", async () => {
    expect(await quoteFees(chain, head, 1_000n)).to.deep.equal({ maxFee: 210n, tip: 10n });
    expect(await quoteFees(chain, head, 105n)).to.deep.equal({ maxFee: 105n, tip: 10n });
    expect(await quoteFees(chain, head, 100n)).to.deep.equal({ maxFee: 100n, tip: 10n });
  });

  it("does not offer more than the cap", async () => {
    const error = await quoteFees(chain, head, 99n).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "ASY-SUBMIT-003", retryable: true });
  });

  it("uses the gas price on chains without a base fee, and a tip of its own where none is proposed", async () => {
    expect(await quoteFees(chain, { ...head, baseFee: undefined }, 1_000n)).to.deep.equal({
      maxFee: 150n,
      tip: undefined,
    });
    const silent = new Chain({
      request: () =>
        Promise.reject(new RpcRefusedError("eth_maxPriorityFeePerGas", -32_601, "no method", undefined, false)),
    });
    expect((await quoteFees(silent, head, 10n ** 12n)).tip).to.equal(1_000_000_000n);
  });

  it("raises both parts by an eighth, rounded up, and never past the cap", () => {
    const now = { maxFee: 1n, tip: 1n };
    expect(bumpFees({ maxFee: 1_000n, tip: 1n }, now, 10_000n)).to.deep.equal({ maxFee: 1_125n, tip: 2n });
    expect(bumpFees({ maxFee: 1_001n, tip: 8n }, now, 10_000n)).to.deep.equal({ maxFee: 1_127n, tip: 9n });
    expect(bumpFees({ maxFee: 1_000n, tip: 1n }, { maxFee: 5_000n, tip: 7n }, 10_000n)).to.deep.equal({
      maxFee: 5_000n,
      tip: 7n,
    });
    expect(bumpFees({ maxFee: 1_000n, tip: 1n }, now, 1_124n)).to.equal(undefined);
  });
});
