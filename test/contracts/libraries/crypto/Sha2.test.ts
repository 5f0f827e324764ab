import { createHash } from "node:crypto";

import { expect } from "chai";
import { network } from "hardhat";

import type { Sha2Harness } from "../../../../types/ethers-contracts/index.ts";

/** Bytes without a pattern, the same in every run. */
function stream(length: number): Buffer {
  const parts: Buffer[] = [];
  for (let count = 0; 64 * count < length; count++) {
    parts.push(
      createHash("sha512")
        .update(`sha2 ${String(count)}`)
        .digest(),
    );
  }
  return Buffer.concat(parts).subarray(0, length);
}

const digest = (algorithm: string, data: Uint8Array) => createHash(algorithm).update(data).digest("hex");

describe("Sha384 and Sha512", function () {
  let harness: Sha2Harness;

  before(async function () {
    const { ethers } = await network.create();
    harness = await ethers.deployContract("Sha2Harness");
  });

  for (const [algorithm, size] of [
    ["sha384", 48],
    ["sha512", 64],
  ] as const) {
    it(`${algorithm}: every length from 0 to 300, and around later blocks, as OpenSSL does`, async function () {
      const data = stream(1300);
      const prefixes = algorithm === "sha384" ? harness.sha384Prefixes : harness.sha512Prefixes;
      const ranges = Array.from({ length: 15 }, (_, part) => [20 * part, 20 * part + (part === 14 ? 20 : 19)] as const);
      for (const [from, to] of [...ranges, [366, 369], [383, 385], [1262, 1265], [1279, 1281]] as const) {
        const digests = Buffer.from((await prefixes(data.subarray(0, to), from, to)).slice(2), "hex");
        expect(digests.length).to.equal(size * (to - from + 1));
        for (let length = from; length <= to; length++) {
          const at = size * (length - from);
          const found = digests.subarray(at, at + size).toString("hex");
          expect(found, `${String(length)} bytes`).to.equal(digest(algorithm, data.subarray(0, length)));
        }
      }
    });

    it(`${algorithm}: zeros, ones and alternating bits`, async function () {
      const prefixes = algorithm === "sha384" ? harness.sha384Prefixes : harness.sha512Prefixes;
      for (const byte of [0x00, 0xff, 0x55, 0x80, 0x01]) {
        const data = Buffer.alloc(256, byte);
        expect(await prefixes(data, 256, 256)).to.equal(`0x${digest(algorithm, data)}`);
      }
    });
  }

  it("costs at most 35,000 gas for a block of a long message", async function () {
    const [short, long] = [await harness.gasOfSha384(stream(1280)), await harness.gasOfSha384(stream(12_800))];
    const block = (long - short) / 90n;
    console.log(`      ${String(block)} gas a block`);
    expect(block).to.be.below(35_000n);
  });
});
