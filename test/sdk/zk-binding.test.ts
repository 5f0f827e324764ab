import {
  bindingBits,
  bindingFromBits,
  boundWords,
  bytesToWords,
  commitEncoding,
  decodeEvidence,
  encodeOpening,
  encodeTensor,
  encodeZkmlEvidence,
  fingerprintAt,
  fingerprintPoint,
  MAX_OPENING_BYTES,
  openingOf,
  PACKED_BINDING,
  parseOpening,
  poseidonChain,
  publicWords,
  SCALAR_FIELD,
  type ZkBinding,
} from "@assay/sdk";
import { expect } from "chai";
import { concat, getBytes, hexlify, keccak256, toBeHex } from "ethers";

import { codeOf } from "./support/code-of.ts";

const context = Uint8Array.from({ length: 31 }, (_, at) => at + 1);
const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, at) => (at * 7 + seed) % 256);
/** A tensor's encoding of that many bytes in all, its header of 6 included. */
const encoded = (length: number, seed = 1) =>
  encodeTensor({ dtype: "u8", dims: [length - 6], data: Array.from(bytes(length - 6, seed), BigInt) });
const FINGERPRINT: ZkBinding = { ...PACKED_BINDING, mode: "fingerprint" };
const BOTH: ZkBinding = { mode: "packed", input: "committed", output: "committed" };

describe("sdk/zk: bindings", () => {
  it("has a number for each, and none for a fingerprint of nothing", () => {
    const seen = Array.from({ length: 7 }, (_, bits) => bindingFromBits(bits));
    expect(seen.map(bindingBits)).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(seen[0]).to.deep.equal(PACKED_BINDING);
    expect(bindingFromBits(3n)).to.deep.equal({ mode: "fingerprint", input: "committed", output: "public" });
    for (const bad of [-1, 7, 8, 256, 0.5, Number.NaN])
      expect(
        codeOf(() => bindingFromBits(bad)),
        `${bad}`,
      ).to.equal("ASY-ZK-003");
    expect(codeOf(() => bindingBits({ ...BOTH, mode: "fingerprint" }))).to.equal("ASY-ZK-003");
  });

  it("packs as before", () => {
    const [input, output] = [encoded(70), encoded(11, 5)];
    expect(boundWords(PACKED_BINDING, { context, input, output })).to.deep.equal(publicWords(context, input, output));
  });

  it("takes a fingerprint: hash, point from context and hash, value at the point", () => {
    const [input, output] = [encoded(70), encoded(11, 5)];
    const words = bytesToWords(Uint8Array.from([...input, ...output]));
    const [c, r, e] = boundWords(FINGERPRINT, { context, input, output }) as [bigint, bigint, bigint];
    expect(c).to.equal(poseidonChain("words", words));
    const point = keccak256(concat(["0x00", context, toBeHex(c, 32)]));
    expect(r)
      .to.equal(BigInt(point) % SCALAR_FIELD)
      .and.to.equal(fingerprintPoint(context, c));
    const value = words.reduce((sum, word, at) => {
      const power = Array.from({ length: at + 1 }).reduce<bigint>((product) => (product * r) % SCALAR_FIELD, 1n);
      return (sum + word * power) % SCALAR_FIELD;
    }, 0n);
    expect(e).to.equal(value).and.to.equal(fingerprintAt(words, r));
    const named = boundWords(FINGERPRINT, { context, input, output, fingerprint: c + 1n });
    expect(named[1], "another hash, another point").to.not.equal(r);
    for (const bad of [SCALAR_FIELD, SCALAR_FIELD + c, -1n]) {
      expect(codeOf(() => boundWords(FINGERPRINT, { context, input, output, fingerprint: bad }))).to.equal(
        "ASY-ZK-003",
      );
    }
  });

  it("puts commitments last, input before output", () => {
    const [input, output] = [toBeHex(5n, 32), toBeHex(SCALAR_FIELD - 1n, 32)];
    const context31 = BigInt(hexlify(context));
    expect(boundWords(BOTH, { context, input, output })).to.deep.equal([context31, 5n, SCALAR_FIELD - 1n]);
    const half: ZkBinding = { mode: "fingerprint", input: "public", output: "committed" };
    const words = boundWords(half, { context, input: encoded(40), output });
    expect(words).to.have.length(4);
    expect([words[0], words[3]]).to.deep.equal([poseidonChain("words", bytesToWords(encoded(40))), SCALAR_FIELD - 1n]);
    for (const bad of [toBeHex(SCALAR_FIELD, 32), toBeHex(2n ** 256n - 1n, 32), toBeHex(5n, 31), "0x"]) {
      expect(
        codeOf(() => boundWords(BOTH, { context, input: bad, output })),
        bad,
      ).to.equal("ASY-ZK-003");
    }
  });

  it("refuses what is no tensor's encoding, because the words do not say where one ends", () => {
    const [input, output] = [encoded(70), encoded(11, 5)];
    const half: ZkBinding = { ...BOTH, output: "public" };
    const commitment = toBeHex(5n, 32);
    for (const bad of [new Uint8Array(), output.slice(0, -1), Uint8Array.from([...output, 0]), output.slice(6)]) {
      for (const binding of [PACKED_BINDING, FINGERPRINT]) {
        expect(codeOf(() => boundWords(binding, { context, input, output: bad }))).to.equal("ASY-ZK-003");
        expect(codeOf(() => boundWords(binding, { context, input: bad, output }))).to.equal("ASY-ZK-003");
      }
      expect(codeOf(() => boundWords(half, { context, input: commitment, output: bad }))).to.equal("ASY-ZK-003");
    }
  });

  it("reads the hash in evidence only where the binding has one", () => {
    const proof = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    const evidence = encodeZkmlEvidence(proof, bytes(9), 77n);
    expect((evidence.length - 2) / 2).to.equal(260 + 32 + 9);
    expect(decodeEvidence(evidence, "fingerprint")).to.deep.include({ fingerprint: 77n, input: bytes(9), proof });
    expect(decodeEvidence(evidence)).to.deep.include({ input: getBytes(concat([toBeHex(77n, 32), bytes(9)])) });
    expect(codeOf(() => decodeEvidence(encodeZkmlEvidence(proof, bytes(31)), "fingerprint"))).to.equal(
      codeOf(() => decodeEvidence(encodeZkmlEvidence(proof, bytes(9)).slice(0, 400))),
    );
  });
});

describe("sdk/zk: commitments", () => {
  const salt = bytes(31, 3);

  it("binds to encoding and salt, and is below the field's modulus", () => {
    const commitment = commitEncoding(encoded(70), salt);
    expect(BigInt(commitment) < SCALAR_FIELD).to.equal(true);
    const others = [
      commitEncoding(encoded(70), bytes(31, 4)),
      commitEncoding(encoded(71), salt),
      commitEncoding(encoded(70, 2), salt),
    ];
    expect(new Set([commitment, ...others]).size).to.equal(4);
    const words = [BigInt(hexlify(salt)), ...bytesToWords(encoded(70))];
    expect(BigInt(commitment)).to.equal(poseidonChain("commitment", words));
    expect(openingOf(encoded(70)).commitment, "fresh salts").to.not.equal(openingOf(encoded(70)).commitment);
  });

  it("refuses salts of another length and nothing to commit to", () => {
    for (const bad of [bytes(30), new Uint8Array()])
      expect(codeOf(() => commitEncoding(encoded(9), bad))).to.equal("ASY-ZK-003");
    expect(codeOf(() => commitEncoding("0x", salt))).to.equal("ASY-ZK-003");
  });

  it("is opened by one encoding: not by it with zeros after it, or without those at its end", () => {
    const encoding = encodeTensor({ dtype: "u8", dims: [20], data: new Array<bigint>(20).fill(0n) });
    const { commitment } = openingOf(encoding, salt);
    for (const other of [Uint8Array.from([...encoding, 0, 0]), encoding.slice(0, -3), encoding.slice(0, 6)]) {
      // Words are padded with zeros, so the hash is the same.
      const words = [BigInt(hexlify(salt)), ...bytesToWords(other)];
      expect(poseidonChain("commitment", words)).to.equal(BigInt(commitment));
      expect(codeOf(() => commitEncoding(other, salt))).to.equal("ASY-ZK-003");
      const text = encodeOpening({ commitment, encoding: other, salt });
      expect(codeOf(() => parseOpening(text, commitment))).to.equal("ASY-ZK-004");
    }
  });

  it("reads an opening back, and nothing that differs in one character", () => {
    const opening = openingOf(encoded(12), salt);
    const text = encodeOpening(opening);
    expect(parseOpening(text, opening.commitment)).to.deep.equal(opening);
    for (let at = 0; at < text.length - 1; at++) {
      const changed = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
      expect(
        codeOf(() => parseOpening(changed)),
        `character ${at}`,
      ).to.equal("ASY-ZK-004");
    }
    for (const bad of ["", "{}", `${text}\n`, ` ${text}`, text.toUpperCase(), "x".repeat(MAX_OPENING_BYTES + 1)]) {
      expect(
        codeOf(() => parseOpening(bad)),
        bad.slice(0, 20),
      ).to.equal("ASY-ZK-004");
    }
    expect(codeOf(() => parseOpening(text, commitEncoding(encoded(12), bytes(31, 9))))).to.equal("ASY-ZK-004");
  });
});
