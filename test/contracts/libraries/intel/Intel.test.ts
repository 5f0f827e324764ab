import { createHash } from "node:crypto";

import { expect } from "chai";
import { network } from "hardhat";

import { toPem } from "../../../../scripts/fixtures/intel-pki/quote.ts";
import type { IntelHarness } from "../../../../types/ethers-contracts/index.ts";

/** Bytes that look like chance and are the same every time. */
function noise(label: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${label} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

describe("Libraries for Intel's formats", function () {
  let harness: IntelHarness;

  before(async function () {
    const { ethers } = await network.create();
    harness = await ethers.deployContract("IntelHarness");
  });

  it("writes PEM as Node writes Base64, for every length to 200 and where lines end", async function () {
    const all = [...Array.from({ length: 200 }, (_, i) => i + 1), 1270, 1271, 1272].map((length) =>
      noise("pem", length),
    );
    expect([...(await harness.encode(all))]).to.deep.equal(all.map(toPem));
  });

  it("compares sixteen bytes at once as one by one", async function () {
    const pairs: [Uint8Array, Uint8Array][] = [];
    for (let i = 0; i < 16; i++) {
      for (const [x, y] of [
        [0, 0],
        [255, 255],
        [255, 0],
        [0, 255],
        [1, 0],
        [0, 1],
        [128, 127],
        [127, 128],
        [254, 255],
      ] as const) {
        for (const rest of [0, 255]) {
          const [a, b] = [Buffer.alloc(16, rest), Buffer.alloc(16, rest)];
          a[i] = x;
          b[i] = y;
          pairs.push([a, b]);
        }
      }
    }
    for (let i = 0; i < 64; i++) {
      const a = noise(`a${i}`, 16);
      // Mostly not above, so that both answers come up.
      pairs.push([a, noise(`b${i}`, 16)], [a, a.map((byte) => byte >> 1)]);
    }
    const answers = await harness.reaches(
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
    );
    expect([...answers]).to.deep.equal(pairs.map(([a, b]) => a.every((byte, i) => byte >= (b[i] ?? 0))));
  });
});
