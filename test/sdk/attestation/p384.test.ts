import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import {
  P384ExceptionalError,
  P384KeyError,
  P384LengthError,
  P384SignatureError,
} from "../../../sdk/src/attestation/p384/errors.ts";
import { halve } from "../../../sdk/src/attestation/p384/halve.ts";
import { p384Hints } from "../../../sdk/src/attestation/p384/hints.ts";
import type { P384Verifier } from "../../../types/ethers-contracts/index.ts";
import { G, inverse, isOnCurve, modulo, N, negate, P } from "../../support/p384/curve.ts";
import { bytesOf, forge, quotients } from "../../support/p384/forge.ts";
import { endPoint, FIXED_TABLE, known, lift, START, VARIABLE } from "../../support/p384/points.ts";
import {
  digestOf,
  encodePoint,
  integerOf,
  pointOf,
  recover,
  type Signed,
  signWithNewKey,
} from "../../support/p384/signer.ts";
import { sum, times } from "../../support/p384/sum.ts";

const FULL = process.env["ASSAY_FUZZ"] === "full";
const ROOT = join(import.meta.dirname, "../../..");
const SUBSET = join(ROOT, "vectors/p384/wycheproof-subset.json");
const WYCHEPROOF = join(ROOT, "../shared/vectors/wycheproof/ecdsa_secp384r1_sha384_test.json");

interface Case {
  readonly id: number;
  readonly comment: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

/** r and s of a signature in strict DER; nothing for what is not, or has a half of more than 48 bytes. */
function readSignature(hex: string): Buffer | undefined {
  const match = /^30(?:81([89a-f].)|([0-7].))((?:..)*)$/.exec(hex);
  if (match === null || parseInt(match[1] ?? match[2]!, 16) * 2 !== match[3]!.length) return undefined;
  let rest = match[3]!;
  const halves: bigint[] = [];
  while (rest !== "") {
    const length = parseInt(rest.slice(2, 4), 16) * 2;
    const digits = rest.slice(4, 4 + length);
    const isShortest = /^(?:[0-7].|00[89a-f].)/.test(digits) && !/^00[0-7]./.test(digits);
    if (!rest.startsWith("02") || length === 0 || digits.length !== length || !isShortest) return undefined;
    halves.push(BigInt(`0x${digits}`));
    rest = rest.slice(4 + length);
  }
  if (halves.length !== 2 || halves.some((half) => half >> 384n > 0n)) return undefined;
  return Buffer.concat(halves.map((half) => bytesOf(half, 48)));
}

/** Whether a signature holds, by the textbook. */
function holds({ message, signature, publicKey }: Signed): boolean {
  const [r, s, key] = [integerOf(signature.subarray(0, 48)), integerOf(signature.subarray(48)), pointOf(publicKey)];
  if (r === 0n || r >= N || s === 0n || s >= N || key.x >= P || key.y >= P || !isOnCurve(key)) return false;
  const inverted = inverse(s, N);
  const point = sum(times(modulo(digestOf(message) * inverted, N), G), times(modulo(r * inverted, N), key));
  return point !== undefined && point.x % N === r;
}

describe("P384Verifier", function () {
  let verifier: P384Verifier;
  let ethers: Awaited<ReturnType<typeof network.create>>["ethers"];

  before(async function () {
    ({ ethers } = await network.create());
    verifier = await ethers.deployContract("P384Verifier");
  });

  /** true, false, or the error and its arguments. */
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

  const hintsOf = ({ message, signature, publicKey }: Signed) => p384Hints({ message }, signature, publicKey);
  const r = (signed: Signed) => integerOf(signed.signature.subarray(0, 48));
  const s = (signed: Signed) => integerOf(signed.signature.subarray(48));
  const withS = (signed: Signed, value: bigint): Signed => ({
    ...signed,
    signature: Buffer.concat([signed.signature.subarray(0, 48), bytesOf(value, 48)]),
  });

  async function checkCases(cases: readonly Case[]): Promise<void> {
    let malformed = 0;
    for (const { id, comment, key, message, signature: der, valid } of cases) {
      const signature = readSignature(der);
      const what = `${String(id)}: ${comment}`;
      if (signature === undefined) {
        expect(valid, what).to.equal(false);
        malformed++;
        continue;
      }
      const signed = { message: Buffer.from(message, "hex"), signature, publicKey: Buffer.from(key, "hex") };
      if (valid) expect(await answer(signed, hintsOf(signed)), what).to.equal(true);
      else expect(() => hintsOf(signed), what).to.throw(P384SignatureError);
    }
    console.log(`      ${String(cases.length)} cases, ${String(malformed)} of them no strict DER`);
  }

  it("answers as a part of Wycheproof does", async function () {
    await checkCases(JSON.parse(readFileSync(SUBSET, "utf8")) as Case[]);
  });

  it("answers as all of Wycheproof does", async function () {
    if (!FULL) {
      console.log("      skipped: the part above stands for all of it, but for `npm run fuzz:full`");
      this.skip();
    }
    if (!existsSync(WYCHEPROOF)) {
      console.log(`      skipped: ${WYCHEPROOF} is not here`);
      this.skip();
    }
    const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, "utf8")) as {
      testGroups: {
        publicKey: { uncompressed: string };
        tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
      }[];
    };
    const cases = testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ tcId: id, comment, msg: message, sig: signature, result }) => {
        return { id, comment, key: publicKey.uncompressed.slice(2), message, signature, valid: result === "valid" };
      }),
    );
    await checkCases(cases);
  });

  it("takes signatures of WebCrypto, either s, and nothing for another message", async function () {
    for (let index = 0; index < (FULL ? 200 : 8); index++) {
      const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, ["sign", "verify"]);
      const message = Buffer.alloc(17 * index, index);
      const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-384" }, pair.privateKey, message);
      const publicKey = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).subarray(1);
      const signed = { message, signature: Buffer.from(signature), publicKey };
      const hints = hintsOf(signed);
      const twin = withS(signed, N - s(signed));
      const other = { ...signed, message: Buffer.concat([message, Buffer.alloc(1)]) };
      expect(await answer(signed, hints)).to.equal(true);
      expect(await answer(twin, hintsOf(twin))).to.equal(true);
      expect(await answer(twin, hints)).to.equal("HintInvalid(0)");
      expect(await answer(other, hints)).to.equal("HintInvalid(0)");
      expect(() => hintsOf(other)).to.throw(P384SignatureError);
    }
  });

  it("takes an x of R from n on, and scalars and keys that are special", async function () {
    let high = N + 5n;
    while (lift(high) === undefined) high++;
    const message = Buffer.from("special");
    const cases = [
      recover(message, lift(high)!, 7n),
      recover(message, negate(lift(high)!), N - 1n),
      recover(message, G, 1n),
      recover(message, known(times(2n, G)), N >> 1n),
      recover(message, known(times(N - 1n, G)), (1n << 192n) - 1n),
    ];
    // Keys G, -G and 2G; the nonce 1 makes R = G as well.
    for (const secret of [1n, N - 1n, 2n]) {
      for (const nonce of [1n, N - 1n]) {
        const x = known(times(nonce, G)).x % N;
        const value = modulo(inverse(nonce, N) * (digestOf(message) + x * secret), N);
        const publicKey = encodePoint(known(times(secret, G)));
        cases.push({ message, signature: Buffer.concat([bytesOf(x, 48), bytesOf(value, 48)]), publicKey });
      }
    }
    for (const [index, signed] of cases.entries()) {
      expect(holds(signed), String(index)).to.equal(true);
      expect(await answer(signed, hintsOf(signed)), String(index)).to.equal(true);
    }
    // The flag that adds n is refused where the sum is p or more, and where it is another point.
    const hints = Buffer.from(hintsOf(cases[0]!));
    hints[0] = hints[0]! ^ 2;
    expect(await answer(cases[0]!, hints)).to.equal("HintInvalid(1)");
    const plain = Buffer.from(hintsOf(cases[2]!));
    for (const flag of [2, 4, 8, 16, 32, 64, 128]) {
      const changed = Buffer.from(plain);
      changed[0] = plain[0]! ^ flag;
      expect(await answer(cases[2]!, changed)).to.equal("HintInvalid(1)");
    }
  });

  it("is false for halves out of range and for keys that are none, whatever the hints", async function () {
    const signed = signWithNewKey(Buffer.from("range"));
    const hints = hintsOf(signed);
    const top = (1n << 384n) - 1n;
    const { x, y } = pointOf(signed.publicKey);
    for (const value of [0n, N, N + 1n, top]) {
      const first = { ...signed, signature: Buffer.concat([bytesOf(value, 48), signed.signature.subarray(48)]) };
      for (const bad of [first, withS(signed, value)]) {
        expect(await answer(bad, hints)).to.equal(false);
        expect(() => hintsOf(bad)).to.throw(P384SignatureError);
      }
    }
    for (const [a, b] of [
      ...[0n, P - 1n, P, P + 1n, N, top].map((value) => [value, y] as const),
      ...[0n, P - 1n, P, P + 1n, N, top, y ^ 1n].map((value) => [x, value] as const),
      [0n, 0n] as const,
    ]) {
      const bad = { ...signed, publicKey: Buffer.concat([bytesOf(a, 48), bytesOf(b, 48)]) };
      expect(await answer(bad, hints)).to.equal(false);
      expect(() => hintsOf(bad)).to.throw(P384KeyError);
    }
  });

  it("refuses other lengths, and hints of nothing or of another signature", async function () {
    const signed = signWithNewKey(Buffer.from("lengths"));
    const hints = Buffer.from(hintsOf(signed));
    const length = hints.length;
    for (const other of [0, 1, 48, length - 48, length - 1, length + 1, length + 48]) {
      const changed = Buffer.concat([hints, Buffer.alloc(64)]).subarray(0, other);
      expect(await answer(signed, changed)).to.equal(`P384HintsLength(${String(other)}, ${String(length)})`);
    }
    for (const other of [0, 95, 97]) {
      const bytes = Buffer.alloc(other, 1);
      expect(await answer({ ...signed, signature: bytes }, hints)).to.equal(`P384SignatureLength(${String(other)})`);
      expect(await answer({ ...signed, publicKey: bytes }, hints)).to.equal(`P384PublicKeyLength(${String(other)})`);
      expect(() => hintsOf({ ...signed, signature: bytes })).to.throw(P384LengthError);
    }
    expect(() => p384Hints({ digest: Buffer.alloc(47) }, signed.signature, signed.publicKey)).to.throw(P384LengthError);
    for (const byte of [0x00, 0xff]) {
      expect(await answer(signed, Buffer.alloc(length, byte))).to.equal("HintInvalid(0)");
    }
    const another = hintsOf(signWithNewKey(Buffer.from("lengths")));
    expect(await answer(signed, another)).to.equal("HintInvalid(0)");
  });

  it("accepts no hints with any of their words changed, and says which one it was", async function () {
    const signed = signWithNewKey(Buffer.from("words"));
    const hints = Buffer.from(hintsOf(signed));
    const harness = await ethers.deployContract("P384Harness");
    const { message, signature, publicKey } = signed;
    const all = (1n << 256n) - 1n;
    const changes = [
      [all, (1n << 255n) + 1n],
      ...(FULL
        ? ([
            [all, 1n],
            [all, 1n << 255n],
            [0n, 0n],
            [0n, all],
            [all, all],
            [all, 1n << 128n],
          ] as const)
        : []),
    ] as const;
    const words = Math.ceil(hints.length / 32);
    for (const [keep, flip] of changes) {
      for (let from = 0; from < words; from += 20) {
        const to = Math.min(from + 20, words);
        const range = [BigInt(from), BigInt(to), keep, flip] as [bigint, bigint, bigint, bigint];
        const [accepted, refused] = await harness.spoil(verifier, message, signature, publicKey, hints, range);
        // Of the last word only the first byte is one of the hints.
        const untouched = to === words && keep === all && flip >> 248n === 0n ? 1n : 0n;
        expect(accepted, `accepted of words ${String(from)} on`).to.equal(untouched);
        expect(refused + accepted, `refused of words ${String(from)} on`).to.equal(BigInt(to - from));
      }
    }
    // Every slope's own number.
    for (const slope of FULL
      ? Array.from({ length: 399 }, (_, index) => index)
      : [0, 1, 14, 15, 16, 17, 206, 207, 398]) {
      const changed = Buffer.from(hints);
      const at = 241 + 48 * slope + 20;
      changed[at] = changed[at]! ^ 0x10;
      expect(await answer(signed, changed)).to.equal(`HintInvalid(${String(slope + 2)})`);
    }
  });

  it("is no more than false for an adversary who chooses every hint of a wrong signature", async function () {
    const signed = signWithNewKey(Buffer.from("wrong"));
    const wrong = { ...signed, message: Buffer.from("another") };
    const key = pointOf(signed.publicKey);
    const [e, half, whole] = [digestOf(wrong.message), r(wrong), s(wrong)];
    const numbers = [e, half, whole] as const;
    const u = lift(half)!;
    const inverted = inverse(whole, N);
    for (const flags of [0, 1]) {
      const sign = flags === 0 ? 1n : -1n;
      const { v, w, negative } = halve(modulo(sign * half * inverted, N), N);
      const choice = { flags, u, w: negative ? 0n : w, v, t: modulo(sign * v * e * inverted, N) };
      if (negative) continue;
      // All is right but that the signature does not hold: the sum ends elsewhere, with either U.
      for (const point of [u, negate(u)]) {
        const hints = forge({ ...choice, u: point, ...quotients(choice, numbers) }, key);
        expect(await answer(wrong, hints)).to.equal(false);
        // The same with t + n, where that has 384 bits, is the same sum.
        const other = { ...choice, u: point, t: choice.t + N };
        if (other.t >> 384n === 0n) {
          expect(await answer(wrong, forge({ ...other, ...quotients(other, numbers) }, key))).to.equal(false);
        }
      }
      // No scalars, and such as would end where the sum has to: all zero does.
      for (const none of [
        { ...choice, v: 0n },
        { ...choice, v: 0n, w: 0n, t: 0n },
        { ...choice, w: 0n, t: 0n },
        { ...choice, t: 0n },
        { ...choice, w: 0n },
      ]) {
        expect(await answer(wrong, forge({ ...none, ...quotients(none, numbers) }, key))).to.equal("HintInvalid(0)");
      }
      // Quotients that are right modulo 2^256, or modulo 2^256 and nearly 2^144 of the next.
      const signedR = flags === 1 ? half : 2n * N - half;
      const bad = { ...choice, w: choice.w ^ 1n };
      const short = 1n << 256n;
      const k = modulo((bad.w * whole + bad.v * signedR) * inverse(N % short, short), short);
      const { l } = quotients(bad, numbers);
      expect(await answer(wrong, forge({ ...bad, k, l }, key))).to.equal("HintInvalid(0)");
      const long = 1n << 400n;
      const off = { ...choice, t: choice.t ^ 2n };
      const signedE = flags === 1 ? e : 2n * N - e;
      const wrapped = modulo((off.t * whole + off.v * signedE) * inverse(N % long, long), long);
      const { k: right } = quotients(off, numbers);
      expect(await answer(wrong, forge({ ...off, k: right, l: wrapped }, key))).to.equal("HintInvalid(0)");
      // Another U than one with the signature's x, and a y that is not reduced.
      const sound = { ...choice, ...quotients(choice, numbers) };
      for (const y of [0n, P, P - 1n, (1n << 384n) - 1n, u.y ^ 1n]) {
        const hints = forge(sound, key);
        bytesOf(y, 48).copy(hints, 1);
        expect(await answer(wrong, hints)).to.equal("HintInvalid(1)");
      }
    }
  });

  it("refuses an addition of a point to itself or to its opposite, whatever slope is given for it", async function () {
    const message = Buffer.from("exceptional");
    const key = known(times(digestOf(Buffer.from("key")), G));
    const e = digestOf(message);
    // In the table: V + U.
    for (const u of [VARIABLE, negate(VARIABLE)]) {
      const numbers = [e, u.x, 5n] as const;
      const { v, w, negative } = halve(modulo(u.x * inverse(5n, N), N), N);
      const choice = { flags: negative ? 1 : 0, u, w, v, t: modulo((negative ? -1n : 1n) * v * e * inverse(5n, N), N) };
      const signed = {
        message,
        signature: Buffer.concat([bytesOf(u.x, 48), bytesOf(5n, 48)]),
        publicKey: encodePoint(key),
      };
      for (const slope of [0n, 1n, 12345n]) {
        const hints = forge({ ...choice, ...quotients(choice, numbers) }, key, slope);
        expect(await answer(signed, hints)).to.equal("HintInvalid(2)");
      }
    }
    // In the sum: the first step ends in P, and the second adds V + U, made to be P, -P or -2P, by scalars whose upper
    // digits are 0 but v's, 1.
    const p = known(sum(sum(START, START), FIXED_TABLE[0]));
    const targets = [
      [p, 19],
      [negate(p), 19],
      [negate(known(sum(p, p))), 20],
    ] as const;
    for (const [target, index] of targets) {
      const u = known(sum(target, negate(VARIABLE)));
      const half = u.x % N;
      let w = 1n;
      let t: bigint;
      do {
        w += 1n << 100n;
        t = modulo(e * w * inverse(half, N), N);
      } while (t >> 382n !== 0n || ((t >> 190n) & 3n) !== 0n);
      const v = (1n << 190n) + 1n;
      const whole = modulo(half * v * inverse(w, N), N);
      const signed = {
        message,
        signature: Buffer.concat([bytesOf(half, 48), bytesOf(whole, 48)]),
        publicKey: encodePoint(key),
      };
      expect(holds(signed)).to.equal(false);
      const choice = { flags: u.x >= N ? 2 : 0, u, w, v, t };
      for (const slope of [0n, 1n, 12345n]) {
        const hints = forge({ ...choice, ...quotients(choice, [e, half, whole]) }, key, slope);
        expect(await answer(signed, hints)).to.equal(`HintInvalid(${String(index)})`);
      }
    }
  });

  it("has no hints for a signature made to meet an exception, and says so", function () {
    // U is V or -V, so that the table's V + U is a doubling or infinity. The key is a combination of V and G: whoever knew
    // its logarithm knew V's.
    const signed = [1, 2, 3].map((count) => recover(Buffer.from([count]), VARIABLE, 9n));
    for (const one of signed) {
      expect(holds(one)).to.equal(true);
      expect(() => hintsOf(one)).to.throw(P384ExceptionalError);
    }
  });

  it("makes the hints that the plain reference makes", function () {
    const signed = signWithNewKey(Buffer.from("reference"));
    const numbers = [digestOf(signed.message), r(signed), s(signed)] as const;
    const inverted = inverse(numbers[2], N);
    const [u1, u2] = [modulo(numbers[0] * inverted, N), modulo(numbers[1] * inverted, N)];
    const key = pointOf(signed.publicKey);
    const point = known(sum(times(u1, G), times(u2, key)));
    const { v, w, negative } = halve(u2, N);
    const choice = {
      flags: negative ? 1 : 0,
      u: negative ? point : negate(point),
      w,
      v,
      t: modulo((negative ? -v : v) * u1, N),
    };
    const hints = hintsOf(signed);
    expect(Buffer.from(hints).equals(forge({ ...choice, ...quotients(choice, numbers) }, key))).to.equal(true);
    const digest = bytesOf(numbers[0], 48);
    expect(p384Hints({ digest }, signed.signature, signed.publicKey)).to.deep.equal(hints);
  });

  it("halves scalars at the edges", function () {
    const root = 1n << 192n;
    for (const u of [1n, 2n, root - 1n, root, root + 1n, N - 1n, N - 2n, N - root, N >> 1n, (N >> 1n) + 1n, N / 3n]) {
      const { v, w, negative } = halve(u, N);
      expect(v > 0n && v < root && w >= 0n && w < root, String(u)).to.equal(true);
      expect(modulo((negative ? -v : v) * u - w, N), String(u)).to.equal(0n);
    }
  });

  it("has the constants that the hashes and the base point give", function () {
    const source = readFileSync(join(ROOT, "contracts/libraries/crypto/P384Points.sol"), "utf8");
    const found = [...source.matchAll(/hex"([0-9a-f]{96})"/g)].map((match) => BigInt(`0x${match[1]!}`));
    const points = [...FIXED_TABLE, VARIABLE, START, endPoint()];
    const factor = (1n << 256n) - 1n;
    expect(found).to.deep.equal(points.flatMap(({ x, y }) => [(x * factor) % P, (y * factor) % P]));
  });

  it("fits into a contract and costs what it should", async function () {
    const size = (await ethers.provider.getCode(verifier)).length / 2 - 1;
    expect(size).to.be.at.most(24_576);
    const signed = signWithNewKey(Buffer.from("gas"));
    const [sender] = await ethers.getSigners();
    const { message, signature, publicKey } = signed;
    const data = verifier.interface.encodeFunctionData("verify", [message, signature, publicKey, hintsOf(signed)]);
    const receipt = await (await sender!.sendTransaction({ to: verifier, data, gasLimit: 4_000_000 })).wait();
    const gas = Number(receipt!.gasUsed) - 21_000;
    console.log(`      ${String(gas)} gas, ${String(size)} bytes of code`);
    expect(gas).to.be.below(1_000_000);
  });
});
