import { createHash, randomBytes } from "node:crypto";

import {
  AssayError,
  enclavePoliciesAt,
  encodeManifest,
  type Manifest,
  manifestDigest,
  MAX_ENCLAVE_POLICIES,
  parseManifest,
} from "@assay/sdk";
import { expect } from "chai";

import { codeOf, refusalOf } from "./support/code-of.ts";
import { integerBelow } from "./support/random.ts";

const digest = `0x${"ab".repeat(32)}`;
const manifest: Manifest = {
  format: "assay.manifest/1",
  name: "Digits",
  description: "Reads a handwritten digit — 8x8 grey pixels.",
  licence: "CC-BY-4.0",
  files: [
    { path: "digits.onnx", sha256: digest, bytes: 12_345, role: "model" },
    { path: "keys/digits.zkey", sha256: digest, bytes: 3_000_000_000, role: "proving-key" },
  ],
  graphDigest: digest,
  input: { name: "pixels", dtype: "u8", dims: [64], range: { min: "0", max: "16" }, scale: 0.0625, zeroPoint: 0 },
  output: { name: "digit", dtype: "u8", dims: [], range: { min: "0", max: "9" }, scale: 1, zeroPoint: 0 },
  zk: { verifyingKeyHash: digest, setup: "development", constraints: 2_498, words: 4, provenance: "made by a test" },
};
const text = new TextDecoder().decode(encodeManifest(manifest));

describe("sdk: manifests", () => {
  it("gives back the manifest it wrote, whose bytes hash to the digest", () => {
    const bytes = encodeManifest(manifest);
    expect(parseManifest(bytes)).to.deep.equal(manifest);
    expect(manifestDigest(manifest)).to.equal(`0x${createHash("sha256").update(bytes).digest("hex")}`);
  });

  it("has one digest whatever the order of the fields", () => {
    const reversed = Object.fromEntries(Object.entries(manifest).reverse()) as Manifest;
    expect(JSON.stringify(reversed)).to.not.equal(JSON.stringify(manifest));
    expect(manifestDigest(reversed)).to.equal(manifestDigest(manifest));
  });

  it("takes a manifest without a circuit", () => {
    const { zk: _, ...plain } = manifest;
    expect(parseManifest(encodeManifest(plain))).to.deep.equal(plain);
  });

  it("refuses what is not canonical, for its digest would be ambiguous", () => {
    for (const other of [
      `${text} `,
      `\ufeff${text}`,
      JSON.stringify(manifest, null, 1),
      text.replace('"bytes":12345', '"bytes":1.2345e4'),
      text.replace('"zeroPoint":0', '"zeroPoint":-0'),
      text.replace('"name":"Digits"', '"name":"Other","name":"Digits"'),
      text.replace("Digits", "\\u0044igits"),
      text.replace("Digits", "\\ud800"),
    ]) {
      expect(other).to.not.equal(text);
      expect(codeOf(() => parseManifest(other))).to.be.oneOf(["ASY-MANIFEST-004", "ASY-MANIFEST-002"]);
    }
    expect(codeOf(() => encodeManifest({ ...manifest, name: "\ud800" }))).to.equal("ASY-MANIFEST-003");
  });

  it("refuses what is too large, no JSON or no UTF-8", () => {
    expect(codeOf(() => parseManifest(new Uint8Array(1_048_577)))).to.equal("ASY-MANIFEST-001");
    expect(codeOf(() => parseManifest("x"))).to.equal("ASY-MANIFEST-002");
    expect(codeOf(() => parseManifest(Uint8Array.of(0x22, 0xff, 0x22)))).to.equal("ASY-MANIFEST-002");
    const file = manifest.files[0]!;
    const files = Array.from({ length: 1_001 }, (_, index) => ({ ...file, path: `f${index}` }));
    expect(codeOf(() => encodeManifest({ ...manifest, files }))).to.equal("ASY-MANIFEST-003");
  });

  it("refuses paths that lead out of the folder or clash", () => {
    const named = (path: string): Manifest => ({ ...manifest, files: [{ ...manifest.files[0]!, path }] });
    encodeManifest(named("a/b-c_d.1/e"));
    for (const path of [
      "",
      "/a",
      "../a",
      "a/../b",
      "a//b",
      "a/",
      ".hidden",
      "a\\b",
      "C:a",
      "a\nb",
      "a b",
      "x".repeat(256),
    ]) {
      expect(
        codeOf(() => encodeManifest(named(path))),
        path,
      ).to.equal("ASY-MANIFEST-003");
    }
    const files = ["a", "A"].map((path) => ({ ...manifest.files[0]!, path }));
    expect(codeOf(() => encodeManifest({ ...manifest, files }))).to.equal("ASY-MANIFEST-003");
  });

  it("refuses fields of the wrong form", () => {
    const input = (fields: object) => ({ ...manifest, input: { ...manifest.input, ...fields } });
    for (const wrong of [
      { ...manifest, more: 1 },
      { ...manifest, format: "assay.manifest/2" },
      { ...manifest, name: "" },
      { ...manifest, files: [] },
      { ...manifest, graphDigest: digest.toUpperCase() },
      { ...manifest, files: [{ ...manifest.files[0]!, role: "virus" }] },
      { ...manifest, files: [{ ...manifest.files[0]!, bytes: -1 }] },
      { ...manifest, zk: { ...manifest.zk, setup: "trust me" } },
      {
        ...manifest,
        zk: { ...manifest.zk, binding: { mode: "fingerprint", input: "committed", output: "committed" } },
      },
      { ...manifest, zk: { ...manifest.zk, binding: { mode: "folded", input: "public", output: "public" } } },
      input({ dtype: "f64" }),
      input({ dims: [0] }),
      input({ dims: [65_536] }),
      input({ dims: [4_294_967_295, 4_294_967_295, 4_294_967_295] }),
      input({ dims: [1, 1, 1, 1, 1, 1, 1, 1, 1] }),
      input({ range: { min: "0", max: "256" } }),
      input({ range: { min: "1", max: "0" } }),
      input({ range: { min: "-0", max: "1" } }),
      input({ range: { min: "abc", max: "1" } }),
      input({ range: { min: "0x1", max: "2" } }),
      input({ range: 5 }),
      input({ scale: 0 }),
      input({ scale: Infinity }),
      input({ zeroPoint: 0.5 }),
    ]) {
      expect(
        codeOf(() => encodeManifest(wrong as Manifest)),
        JSON.stringify(wrong),
      ).to.equal("ASY-MANIFEST-003");
    }
  });

  describe("enclave policies that the owner names", () => {
    const registry = `0x${"5f".repeat(20)}`;
    const policyOf = (number: number): string => `0x${number.toString(16).padStart(64, "0")}`;
    const named = { chainId: "8453", registry, policy: policyOf(7) };
    const naming = (enclavePolicies: unknown): Manifest => ({ ...manifest, enclavePolicies }) as Manifest;
    const many = (count: number): unknown[] =>
      Array.from({ length: count }, (_, index) => ({ ...named, policy: policyOf(index + 1) }));

    it("are part of what the digest binds", () => {
      const one = naming([named]);
      expect(parseManifest(encodeManifest(one))).to.deep.equal(one);
      const digests = [manifest, one, naming([{ ...named, chainId: "1" }]), naming([named, ...many(2)])].map(
        manifestDigest,
      );
      expect(new Set(digests).size).to.equal(4);
    });

    it("are found by chain and registry, in the owner's order", () => {
      const other = { ...named, policy: policyOf(3) };
      const elsewhere = [
        { ...named, chainId: "1" },
        { ...named, registry: `0x${"aa".repeat(20)}` },
      ];
      const all = naming([named, ...elsewhere, other]);
      // Addresses come with a checksum, too.
      for (const [chainId, address] of [
        [8453n, registry],
        [8453, `0x${"5F".repeat(20)}`],
      ] as const) {
        expect(enclavePoliciesAt(all, { chainId, registry: address })).to.deep.equal([named.policy, other.policy]);
      }
      expect(enclavePoliciesAt(all, { chainId: 10n, registry })).to.deep.equal([]);
      expect(enclavePoliciesAt(manifest, { chainId: 8453n, registry })).to.deep.equal([]);
    });

    it("are up to 32, each once, and say which field is wrong, with its value", () => {
      encodeManifest(naming(many(MAX_ENCLAVE_POLICIES)));
      const policies = many(MAX_ENCLAVE_POLICIES + 1);
      for (const [wrong, ...words] of [
        [[], "enclavePolicies: "],
        [policies, "enclavePolicies: "],
        ["all", "enclavePolicies: "],
        [[named, { ...named, chainId: "1" }, named], "enclavePolicies.2: ", named.policy, "8453", "leave one out"],
        [[{ ...named, chainId: 8453 }], "enclavePolicies.0.chainId: "],
        [[{ ...named, chainId: "0x2105" }], "enclavePolicies.0.chainId: ", '"0x2105"', "in decimal"],
        [[{ ...named, chainId: "0" }], "enclavePolicies.0.chainId: ", '"0"'],
        [[{ ...named, chainId: "01" }], "enclavePolicies.0.chainId: ", '"01"'],
        [[{ ...named, chainId: "9".repeat(78) }], "enclavePolicies.0.chainId: ", '"9999'],
        [[{ ...named, registry: "0x5f" }], "enclavePolicies.0.registry: ", '"0x5f"', "20 bytes"],
        [[{ ...named, registry: registry.toUpperCase() }], "enclavePolicies.0.registry: ", '"0X5F', "lower-case"],
        [[{ ...named, registry: `0x${"00".repeat(20)}` }], "enclavePolicies.0.registry: ", "not zero"],
        [[{ ...named, policy: policyOf(0) }], "enclavePolicies.0.policy: ", "not zero"],
        [[{ ...named, policy: `${named.policy}00` }], "enclavePolicies.0.policy: ", "32 bytes"],
        [[{ ...named, policy: undefined }], "enclavePolicies.0.policy: "],
        [[{ ...named, note: "mine" }], "enclavePolicies.0: "],
      ] as const) {
        const error = refusalOf(() => encodeManifest(naming(wrong)));
        expect(error.code, JSON.stringify(wrong)).to.equal("ASY-MANIFEST-003");
        for (const word of words) expect(error.message).to.contain(word);
        expect(error.message.length).to.be.below(300);
      }
    });
  });

  it("throws nothing but AssayError on mangled manifests", () => {
    let refused = 0;
    for (let turn = 0; turn < 2_000; turn++) {
      const bytes = encodeManifest(manifest);
      for (let change = 0; change <= integerBelow(3); change++) bytes[integerBelow(bytes.length)] = randomBytes(1)[0]!;
      try {
        parseManifest(bytes);
      } catch (error) {
        expect(error).to.be.instanceOf(AssayError);
        refused++;
      }
    }
    expect(refused).to.be.greaterThan(500);
  });
});
