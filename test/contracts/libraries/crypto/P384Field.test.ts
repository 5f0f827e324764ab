import { expect } from "chai";
import { network } from "hardhat";

import type { P384Harness } from "../../../../types/ethers-contracts/index.ts";
import { inverse, modulo, N, P } from "../../../support/p384/curve.ts";
import { digestOf } from "../../../support/p384/signer.ts";

const W = 1n << 256n;
const TOP = 1n << 384n;

const split = (value: bigint) => ({ hi: value >> 256n, lo: value % W });
const join = ({ hi, lo }: { hi: bigint; lo: bigint }) => (hi << 256n) + lo;
const random = (index: number) => digestOf(Buffer.from(`field ${String(index)}`));

describe("P384Field and P384Scalars", function () {
  let harness: P384Harness;

  // Where a carry or a borrow can go wrong: around 0, p, n, the edges of words and what those are in the words below.
  const edges = [
    ...[0n, 1n, 2n, 3n, W, 1n << 128n, 1n << 383n, P, N, TOP, TOP - P, P >> 1n, P - W, TOP - W],
    ...[W - 1n, W - 2n, (W - 1n) << 128n, (1n << 128n) - 1n, ((1n << 128n) - 1n) << 256n],
  ].flatMap((value) => [value - 2n, value - 1n, value, value + 1n]);

  before(async function () {
    const { ethers } = await network.create();
    harness = await ethers.deployContract("P384Harness");
  });

  it("multiplies all pairs of edges below 2^384, and 500 others, as BigInt does", async function () {
    const values = [...new Set(edges)].filter((value) => value >= 0n && value < TOP);
    const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
    for (let index = 0; index < 1000; index += 2) pairs.push([random(index), random(index + 1)]);
    const factor = inverse(W - 1n, P);
    for (let from = 0; from < pairs.length; from += 500) {
      const part = pairs.slice(from, from + 500);
      const found = await harness.mul(
        part.map(([a]) => split(a)),
        part.map(([, b]) => split(b)),
      );
      part.forEach(([a, b], index) => {
        expect(join(found[index]!), `${String(a)} * ${String(b)}`).to.equal((a * b * factor) % P);
      });
    }
  });

  it("subtracts all pairs of edges below p, as BigInt does", async function () {
    const values = [...new Set(edges)].filter((value) => value >= 0n && value < P);
    const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
    for (let from = 0; from < pairs.length; from += 500) {
      const part = pairs.slice(from, from + 500);
      const found = await harness.sub(
        part.map(([a]) => split(a)),
        part.map(([, b]) => split(b)),
      );
      part.forEach(([a, b], index) => {
        expect(join(found[index]!), `${String(a)} - ${String(b)}`).to.equal(modulo(a - b, P));
      });
    }
  });

  it("negates modulo n what is below 2^384", async function () {
    for (const value of [0n, 1n, N - 1n, N, N + 1n, TOP - 1n, 2n * N - TOP, W, W - 1n, (2n * N) % W]) {
      expect(join(await harness.negate(split(value))), String(value)).to.equal(2n * N - value);
    }
  });

  it("takes a multiple of n for one", async function () {
    for (const [a, b, c, d] of [
      [N - 1n, N - 1n, 1n, N - 1n],
      [TOP - 1n, TOP - 1n, (1n << 192n) - 1n, 2n * N],
      [random(1), random(2), random(3), random(4)],
    ] as const) {
      // The last factor makes the sum a multiple.
      const last = modulo(-a * b * inverse(c, N), N);
      const k = (a * b + c * last) / N;
      expect(await harness.isMultiple(split(a), split(b), split(c), split(last), split(k))).to.equal(true);
      for (const other of [k + 1n, k - 1n, k + W, k + (1n << 400n)]) {
        expect(await harness.isMultiple(split(a), split(b), split(c), split(last), split(other))).to.equal(false);
      }
      expect(await harness.isMultiple(split(a), split(b), split(c), split(d + 1n), split(k))).to.equal(false);
    }
  });

  it("is not taken in by a quotient that is right modulo two of the four moduli", async function () {
    const moduli = [W, W - 1n, W - 3n, W - 5n];
    const [a, b, c, d] = [random(5), random(6), random(7), random(8)] as const;
    for (const first of moduli) {
      for (const second of moduli.filter((modulus) => modulus < first)) {
        const product = first * second;
        const k = modulo((a * b + c * d) * inverse(N % product, product), product);
        expect((k * N - a * b - c * d) % product).to.equal(0n);
        expect(await harness.isMultiple(split(a), split(b), split(c), split(d), split(k))).to.equal(false);
      }
    }
  });
});
