import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import type { P256Harness } from "../../../../types/ethers-contracts/index.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const WYCHEPROOF = join(
  import.meta.dirname,
  "../../../../../shared/vectors/wycheproof/ecdsa_secp256r1_sha256_test.json",
);

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

type Case = [string, string, string, string, string];

const word = (value: bigint) => `0x${value.toString(16).padStart(64, "0")}`;

/** r and s of a signature in strict DER; nothing for what is not, or has a half that no word holds. */
function readSignature(hex: string): [bigint, bigint] | undefined {
  const match = /^30(?:81([89a-f].)|([0-7].))((?:..)*)$/.exec(hex);
  if (match === null || parseInt(match[1] ?? match[2]!, 16) * 2 !== match[3]!.length) return undefined;
  let rest = match[3]!;
  const halves: bigint[] = [];
  while (rest !== "") {
    const length = parseInt(rest.slice(2, 4), 16) * 2;
    const digits = rest.slice(4, 4 + length);
    const isShortest = /^(?:[0-7].|00[89a-f].)/.test(digits) && !/^00[0-7]./.test(digits);
    if (!rest.startsWith("02") || length === 0 || length > 66 || digits.length !== length || !isShortest)
      return undefined;
    halves.push(BigInt(`0x${digits}`));
    rest = rest.slice(4 + length);
  }
  const [r, s] = halves;
  if (halves.length !== 2 || r === undefined || s === undefined) return undefined;
  return r < 1n << 256n && s < 1n << 256n ? [r, s] : undefined;
}

describe("P256Verify", function () {
  for (const [name, hasPrecompile] of [
    ["default", true],
    ["prague", false],
  ] as const) {
    describe(hasPrecompile ? "by the precompile" : "in Solidity", function () {
      let harness: P256Harness;

      before(async function () {
        const { ethers } = await network.create(name);
        harness = await ethers.deployContract("P256Harness");
      });

      it("knows whether the chain has the precompile", async function () {
        expect(await harness.hasPrecompile()).to.equal(hasPrecompile);
      });

      it("takes either s, and no half or key out of range", async function () {
        // Wycheproof's test with r = 5 and s = 1.
        const good = [
          "0xbb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023",
          word(5n),
          word(1n),
          "0xa71af64de5126a4a4e02b7922d66ce9415ce88a4c9d25514d91082c8725ac957",
          "0x5d47723c8fbe580bb369fec9c2665d8e30a435b9932645482e7c9f11e872296b",
        ] as const;
        const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
        const changed = (index: number, value: bigint): Case => {
          const words = [...good] as Case;
          words[index] = word(value);
          return words;
        };
        const taken = [changed(2, 1n), changed(2, ORDER - 1n)];
        const refused = [
          ...[0n, ORDER, ORDER + 5n, 6n, (1n << 256n) - 1n].map((r) => changed(1, r)),
          ...[0n, 2n, ORDER, ORDER + 1n, ORDER - 2n, (1n << 256n) - 1n].map((s) => changed(2, s)),
          changed(0, BigInt(good[0]) ^ 1n),
          changed(3, BigInt(good[3]) ^ 1n),
          changed(4, prime - BigInt(good[4])),
          changed(4, prime),
          [good[0], good[1], good[2], word(0n), word(0n)] as Case,
        ];
        expect([...(await harness.verifyAll(taken))]).to.deep.equal([true, true]);
        expect([...(await harness.verifyAll(refused))]).to.deep.equal(refused.map(() => false));
      });

      it("answers as Wycheproof does", async function () {
        if (!existsSync(WYCHEPROOF)) {
          console.log(`      skipped: ${WYCHEPROOF} is not here`);
          this.skip();
        }
        const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, "utf8")) as Wycheproof;
        const cases: { id: number; valid: boolean; words: Case }[] = [];
        let malformed = 0;
        for (const { publicKey, tests } of testGroups) {
          const [x, y] = [publicKey.uncompressed.slice(2, 66), publicKey.uncompressed.slice(66)];
          for (const { tcId, msg, sig, result } of tests) {
            const halves = readSignature(sig);
            if (halves === undefined) {
              expect(result, `test ${tcId}`).to.equal("invalid");
              malformed++;
              continue;
            }
            const hash = createHash("sha256").update(Buffer.from(msg, "hex")).digest("hex");
            const words: Case = [`0x${hash}`, word(halves[0]), word(halves[1]), `0x${x}`, `0x${y}`];
            cases.push({ id: tcId, valid: result === "valid", words });
          }
        }
        expect([cases.length > 200, malformed < 260]).to.deep.equal([true, true]);
        // No call with more gas than a block has.
        for (let at = 0; at < cases.length; at += 40) {
          const part = cases.slice(at, at + 40);
          const answers = await harness.verifyAll(part.map(({ words }) => words));
          part.forEach(({ id, valid }, i) => expect(answers[i], `test ${id}`).to.equal(valid));
        }
      });
    });
  }
});
