import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
} from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { hexlify, toBeHex, toBigInt, zeroPadValue } from "ethers";
import { network } from "hardhat";

interface Group {
  readonly publicKey: { readonly modulus: string; readonly publicExponent: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: string;
  }[];
}

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const COMMITTED = join(ROOT, "vectors", "rsa-pss", "wycheproof-2048-sha256.json");
const WYCHEPROOF = join(ROOT, "..", "shared", "vectors", "wycheproof");

/** A key's numbers as the contracts take them. */
export function rsaNumbers(key: KeyObject): { exponent: bigint; modulus: string } {
  const jwk = key.export({ format: "jwk" });
  const bytes = (text: string | undefined) => Buffer.from(text!, "base64url");
  return { exponent: toBigInt(bytes(jwk.e)), modulus: hexlify(bytes(jwk.n)) };
}

function pss(message: Uint8Array, key: KeyObject, saltLength = 32, hash = "sha256"): Buffer {
  return sign(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

/** Encodings that are none, each but for one thing good, and their names. `hash` is the length of hash and salt. */
function badEncodings(encoded: Uint8Array, hash: number): [string, Uint8Array][] {
  const changed = (at: number, mask: number) => {
    const copy = Uint8Array.from(encoded);
    copy[at]! ^= mask;
    return copy;
  };
  const zeros = encoded.length - 2 * hash - 2;
  const bits = [0x01, 0x10, 0x40];
  const bad: [string, Uint8Array][] = [["top bit", changed(0, 0x80)]];
  for (let at = 0; at < zeros; at++) bad.push([`padding, byte ${at}`, changed(at, bits[at % 3]!)]);
  for (const mask of [0x01, 0x02, 0x80]) bad.push([`mark ^ ${mask}`, changed(zeros, mask)]);
  for (const mask of [0x01, 0x10, 0x80]) bad.push([`trailer ^ ${mask}`, changed(encoded.length - 1, mask)]);
  for (const at of [zeros + 1, zeros + hash, zeros + hash + 1, encoded.length - 2]) {
    bad.push([`salt or hash, byte ${at}`, changed(at, 0x80)]);
  }
  return bad;
}

/** A signature whose encoding, with the top bit set, is below the modulus still; and that encoding without it. */
function signAndOpen(message: Uint8Array, key: KeyObject, salt: number, hash: string): [Buffer, Buffer] {
  const modulus = Buffer.from(key.export({ format: "jwk" }).n!, "base64url");
  for (;;) {
    const signature = pss(message, key, salt, hash);
    const encoded = publicDecrypt({ key: createPublicKey(key), padding: constants.RSA_NO_PADDING }, signature);
    const greater = Buffer.from(encoded);
    greater[0]! |= 0x80;
    if (Buffer.compare(greater, modulus) < 0) return [signature, encoded];
  }
}

/** Signs an encoding as it is. */
const signEncoding = (encoded: Uint8Array, key: KeyObject) =>
  privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);

describe("RsaPss", function () {
  const load = async () => {
    const { ethers } = await network.create();
    return await ethers.deployContract("RsaPssHarness");
  };

  const runGroups = async (groups: readonly Group[]) => {
    const harness = await load();
    let [accepted, refused] = [0, 0];
    for (const { publicKey, tests } of groups) {
      const modulus = `0x${publicKey.modulus.replace(/^00/, "")}`;
      const exponent = BigInt(`0x${publicKey.publicExponent}`);
      for (const { tcId, msg, sig, result } of tests) {
        const valid = (await harness.verifySha256(`0x${msg}`, exponent, modulus, `0x${sig}`)) as boolean;
        expect(valid, `test ${tcId}`).to.equal(result === "valid");
        if (valid) ++accepted;
        else ++refused;
      }
    }
    return { accepted, refused };
  };

  it("answers the committed Wycheproof cases as they say", async function () {
    const { testGroups } = JSON.parse(readFileSync(COMMITTED, "utf8")) as { testGroups: Group[] };
    const { accepted, refused } = await runGroups(testGroups);
    expect(accepted).to.be.greaterThan(3);
    expect(refused).to.be.greaterThan(20);
  });

  for (const name of ["rsa_pss_2048_sha256_mgf1_32_test.json", "rsa_pss_3072_sha256_mgf1_32_test.json"]) {
    it(`answers ${name} as it says`, async function () {
      const path = join(WYCHEPROOF, name);
      if (!existsSync(path)) {
        console.log(`      skipped: ${path} is not there`);
        this.skip();
      }
      const { testGroups, numberOfTests } = JSON.parse(readFileSync(path, "utf8")) as {
        testGroups: Group[];
        numberOfTests: number;
      };
      const { accepted, refused } = await runGroups(testGroups);
      expect(accepted + refused).to.equal(numberOfTests);
      expect(accepted).to.be.greaterThan(0);
    });
  }

  // 2056 bits: the modulus does not end on a word.
  for (const [bits, exponent] of [
    [2048, 65537],
    [2056, 65537],
    [3072, 3],
    [4096, 65537],
  ] as const) {
    it(`agrees with Node on ${bits} bits and exponent ${exponent}, and on changes`, async function () {
      const harness = await load();
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits, publicExponent: exponent });
      const numbers = rsaNumbers(createPublicKey(privateKey));
      const verify = async (message: Uint8Array, signature: Uint8Array, n = numbers.modulus, e = numbers.exponent) =>
        (await harness.verifySha256(message, e, n, signature)) as boolean;
      for (const size of [0, 1, 32, 1000]) {
        const message = Buffer.alloc(size, size);
        const signature = pss(message, privateKey);
        expect(await verify(message, signature), `message of ${size}`).to.equal(true);
        expect(await verify(Buffer.alloc(size + 1), signature), "another message").to.equal(false);
      }
      const message = Buffer.from("message");
      const signature = pss(message, privateKey);
      for (let at = 0; at < signature.length; at += 7) {
        const changed = Buffer.from(signature);
        changed[at]! ^= 1 << (at % 8);
        expect(await verify(message, changed), `bit of byte ${at}`).to.equal(false);
      }
      for (const salt of [0, 20, 31, 33, 64]) {
        expect(await verify(message, pss(message, privateKey, salt)), `salt of ${salt}`).to.equal(false);
      }
      expect(await verify(message, pss(message, privateKey, 32, "sha384")), "SHA-384").to.equal(false);
      expect(await verify(message, sign("sha256", message, privateKey)), "PKCS #1 v1.5").to.equal(false);
      // The same number plus the modulus, where it still fits, is another encoding of the same signature.
      const twin = toBigInt(signature) + toBigInt(numbers.modulus);
      if (twin >> BigInt(signature.length * 8) === 0n) {
        expect(await verify(message, Buffer.from(toBeHex(twin, signature.length).slice(2), "hex"))).to.equal(false);
      }
      expect(await verify(message, signature.subarray(1)), "one byte less").to.equal(false);
      expect(await verify(message, Buffer.concat([signature, Buffer.alloc(1)])), "one byte more").to.equal(false);
      expect(await verify(message, Buffer.alloc(signature.length)), "zero").to.equal(false);
    });
  }

  for (const bits of [2048, 2056, 4096]) {
    it(`refuses what a key of ${bits} bits signed that is no encoding, and encodings for signatures`, async function () {
      const harness = await load();
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
      const { exponent, modulus } = rsaNumbers(createPublicKey(privateKey));
      const message = Buffer.from("message");
      const verify = (signature: Uint8Array, e = exponent) => harness.verifySha256(message, e, modulus, signature);
      const [signature, encoded] = signAndOpen(message, privateKey, 32, "sha256");
      expect(signEncoding(encoded, privateKey)).to.deep.equal(signature);
      expect(await verify(signature)).to.equal(true);
      for (const [what, bad] of badEncodings(encoded, 32)) {
        expect(await verify(signEncoding(bad, privateKey)), what).to.equal(false);
      }
      // With exponent 1 anybody could sign.
      expect(await verify(encoded, 1n), "exponent 1").to.equal(false);
    });
  }

  it("refuses keys that are no keys", async function () {
    const harness = await load();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { modulus, exponent } = rsaNumbers(createPublicKey(privateKey));
    const message = Buffer.from("message");
    const signature = pss(message, privateKey);
    const verify = async (n: string, e: bigint, s: Uint8Array | string = signature) =>
      (await harness.verifySha256(message, e, n, s)) as boolean;
    expect(await verify(modulus, exponent)).to.equal(true);
    for (const e of [0n, 1n, 2n, 65536n]) expect(await verify(modulus, e), `exponent ${e}`).to.equal(false);
    const number = toBigInt(modulus);
    expect(await verify(toBeHex(number - 1n, 256), exponent), "an even modulus").to.equal(false);
    expect(await verify(toBeHex(number & ((1n << 2047n) - 1n), 256), exponent), "a top bit of zero").to.equal(false);
    const padded = zeroPadValue(hexlify(signature), 257);
    expect(await verify(zeroPadValue(modulus, 257), exponent, padded), "a leading zero byte").to.equal(false);
    for (const size of [0, 1, 255, 513, 600]) {
      const odd = `0x${"ff".repeat(size)}`;
      expect(await verify(odd, exponent, new Uint8Array(size)), `${size} bytes`).to.equal(false);
    }
  });
});

describe("RsaPss384", function () {
  it("answers rsa_pss_4096_sha384_mgf1_48_test.json as it says", async function () {
    const path = join(WYCHEPROOF, "rsa_pss_4096_sha384_mgf1_48_test.json");
    if (!existsSync(path)) {
      console.log(`      skipped: ${path} is not there`);
      this.skip();
    }
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("RsaPssHarness");
    const { testGroups } = JSON.parse(readFileSync(path, "utf8")) as { testGroups: Group[] };
    let accepted = 0;
    for (const { publicKey, tests } of testGroups) {
      const modulus = `0x${publicKey.modulus.replace(/^00/, "")}`;
      const exponent = BigInt(`0x${publicKey.publicExponent}`);
      for (const { tcId, msg, sig, result } of tests) {
        const valid = await harness.verifySha384(`0x${msg}`, exponent, modulus, `0x${sig}`);
        expect(valid, `test ${tcId}`).to.equal(result === "valid");
        if (valid) ++accepted;
      }
    }
    expect(accepted).to.be.greaterThan(0);
  });

  it("agrees with Node, and on changes", async function () {
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("RsaPssHarness");
    for (const bits of [2048, 2056, 4096]) {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
      const { exponent, modulus } = rsaNumbers(createPublicKey(privateKey));
      const message = Buffer.from("message");
      const verify = async (signature: Uint8Array) => await harness.verifySha384(message, exponent, modulus, signature);
      const signature = pss(message, privateKey, 48, "sha384");
      expect(await verify(signature), `${bits} bits`).to.equal(true);
      for (let at = 0; at < signature.length; at += 31) {
        const changed = Buffer.from(signature);
        changed[at]! ^= 1 << (at % 8);
        expect(await verify(changed), `bit of byte ${at}`).to.equal(false);
      }
      for (const salt of [0, 32, 47, 49])
        expect(await verify(pss(message, privateKey, salt, "sha384"))).to.equal(false);
      expect(await verify(pss(message, privateKey, 48)), "SHA-256").to.equal(false);
    }
  });

  it("refuses what the key signed that is no encoding, encodings for signatures, and twins", async function () {
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("RsaPssHarness");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { exponent, modulus } = rsaNumbers(createPublicKey(privateKey));
    const message = Buffer.from("message");
    const verify = (signature: Uint8Array, e = exponent) => harness.verifySha384(message, e, modulus, signature);
    const [signature, encoded] = signAndOpen(message, privateKey, 48, "sha384");
    expect(await verify(signature)).to.equal(true);
    for (const [what, bad] of badEncodings(encoded, 48)) {
      expect(await verify(signEncoding(bad, privateKey)), what).to.equal(false);
    }
    expect(await verify(encoded, 1n), "exponent 1").to.equal(false);
    for (let round = 0; ; round++) {
      const twin = toBigInt(pss(Buffer.of(round), privateKey, 48, "sha384")) + toBigInt(modulus);
      if (twin >> 2048n !== 0n) continue;
      const bytes = Buffer.from(toBeHex(twin, 256).slice(2), "hex");
      expect(await harness.verifySha384(Buffer.of(round), exponent, modulus, bytes), "twin").to.equal(false);
      break;
    }
  });
});

describe("Spki", function () {
  it("gives the DER that Node gives", async function () {
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("RsaPssHarness");
    for (const [modulusLength, publicExponent] of [
      [2048, 65537],
      [2048, 3],
      [2048, 0x8001],
      [3072, 0x800001],
      [4096, 65537],
    ] as const) {
      const { publicKey } = generateKeyPairSync("rsa", { modulusLength, publicExponent });
      const { exponent, modulus } = rsaNumbers(publicKey);
      const data = `${toBeHex(exponent, 4)}${modulus.slice(2)}`;
      expect(await harness.spki(3, data)).to.equal(hexlify(publicKey.export({ type: "spki", format: "der" })));
    }
    for (const [kind, namedCurve] of [
      [1, "secp256k1"],
      [2, "P-256"],
    ] as const) {
      const { publicKey } = generateKeyPairSync("ec", { namedCurve });
      const { x, y } = publicKey.export({ format: "jwk" });
      const data = hexlify(Buffer.concat([Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]));
      expect(await harness.spki(kind, data)).to.equal(hexlify(publicKey.export({ type: "spki", format: "der" })));
    }
    expect(await harness.spki(4, "0x")).to.equal("0x");
  });
});
