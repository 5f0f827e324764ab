import { constants, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

import {
  decodeEvidence,
  encodeTeeEvidence,
  type EvidenceKey,
  type Receipt,
  SIGNATURE_V1,
  type Statement,
  statementDigest,
  TEE_V1,
  verifyReceipt,
} from "@assay/sdk";
import { p256 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { concat, getBytes, hexlify, toBeHex } from "ethers";
import { network } from "hardhat";

import { codeOf } from "./support/code-of.ts";
import { randomStatement } from "./support/random.ts";

const ORDER = p256.Point.Fn.ORDER;

/** RSASSA-PSS of 32 bytes as Node's own OpenSSL makes it. */
function signPss(key: KeyObject, digest: string, saltLength = 32, hash = "sha256"): Uint8Array {
  return sign(hash, getBytes(digest), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

function rsaKey(bits: number): { readonly privateKey: KeyObject; readonly key: EvidenceKey } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  const exponent = toBeHex(BigInt(hexlify(Buffer.from(e, "base64url"))), 4);
  return { privateKey, key: { kind: 3, data: concat([exponent, Buffer.from(n, "base64url")]) } };
}

describe("sdk: receipts by keys on P-256 and of RSA", function () {
  this.timeout(120_000);
  const statement = randomStatement();
  const digest = statementDigest(statement, TEE_V1);
  const secretKey = p256.utils.randomSecretKey();
  const point = p256.Point.fromBytes(p256.getPublicKey(secretKey));
  const p256Key: EvidenceKey = { kind: 2, data: hexlify(point.toBytes(false).slice(1)) };
  const p256Signature = p256.sign(getBytes(digest), secretKey, { prehash: false });
  const rsa = rsaKey(2048);
  const wide = rsaKey(4096);
  const receiptOf = (evidence: string, of: Statement = statement): Receipt => ({
    statement: of,
    evidence: [evidence],
    issuedAt: 1_900_000_000,
  });
  const reason = (evidence: string, enclaveKeys: readonly string[], of?: Statement): string | undefined =>
    verifyReceipt(receiptOf(evidence, of), { enclaveKeys }).verdicts[0]?.reason;

  const cases = (): readonly (readonly [name: string, key: EvidenceKey, signature: Uint8Array])[] => [
    ["P-256", p256Key, p256Signature],
    ["RSA, 2048 bits", rsa.key, signPss(rsa.privateKey, digest)],
    ["RSA, 4096 bits", wide.key, signPss(wide.privateKey, digest)],
  ];

  it("reads what it wrote, and takes it where the key is trusted", () => {
    for (const [name, key, signature] of cases()) {
      const evidence = encodeTeeEvidence(signature, key);
      expect(decodeEvidence(evidence), name).to.deep.equal({
        kind: "tee",
        selector: TEE_V1,
        signature: hexlify(signature),
        key,
      });
      const [verdict] = verifyReceipt(receiptOf(evidence), { enclaveKeys: [key.data] }).verdicts;
      expect(verdict, name).to.deep.equal({ selector: TEE_V1, holds: true, reason: "holds", key: key.data });
      const loud = `0x${key.data.slice(2).toUpperCase()}`;
      expect(reason(evidence, [loud]), name).to.equal("holds");
      expect(reason(evidence, []), name).to.equal("nothing-to-trust");
      const strangers = cases().map(([, { data }]) => data);
      const others = [...strangers.filter((data) => data !== key.data), "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"];
      expect(reason(evidence, others), name).to.equal("signer-not-trusted");
    }
  });

  it("refuses any other statement, and any byte changed", () => {
    for (const [name, key, signature] of cases()) {
      const evidence = encodeTeeEvidence(signature, key);
      expect(reason(evidence, [key.data], randomStatement()), name).to.equal("signature-wrong");
      const bytes = getBytes(evidence);
      for (let index = 5; index < bytes.length; index += bytes.length > 200 ? 29 : 1) {
        const changed = bytes.with(index, bytes[index]! ^ 0x10);
        expect(reason(hexlify(changed), [key.data]), `${name}, byte ${index}`).to.equal("signature-wrong");
      }
    }
  });

  it("takes both P-256 signatures of a digest, as the contracts do, and none that is out of range", () => {
    const r = p256Signature.slice(0, 32);
    const s = BigInt(hexlify(p256Signature.slice(32)));
    const withS = (value: bigint): string => encodeTeeEvidence(concat([r, toBeHex(value, 32)]), p256Key);
    expect(reason(withS(ORDER - s), [p256Key.data])).to.equal("holds");
    for (const value of [0n, ORDER, s + 1n]) {
      expect(reason(withS(value), [p256Key.data])).to.equal("signature-wrong");
    }
    const nowhere = { kind: 2, data: `0x${"00".repeat(64)}` } as const;
    expect(reason(encodeTeeEvidence(p256Signature, nowhere), [nowhere.data])).to.equal("signature-wrong");
  });

  it("refuses RSA of another padding, salt or hash, and keys that are weak", () => {
    const { privateKey, key } = rsa;
    const plain = sign("sha256", getBytes(digest), privateKey);
    for (const [name, signature] of [
      ["PKCS #1 v1.5", plain],
      ["salt of 20 bytes", signPss(privateKey, digest, 20)],
      ["SHA-512", signPss(privateKey, digest, 32, "sha512")],
    ] as const) {
      expect(reason(encodeTeeEvidence(signature, key), [key.data]), name).to.equal("signature-wrong");
    }
    const good = signPss(privateKey, digest);
    for (const exponent of ["0x00000001", "0x00010002", "0x00000000"]) {
      const weak = { kind: 3, data: concat([exponent, `0x${key.data.slice(10)}`]) } as const;
      expect(reason(encodeTeeEvidence(good, weak), [weak.data]), exponent).to.equal("signature-wrong");
    }
  });

  it("refuses other lengths and kinds by name", () => {
    const good = encodeTeeEvidence(p256Signature, p256Key);
    for (const bad of [
      `${good}00`,
      good.slice(0, -2),
      concat([TEE_V1, "0x04", p256Key.data, p256Signature]),
      concat([TEE_V1, "0x03", `0x${"11".repeat(4 + 255 + 255)}`]),
      concat([TEE_V1, "0x03", `0x${"11".repeat(4 + 513 + 513)}`]),
      concat([TEE_V1, "0x03", `0x${"11".repeat(4 + 256 + 257)}`]),
      concat([SIGNATURE_V1, "0x02", p256Key.data, p256Signature]),
    ]) {
      expect(
        codeOf(() => decodeEvidence(bad)),
        bad.slice(0, 24),
      ).to.equal("ASY-EVIDENCE-001");
      expect(reason(bad, [p256Key.data])).to.equal("malformed");
    }
    expect(codeOf(() => encodeTeeEvidence("0x00", p256Key))).to.equal("ASY-EVIDENCE-001");
  });

  it("answers as the contract does", async () => {
    const { ethers } = await network.create();
    const verifier = await ethers.deployContract("ReceiptKeyVerifier");
    const onChain = async (key: EvidenceKey, signature: string): Promise<boolean> =>
      (await verifier.verify(key.data, digest, signature)) !== "0xffffffff";
    const twin = concat([p256Signature.slice(0, 32), toBeHex(ORDER - BigInt(hexlify(p256Signature.slice(32))), 32)]);
    const all: [EvidenceKey, string][] = cases().map(([, key, signature]) => [key, hexlify(signature)]);
    all.push([p256Key, twin], [rsa.key, hexlify(signPss(rsa.privateKey, digest, 20))]);
    for (const [key, signature] of [...all]) {
      const bytes = getBytes(signature);
      for (const index of [0, 31, bytes.length - 1]) {
        all.push([key, hexlify(bytes.with(index, bytes[index]! ^ 1))]);
      }
    }
    let holding = 0;
    for (const [key, signature] of all) {
      const here = reason(encodeTeeEvidence(signature, key), [key.data]) === "holds";
      expect(here, signature.slice(0, 20)).to.equal(await onChain(key, signature));
      if (here) holding++;
    }
    expect([holding, all.length]).to.deep.equal([4, 20]);
  });
});
