import { randomBytes } from "node:crypto";

import {
  AssayError,
  BASE_FIELD,
  decodeEvidence,
  encodeReceipt,
  encodeSignatureEvidence,
  encodeTeeEvidence,
  encodeZkmlEvidence,
  groth16ProofWords,
  parseReceipt,
  parseVerifyingKey,
  publicWords,
  type Receipt,
  type ReceiptTrust,
  SCALAR_FIELD,
  SIGNATURE_V1,
  signStatement,
  type Statement,
  TEE_V1,
  verifyGroth16,
  verifyReceipt,
  verifyingKeyHash,
  zkContext,
  ZKML_V1,
} from "@assay/sdk";
import { expect } from "chai";
import { hexlify, Wallet } from "ethers";

import { codeOf } from "./support/code-of.ts";
import { vectors } from "./support/json.ts";
import { integerBelow, randomStatement } from "./support/random.ts";

interface SquareVector {
  readonly receipt: unknown;
  readonly signer: string;
  readonly enclaveKey: string;
  readonly publicSignals: readonly string[];
  readonly proof: { pi_a: string[]; pi_b: string[][]; pi_c: string[] };
  readonly verifyingKey: { IC: string[][]; vk_beta_2: string[][]; vk_alpha_1: string[] };
  readonly verifyingKeyHash: string;
}

const square = vectors("receipt/square.json") as SquareVector;
const receipt = parseReceipt(JSON.stringify(square.receipt));
const trust: ReceiptTrust = {
  signers: [square.signer],
  enclaveKeys: [square.enclaveKey],
  verifyingKey: parseVerifyingKey(square.verifyingKey),
};
const reasons = (changed: Receipt, given = trust) => verifyReceipt(changed, given).verdicts.map(({ reason }) => reason);
const zk = decodeEvidence(receipt.evidence[2]!);
if (zk.kind !== "zkml") throw new Error("the third piece of evidence is the zk proof");

describe("sdk: receipts", () => {
  it("accepts an honest receipt of every kind, proof included", () => {
    const verdict = verifyReceipt(receipt, { ...trust, requires: [ZKML_V1, SIGNATURE_V1] });
    expect(verdict.holds).to.equal(true);
    expect(verdict.verdicts.map(({ selector }) => selector)).to.deep.equal([SIGNATURE_V1, TEE_V1, ZKML_V1]);
    expect(verdict.verdicts[0]!.signer).to.equal(square.signer);
  });

  it("gives back the receipt it wrote", () => {
    expect(parseReceipt(encodeReceipt(receipt))).to.deep.equal(receipt);
    expect(encodeReceipt(parseReceipt(encodeReceipt(receipt)))).to.equal(encodeReceipt(receipt));
  });

  it("refuses all evidence when any field of the statement changes", () => {
    const other = randomStatement();
    for (const field of Object.keys(receipt.statement) as (keyof Statement)[]) {
      const changed = { ...receipt, statement: { ...receipt.statement, [field]: other[field] } };
      expect(
        verifyReceipt(changed, trust).verdicts.map(({ holds }) => holds),
        field,
      ).to.deep.equal([false, false, false]);
    }
  });

  it("trusts nothing by itself", () => {
    expect(reasons(receipt, {})).to.deep.equal(["nothing-to-trust", "nothing-to-trust", "nothing-to-trust"]);
    expect(verifyReceipt({ ...receipt, evidence: [] }, trust).holds).to.equal(false);
  });

  it("does not take a node's key for an enclave's, nor a stranger's for either", () => {
    const swapped = { ...trust, signers: [square.enclaveKey], enclaveKeys: [square.signer] };
    expect(reasons(receipt, swapped)).to.deep.equal(["signer-not-trusted", "signer-not-trusted", "holds"]);
  });

  it("does not take a signature made under another selector", async () => {
    const signer = new Wallet(`0x${"6".repeat(64)}`);
    expect(signer.address).to.equal(square.signer);
    const wrong = encodeSignatureEvidence(await signStatement(signer, receipt.statement, TEE_V1));
    const right = encodeSignatureEvidence(await signStatement(signer, receipt.statement, SIGNATURE_V1));
    expect(reasons({ ...receipt, evidence: [wrong, right] })).to.deep.equal(["signer-not-trusted", "holds"]);
  });

  it("names what is missing", () => {
    const verdict = verifyReceipt({ ...receipt, evidence: [receipt.evidence[0]!] }, { ...trust, requires: [TEE_V1] });
    expect(verdict.holds).to.equal(false);
    expect(verdict.verdicts[1]).to.deep.equal({ selector: TEE_V1, holds: false, reason: "missing" });
  });

  it("needs the output, and the right input and output, for a proof", () => {
    const { output: _, ...silent } = receipt;
    expect(reasons(silent)[2]).to.equal("output-missing");
    expect(reasons({ ...receipt, output: "0x010091" })[2]).to.equal("output-differs");
    const evidence = [encodeZkmlEvidence(zk.proof, "0x01000d")];
    expect(reasons({ ...receipt, evidence })).to.deep.equal(["input-differs"]);
  });

  it("never throws on hostile evidence", () => {
    for (let turn = 0; turn < 500; turn++) {
      const bytes = Uint8Array.from(randomBytes(integerBelow(300)));
      if (turn % 2 === 0 && bytes.length > 4) bytes.set([[1, 4, 5][turn % 3]!, 0, 0, 1]);
      const verdict = verifyReceipt({ ...receipt, evidence: [hexlify(bytes)] }, trust);
      expect(verdict.holds).to.equal(false);
    }
    for (const evidence of ["0x", "", "0x0", "zz", `0x01000001${"00".repeat(65)}`, `0x${"00".repeat(70_000)}`]) {
      expect(verifyReceipt({ ...receipt, evidence: [evidence] }, trust).verdicts[0]!.reason).to.equal("malformed");
    }
  });

  it("refuses receipts that are not of the form", () => {
    const json = () => JSON.parse(JSON.stringify(square.receipt)) as Record<string, unknown>;
    const changed = (fields: Record<string, unknown>) => JSON.stringify({ ...json(), ...fields });
    expect(codeOf(() => parseReceipt(" ".repeat(1_048_577)))).to.equal("ASY-RECEIPT-001");
    expect(codeOf(() => parseReceipt("é".repeat(600_000)))).to.equal("ASY-RECEIPT-001");
    expect(codeOf(() => parseReceipt("{"))).to.equal("ASY-RECEIPT-002");
    expect(codeOf(() => parseReceipt(Uint8Array.of(0xff, 0xfe)))).to.equal("ASY-RECEIPT-002");
    expect(codeOf(() => parseReceipt("[".repeat(1_000_000)))).to.equal("ASY-RECEIPT-002");
    for (const fields of [
      { more: 1 },
      { format: "assay.receipt/2" },
      { chainId: 31337 },
      { chainId: "0" },
      { evidence: [] },
      { evidence: ["0x1"] },
      { evidence: ["0xAB"] },
      { evidence: new Array(5).fill("0x01000001") },
      { output: "0x010091" },
      { issuedAt: -1 },
      { issuedAt: 1.5 },
      { hub: "0x12" },
      { statement: {} },
      { statement: { ...(json()["statement"] as object), extra: "0x" } },
    ]) {
      expect(
        codeOf(() => parseReceipt(changed(fields))),
        JSON.stringify(fields),
      ).to.equal("ASY-RECEIPT-003");
    }
    expect(codeOf(() => parseReceipt(changed({ hub: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2a" })))).to.equal(
      "ASY-SDK-001",
    );
  });
});

describe("sdk: evidence", () => {
  it("encodes and decodes each kind", () => {
    for (const [index, kind] of (["signature", "tee", "zkml"] as const).entries()) {
      const evidence = decodeEvidence(receipt.evidence[index]!);
      expect(evidence.kind).to.equal(kind);
      const again =
        evidence.kind === "signature"
          ? encodeSignatureEvidence(evidence.signature)
          : evidence.kind === "tee"
            ? encodeTeeEvidence(evidence.signature)
            : encodeZkmlEvidence(evidence.proof, evidence.input);
      expect(again).to.equal(receipt.evidence[index]);
    }
  });

  it("refuses wrong lengths, unknown selectors and malleable signatures", () => {
    const signature = receipt.evidence[0]!;
    expect(codeOf(() => decodeEvidence("0x0100"))).to.equal("ASY-EVIDENCE-001");
    expect(codeOf(() => decodeEvidence(`${signature}00`))).to.equal("ASY-EVIDENCE-001");
    expect(codeOf(() => decodeEvidence(signature.slice(0, -2)))).to.equal("ASY-EVIDENCE-001");
    expect(codeOf(() => decodeEvidence(receipt.evidence[2]!.slice(0, 500)))).to.equal("ASY-EVIDENCE-001");
    expect(codeOf(() => decodeEvidence(new Uint8Array(65_829)))).to.equal("ASY-EVIDENCE-001");
    expect(codeOf(() => decodeEvidence("0x010000020000"))).to.equal("ASY-EVIDENCE-002");
    expect(codeOf(() => decodeEvidence(`${signature.slice(0, -2)}00`))).to.equal("ASY-EVIDENCE-003");
    // The twin of the signature: s' = n - s, v' the other one. The contracts refuse it as well.
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${signature.slice(74, 138)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const twin = `${signature.slice(0, 74)}${s.toString(16).padStart(64, "0")}${v}`;
    expect(codeOf(() => decodeEvidence(twin))).to.equal("ASY-EVIDENCE-003");
    expect(codeOf(() => encodeZkmlEvidence([1n], "0x"))).to.equal("ASY-EVIDENCE-004");
    expect(codeOf(() => encodeZkmlEvidence([...zk.proof.slice(1), 1n << 256n], "0x"))).to.equal("ASY-SDK-001");
    expect(codeOf(() => encodeZkmlEvidence(zk.proof, new Uint8Array(65_537)))).to.equal("ASY-SDK-001");
  });

  it("throws nothing but AssayError on noise", () => {
    for (let turn = 0; turn < 2_000; turn++) {
      try {
        decodeEvidence(Uint8Array.from(randomBytes(integerBelow(300))));
      } catch (error) {
        expect(error).to.be.instanceOf(AssayError);
      }
    }
  });
});

describe("sdk: Groth16", () => {
  const key = parseVerifyingKey(square.verifyingKey);
  const words = publicWords(zkContext(receipt.statement), zk.input, receipt.output!);
  const proof = groth16ProofWords(square.proof);

  it("accepts the proof that snarkjs made", () => {
    expect(words.map(String)).to.deep.equal(square.publicSignals);
    expect(proof).to.deep.equal(zk.proof);
    expect(verifyGroth16(key, words, proof)).to.equal("holds");
  });

  it("hashes the key as the contracts do", () => {
    expect(verifyingKeyHash(square.verifyingKey)).to.equal(square.verifyingKeyHash);
    expect(key.hash).to.equal(square.verifyingKeyHash);
  });

  it("refuses every tampered coordinate and word", () => {
    for (let index = 0; index < 8; index++) {
      const with_ = (value: bigint) => proof.map((word, place) => (place === index ? value : word));
      expect(verifyGroth16(key, words, with_(proof[index]! + 1n))).to.equal("point-not-in-group");
      expect(verifyGroth16(key, words, with_(proof[index]! + BASE_FIELD))).to.equal("proof-not-in-field");
      expect(verifyGroth16(key, words, with_(BASE_FIELD))).to.equal("proof-not-in-field");
      expect(verifyGroth16(key, words, with_(-1n))).to.equal("proof-not-in-field");
    }
    const [first, second] = words as [bigint, bigint];
    expect(verifyGroth16(key, [first + 1n, second], proof)).to.equal("equation-fails");
    expect(verifyGroth16(key, [first, second ^ 1n], proof)).to.equal("equation-fails");
    expect(verifyGroth16(key, [second, first], proof)).to.equal("equation-fails");
    expect(verifyGroth16(key, [first + SCALAR_FIELD, second], proof)).to.equal("word-not-in-field");
    expect(verifyGroth16(key, [first], proof)).to.equal("word-count");
    expect(verifyGroth16(key, [...words, 0n], proof)).to.equal("word-count");
    expect(verifyGroth16(key, words, proof.slice(1))).to.equal("proof-length");
  });

  it("refuses valid points that are not the proof, infinity included", () => {
    const [ax, ay] = proof as [bigint, bigint];
    expect(verifyGroth16(key, words, [ax, BASE_FIELD - ay, ...proof.slice(2)])).to.equal("equation-fails");
    expect(verifyGroth16(key, words, [1n, 2n, ...proof.slice(2)])).to.equal("equation-fails");
    expect(verifyGroth16(key, words, [0n, 0n, ...proof.slice(2)])).to.equal("equation-fails");
    expect(verifyGroth16(key, words, new Array<bigint>(8).fill(0n))).to.equal("equation-fails");
  });

  it("refuses infinity where the equation holds with it, as the contracts do", () => {
    // A key of which the secrets are known: e(alpha, beta) e(-alpha, beta) = 1 leaves nothing for the proof to show.
    const { alpha, beta } = key;
    const known = { ...key, gamma: beta, constant: alpha.negate(), perWord: [] };
    expect(verifyGroth16(known, [], new Array<bigint>(8).fill(0n))).to.equal("equation-fails");
    expect(verifyGroth16(known, [], [0n, 0n, ...proof.slice(2, 6), 0n, 0n])).to.equal("equation-fails");
    expect(verifyGroth16(known, [], [1n, 2n, 0n, 0n, 0n, 0n, 0n, 0n])).to.equal("equation-fails");
  });

  it("refuses a point of the twist that is not in the subgroup", () => {
    // On the curve y^2 = x^3 + 3 / (9 + i), but of another order: the cofactor of G2 is not 1.
    const [x1, x0, y1, y0] = offSubgroup();
    expect(verifyGroth16(key, words, [proof[0]!, proof[1]!, x1, x0, y1, y0, proof[6]!, proof[7]!])).to.equal(
      "point-not-in-group",
    );
  });

  it("reads keys and proofs strictly", () => {
    const changed = (fields: object) => () => parseVerifyingKey({ ...square.verifyingKey, ...fields });
    const { IC } = square.verifyingKey;
    for (const fields of [
      { protocol: "plonk" },
      { curve: "bls12381" },
      { nPublic: 1 },
      { IC: IC.slice(1) },
      { IC: [] },
      { IC: [["1", "3", "1"], ...IC.slice(1)] },
      { IC: [["0", "0", "1"], ...IC.slice(1)] },
      { vk_alpha_1: ["1", "2", "2"] },
      { vk_alpha_1: ["01", "2", "1"] },
      { vk_beta_2: [...square.verifyingKey.vk_beta_2].reverse() },
    ]) {
      expect(codeOf(changed(fields)), JSON.stringify(fields)).to.equal("ASY-ZK-001");
    }
    for (const json of [undefined, null, 1, "x", [], {}]) {
      expect(codeOf(() => parseVerifyingKey(json))).to.equal("ASY-ZK-001");
      expect(codeOf(() => groth16ProofWords(json))).to.equal("ASY-ZK-002");
    }
    const past = { ...square.proof, pi_a: [BASE_FIELD.toString(), "2", "1"] };
    expect(codeOf(() => groth16ProofWords(past))).to.equal("ASY-ZK-002");
  });
});

/** A point on the twist outside the subgroup of prime order, as x1 x0 y1 y0, found by trying small x. */
function offSubgroup(): [bigint, bigint, bigint, bigint] {
  const p = BASE_FIELD;
  const mod = (value: bigint) => ((value % p) + p) % p;
  const pow = (base: bigint, exponent: bigint) => {
    let result = 1n;
    for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) result = (result * b) % p;
    return result;
  };
  const inverse = (value: bigint) => pow(value, p - 2n);
  // p is 3 modulo 4.
  const root = (value: bigint) => {
    const candidate = pow(value, (p + 1n) / 4n);
    return (candidate * candidate) % p === mod(value) ? candidate : undefined;
  };
  // b = 3 / (9 + i) = 3 (9 - i) / 82
  const b0 = mod(27n * inverse(82n));
  const b1 = mod(-3n * inverse(82n));
  for (let x = 1n; x < 100n; x++) {
    // For x in the base field: y^2 = (x^3 + b0) + b1 i. Square root in Fp2 by norms.
    const a0 = mod(x ** 3n + b0);
    const norm = root(mod(a0 * a0 + b1 * b1));
    if (norm === undefined) continue;
    for (const sign of [norm, p - norm]) {
      const y0 = root(mod((a0 + sign) * inverse(2n)));
      if (y0 === undefined || y0 === 0n) continue;
      const y1 = mod(b1 * inverse(2n * y0));
      if (mod(y0 * y0 - y1 * y1) === a0 && mod(2n * y0 * y1) === b1) return [0n, x, y1, y0];
    }
  }
  throw new Error("no point found");
}
