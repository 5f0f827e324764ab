import { expect } from "chai";
import { network } from "hardhat";

import { halve } from "../../../../sdk/src/attestation/p384/halve.ts";
import { p384Hints } from "../../../../sdk/src/attestation/p384/hints.ts";
import type { P384Verifier } from "../../../../types/ethers-contracts/index.ts";
import { along, chord, G, inverse, isOnCurve, modulo, N, negate, P, type Point } from "../../../support/p384/curve.ts";
import { bytesOf, type Choice, forge, quotients } from "../../../support/p384/forge.ts";
import { endPoint, FIXED_TABLE, known, lift, START, VARIABLE } from "../../../support/p384/points.ts";
import {
  digestOf,
  encodePoint,
  integerOf,
  pointOf,
  recover,
  type Signed,
  signWithNewKey,
} from "../../../support/p384/signer.ts";
import { sum, times } from "../../../support/p384/sum.ts";

const W = 1n << 256n;
const M = W - 1n;
/** All that the contract's two remainders of a number can tell apart. */
const LCM = W * ((1n << 255n) - 1n);
const HEAD = 241;
const STEPS = 192;

/** A square root modulo P, if there is one. */
function root(square: bigint): bigint | undefined {
  let result = 1n;
  for (let rest = (P + 1n) / 4n, power = modulo(square, P); rest > 0n; rest >>= 1n, power = (power * power) % P) {
    if ((rest & 1n) === 1n) result = (result * power) % P;
  }
  return (result * result - square) % P === 0n ? result : undefined;
}

/** Hints with the slope number `index` as the contract reads it: a Montgomery residue, reduced or not. */
function withResidue(hints: Uint8Array, index: number, residue: bigint): Buffer {
  const changed = Buffer.from(hints);
  bytesOf(residue, 48).copy(changed, HEAD + 48 * index);
  return changed;
}

/** r and s. */
const halves = ({ signature }: Signed) =>
  [integerOf(signature.subarray(0, 48)), integerOf(signature.subarray(48))] as const;

const withSlope = (hints: Uint8Array, index: number, slope: bigint): Buffer =>
  withResidue(hints, index, modulo(slope * M, P));

/** Scalars as they have to be for a signature of the digest e, that holds or does not. */
function scalars(e: bigint, r: bigint, s: bigint): Omit<Choice, "u"> {
  const inverted = inverse(s, N);
  const { v, w, negative } = halve(modulo(r * inverted, N), N);
  const choice = { flags: negative ? 1 : 0, w, v, t: modulo((negative ? -v : v) * e * inverted, N) };
  return { ...choice, ...quotients(choice, [e, r, s]) };
}

/** The point before step number `count`, and what that step adds to twice it. */
function reach(count: number, key: Point, { u, w, v, t }: Choice): { p: Point; summand: Point } {
  const digit = (value: bigint, round: number) => Number((value >> BigInt(190 - 2 * round)) & 3n);
  let p = START;
  for (let step = 0; ; step++) {
    const round = step >> 1;
    const fixed = FIXED_TABLE[4 * digit(t % (1n << 192n), round) + digit(t >> 192n, round)]!;
    const variable = sum(VARIABLE, sum(times(BigInt(digit(w, round)), key), times(BigInt(digit(v, round)), u)));
    const summand = step % 2 === 0 ? fixed : known(variable);
    if (step === count) return { p, summand };
    p = known(sum(known(sum(p, summand)), p));
  }
}

describe("P384Verifier under attack", function () {
  let verifier: P384Verifier;
  let ethers: Awaited<ReturnType<typeof network.create>>["ethers"];

  before(async function () {
    ({ ethers } = await network.create());
    verifier = await ethers.deployContract("P384Verifier");
  });

  async function answer({ message, signature, publicKey }: Signed, hints: Uint8Array): Promise<boolean | string> {
    try {
      return await verifier.verify(message, signature, publicKey, hints);
    } catch (error) {
      const data = (error as { data?: unknown }).data;
      const parsed = typeof data === "string" ? verifier.interface.parseError(data) : null;
      if (parsed === null) throw error;
      return `${parsed.name}(${parsed.args.map(String).join(", ")})`;
    }
  }

  const signatureOf = (r: bigint, s: bigint) => Buffer.concat([bytesOf(r, 48), bytesOf(s, 48)]);

  it("lets nobody choose a slope in the table, where key and R are chosen to make a sum meet its summand", async function () {
    const message = Buffer.from("table");
    const e = digestOf(message);
    const other = known(times(77n, G));
    const over = (divisor: bigint, point: Point) => known(times(inverse(divisor, N), point));
    const attacks: { index: number; key: Point; u: Point }[] = [];
    for (let c = 0n; c < 4n; c++) {
      const row = known(sum(VARIABLE, times(c, other)));
      // The entry before is U.
      attacks.push({ index: 4 * Number(c) + 1, key: other, u: row });
      // The entry before is -U.
      for (let d = 1n; d < 4n; d++) attacks.push({ index: Number(4n * c + d), key: other, u: negate(over(d, row)) });
    }
    // The row before is Q, or -Q.
    attacks.push({ index: 4, key: VARIABLE, u: other });
    for (let c = 1n; c < 4n; c++) attacks.push({ index: 4 * Number(c), key: negate(over(c, VARIABLE)), u: other });
    for (const { index, key, u } of attacks) {
      const r = u.x % N;
      const choice = { ...scalars(e, r, 5n), u };
      const flags = choice.flags | (u.x >= N ? 2 : 0);
      const signed = { message, signature: signatureOf(r, 5n), publicKey: encodePoint(key) };
      const hints = forge({ ...choice, flags }, key, 12345n);
      for (const slope of [0n, 12345n]) {
        const what = `entry ${String(index)}, slope ${String(slope)}`;
        expect(await answer(signed, withSlope(hints, index - 1, slope)), what).to.equal(
          `HintInvalid(${String(index + 1)})`,
        );
      }
    }
  });

  it("lets nobody choose the last slopes so that the sum of a wrong signature ends where it has to", async function () {
    const signed = signWithNewKey(Buffer.from("right"));
    const key = pointOf(signed.publicKey);
    const end = endPoint();
    const [r, s] = halves(signed);
    let solved = 0;
    for (let count = 0; solved < 2; count++) {
      const wrong = { ...signed, message: Buffer.from(`wrong ${String(count)}`) };
      const choice = { ...scalars(digestOf(wrong.message), r, s), u: lift(r)! };
      const { p, summand } = reach(STEPS - 1, key, choice);
      // b^2 - a^2 + X is the x of the end, and b * (x - that) - y its y.
      const b = modulo((end.y + p.y) * inverse(p.x - end.x, P), P);
      const a = root(b * b + summand.x - end.x);
      if (a === undefined) continue;
      solved++;
      const honest = forge(choice, key);
      expect(await answer(wrong, honest)).to.equal(false);
      for (const slope of [a, P - a]) {
        const hints = withSlope(withSlope(honest, 397, slope), 398, b);
        expect(await answer(wrong, hints)).to.equal("HintInvalid(399)");
      }
      // The second slope alone can give either coordinate.
      const half = modulo(end.x - summand.x + chord(p, summand) ** 2n, P);
      for (const slope of [b, root(half) ?? 0n]) {
        expect(await answer(wrong, withSlope(honest, 398, slope))).to.equal("HintInvalid(400)");
      }
    }
  });

  it("takes no slope that is right modulo 2^256, or 2^256 - 2, or both, but not as an integer", async function () {
    const signed = signWithNewKey(Buffer.from("remainders"));
    const hints = p384Hints({ message: signed.message }, signed.signature, signed.publicKey);
    expect(await answer(signed, hints)).to.equal(true);
    const [r, s] = halves(signed);
    const choice = { ...scalars(digestOf(signed.message), r, s), u: { x: r, y: integerOf(hints.subarray(1, 49)) } };
    const key = pointOf(signed.publicKey);
    // Where the first slope of a sum is, and the two points.
    const places: { at: number; p: Point; summand: Point; isStep: boolean }[] = [
      { at: 0, p: VARIABLE, summand: choice.u, isStep: false },
      { at: 3, p: VARIABLE, summand: key, isStep: false },
      ...[0, 1, STEPS - 1].map((step) => ({ at: 15 + 2 * step, ...reach(step, key, choice), isStep: true })),
    ];
    for (const { at, p, summand, isStep } of places) {
      const right = chord(p, summand);
      expect(withSlope(hints, at, right).equals(hints), String(at)).to.equal(true);
      const x3 = along(p, summand.x, right).x;
      for (const off of [W, -5n * W, W - 2n, 2n - W, LCM, -LCM]) {
        // What has to be 0 is `off` instead, and a product is divided by M.
        const error = modulo(off * inverse(M, P), P);
        const wrong = modulo(right + error * inverse(summand.x - p.x, P), P);
        expect(await answer(signed, withSlope(hints, at, wrong)), `${String(at)}: ${String(off)}`).to.equal(
          `HintInvalid(${String(at + 2)})`,
        );
        if (!isStep) continue;
        const second = modulo((2n * p.y + error) * inverse(p.x - x3, P) - right, P);
        expect(await answer(signed, withSlope(hints, at + 1, second)), `${String(at + 1)}: ${String(off)}`).to.equal(
          `HintInvalid(${String(at + 3)})`,
        );
      }
    }
  });

  it("reads slopes of any size below 2^384 alike: the least, the greatest, and those above the prime", async function () {
    const message = Buffer.from("extremes");
    const top = (1n << 384n) - 1n - P;
    // A signature with the point U such that the line through V and U has the slope.
    const meet = (residue: bigint): Signed | undefined => {
      const slope = modulo(residue * inverse(M, P), P);
      const shift = modulo(VARIABLE.y - slope * VARIABLE.x, P);
      // The other two x of the line: their sum and product.
      const both = modulo(slope * slope - VARIABLE.x, P);
      const product = modulo(-3n - 2n * slope * shift - VARIABLE.x * both, P);
      const difference = root(both * both - 4n * product);
      if (difference === undefined) return undefined;
      const x = modulo((both + difference) * inverse(2n, P), P);
      const u = { x, y: modulo(slope * x + shift, P) };
      if (!isOnCurve(u) || x >= N) throw new Error("not a point");
      const { negative } = halve(modulo(x * inverse(11n, N), N), N);
      return recover(message, negative ? u : negate(u), 11n);
    };
    for (const [from, direction] of [
      [0n, 1n],
      [top, -1n],
    ] as const) {
      let residue = from;
      let signed = meet(residue);
      for (; signed === undefined; signed = meet(residue)) residue += direction;
      const hints = Buffer.from(p384Hints({ message }, signed.signature, signed.publicKey));
      expect(hints.equals(withResidue(hints, 0, residue)), "the slope is the one that was to be").to.equal(true);
      expect(await answer(signed, hints)).to.equal(true);
      expect(await answer(signed, withResidue(hints, 0, residue + P))).to.equal(true);
      for (const other of [residue + 1n, residue + P - 1n]) {
        expect(await answer(signed, withResidue(hints, 0, other))).to.equal("HintInvalid(2)");
      }
    }
  });

  it("takes no scalar whose congruence holds modulo three of the four moduli alone", async function () {
    const signed = signWithNewKey(Buffer.from("moduli"));
    const hints = p384Hints({ message: signed.message }, signed.signature, signed.publicKey);
    const [r, s] = halves(signed);
    const e = digestOf(signed.message);
    const { flags, v } = scalars(e, r, s);
    const signedE = flags === 1 ? e : 2n * N - e;
    const moduli = [W, W - 1n, W - 3n, W - 5n];
    for (const left of moduli) {
      const three = moduli.reduce((product, modulus) => (modulus === left ? product : product * modulus), 1n);
      for (const many of [1n, 2n, 60_000n]) {
        const t = modulo(-(v * signedE + many * three) * inverse(s, N), N);
        const l = (t * s + v * signedE + many * three) / N;
        expect((l * N - t * s - v * signedE) % three).to.equal(0n);
        const changed = Buffer.from(hints);
        bytesOf(t, 48).copy(changed, 97);
        bytesOf(l, 64).copy(changed, 177);
        expect(l >> 400n, "a quotient that is not too large").to.equal(0n);
        expect(await answer(signed, changed)).to.equal("HintInvalid(0)");
      }
    }
  });

  it("is false where the sum ends in the opposite of the point it has to, by a key made for that", async function () {
    const message = Buffer.from("opposite");
    const end = endPoint();
    const u = known(times(31n, G));
    const [v, w] = [(1n << 191n) + 12345n, (1n << 190n) + 6789n];
    const s = modulo(v * u.x * inverse(w, N), N);
    for (const [target, expected] of [
      // t * G + w * Q + v * U is -2E, so that the sum is -E; and 0, a signature that holds.
      [negate(known(sum(end, end))), false],
      [undefined, true],
    ] as const) {
      const t = modulo(digestOf(message) * w * inverse(u.x, N), N);
      const others = known(sum(times(t, G), times(v, u)));
      const key = known(times(inverse(w, N), sum(target, negate(others))));
      const choice = { flags: 0, u, w, v, t };
      const hints = forge({ ...choice, ...quotients(choice, [digestOf(message), u.x, s]) }, key);
      const signed = { message, signature: signatureOf(u.x, s), publicKey: encodePoint(key) };
      expect(await answer(signed, hints)).to.equal(expected);
    }
  });

  it("does not read past the end of the call", async function () {
    const signed = signWithNewKey(Buffer.alloc(0));
    const hints = p384Hints({ message: signed.message }, signed.signature, signed.publicKey);
    const { message, signature, publicKey } = signed;
    const data = verifier.interface.encodeFunctionData("verify", [message, signature, publicKey, hints]);
    const call = async (bytes: string) => await ethers.provider.call({ to: verifier, data: bytes });
    // Hints come last, and end with 31 bytes of padding that nobody needs.
    const exact = data.slice(0, data.length - 62);
    expect(BigInt(await call(exact))).to.equal(1n);
    let refused = false;
    await call(exact.slice(0, -2)).catch(() => (refused = true));
    expect(refused).to.equal(true);
  });
});
