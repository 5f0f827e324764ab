import { constants, createPublicKey, verify } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { getBytes, id, recoverAddress } from "ethers";

import { p256Key, rsaKey, secp256k1Key, type TestKey } from "../../scripts/support/receipt-keys.ts";

const DIGEST = id("digest");
const KINDS: readonly (readonly [string, (seed?: string) => TestKey])[] = [
  ["secp256k1", secp256k1Key],
  ["P-256, low s", (seed) => p256Key(false, seed)],
  ["P-256, high s", (seed) => p256Key(true, seed)],
  ["RSA-2048", (seed) => rsaKey(2048, seed)],
];

describe("keys of enclaves for tests and figures", function () {
  for (const [name, make] of KINDS) {
    it(`${name}: one seed gives one key and one signature, others and none give others`, function () {
      const key = make("seed");
      expect({ ...make("seed"), sign: undefined }).to.deep.equal({ ...key, sign: undefined });
      expect(make("seed").sign(DIGEST)).to.equal(key.sign(DIGEST));
      expect(key.sign(id("other"))).to.not.equal(key.sign(DIGEST));
      expect(new Set([key, make("seeds"), make(), make()].map(({ data }) => data)).size).to.equal(4);
    });
  }

  it("others find the signatures good", function () {
    const account = secp256k1Key();
    expect(recoverAddress(DIGEST, account.sign(DIGEST))).to.equal(account.data);
    for (const highS of [false, true]) {
      const { sign, spki } = p256Key(highS);
      const point = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }).export({ format: "jwk" });
      const key = Buffer.from(
        `04${[point.x!, point.y!].map((half) => Buffer.from(half, "base64url").toString("hex")).join("")}`,
        "hex",
      );
      const signature = getBytes(sign(DIGEST));
      expect(p256.verify(signature, getBytes(DIGEST), key, { prehash: false, lowS: false })).to.equal(true);
      expect(p256.verify(signature, getBytes(DIGEST), key, { prehash: false, lowS: true })).to.equal(!highS);
    }
    for (const bits of [2048, 3072, 4096]) {
      const { sign, spki } = rsaKey(bits);
      const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
      const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      expect(key.asymmetricKeyDetails?.modulusLength).to.equal(bits);
      expect(verify("sha256", getBytes(DIGEST), pss, getBytes(sign(DIGEST)))).to.equal(true);
      expect(verify("sha256", getBytes(id("other")), pss, getBytes(sign(DIGEST)))).to.equal(false);
    }
  });
});
