import { AttestationError, CLAIM_DEBUG, FieldError, inspectEvidence, verifyNitro } from "@assay/sdk";
import { expect } from "chai";
import { keccak256, sha256 } from "ethers";

import { bytes, name } from "../../../scripts/fixtures/nitro-pki.ts";
import { chainWith, documentWith, makeKeys, NOW } from "../../contracts/attestation/nitro/synthetic.ts";
import { NITRO, recorded } from "./vectors.ts";

/** The name of the error, or "accepted". */
async function verdict(evidence: Uint8Array, at: number): Promise<string> {
  try {
    await verifyNitro(evidence, { at });
    return "accepted";
  } catch (error) {
    if (error instanceof AttestationError) return error.reason;
    throw error;
  }
}

/** A sample of positions: all of the first and last bytes, and every `step`th between. */
function positions(length: number, step: number): number[] {
  return Array.from({ length }, (_, i) => i).filter((i) => i < 40 || i >= length - 100 || i % step === 0);
}

describe("Nitro documents", () => {
  for (const [file, from, until, debug] of NITRO) {
    describe(file, () => {
      let evidence: Uint8Array;
      before(function () {
        const found = recorded(file);
        if (found === undefined) {
          console.log(`      skipped: ${file} is not in this checkout`);
          this.skip();
        }
        evidence = found;
      });

      it("holds from its first second to its last, and not one longer", async () => {
        expect(await verdict(evidence, from)).to.equal("accepted");
        expect(await verdict(evidence, until)).to.equal("accepted");
        expect(await verdict(evidence, from - 1)).to.equal("IssuedAtInvalid");
        expect(await verdict(evidence, until + 1)).to.equal("CertificateNotCurrent");
      });

      it(debug ? "says that it is in debug mode" : "is not in debug mode", async () => {
        const { claims } = await verifyNitro(evidence, { at: from });
        expect(claims.flags).to.equal(debug ? CLAIM_DEBUG : 0);
        expect(claims.notAfter).to.equal(until);
      });

      it("holds with COSE's tag, too", async () => {
        expect(await verdict(Uint8Array.from([0xd2, ...evidence]), from)).to.equal("accepted");
      });

      it("falls with any byte changed, cut or added", async () => {
        for (const position of positions(evidence.length, 61)) {
          const changed = evidence.slice();
          changed[position] = (changed[position] ?? 0) ^ 0x01;
          expect(await verdict(changed, from), `byte ${position}`).to.not.equal("accepted");
        }
        expect(await verdict(evidence.subarray(0, -1), from)).to.equal("CborTruncated");
        expect(await verdict(Uint8Array.from([...evidence, 0]), from)).to.equal("EvidenceTrailing");
      });
    });
  }

  it("say which certificate is out of time, and when it is valid", async () => {
    const keys = makeKeys();
    const chain = chainWith(keys);
    const options = { root: keccak256(chain[0]!) };
    const document = documentWith(keys, chain);
    const { chain: certificates } = await verifyNitro(document, { ...options, at: NOW + 1 });
    const [leaf, until] = [certificates.length - 1, Math.min(...certificates.map(({ notAfter }) => notAfter))];
    const late = await verifyNitro(document, { ...options, at: until + 1 }).catch((error: unknown) => error);
    const from = certificates[leaf]!.notBefore;
    expect(late)
      .to.be.instanceOf(AttestationError)
      .with.deep.property("validity", { what: `certificate ${leaf} (leaf)`, from, until });
  });

  it("hold with optional fields as long as AWS defines them, and empty ones", async () => {
    const keys = makeKeys();
    const chain = chainWith(keys);
    for (const length of [0, 513, 1024, 1025]) {
      const data = new Uint8Array(length).fill(length);
      const fields = { user_data: bytes(data), nonce: bytes(data), public_key: bytes(data) };
      const options = { at: NOW + 1, root: keccak256(chain[0]!) };
      const verified = await verifyNitro(documentWith(keys, chain, fields), options).catch((error: unknown) => error);
      if (length > 1024) expect((verified as AttestationError).reason).to.equal("FieldLengthInvalid");
      else {
        const { claims } = verified as Awaited<ReturnType<typeof verifyNitro>>;
        expect([claims.bind0, claims.bind1, claims.keyHash]).to.deep.equal([
          sha256(data),
          sha256(data),
          keccak256(data),
        ]);
      }
    }
  });

  it("hold at no time that is none", async () => {
    const keys = makeKeys();
    const chain = chainWith(keys);
    const document = documentWith(keys, chain);
    for (const at of [undefined, Number.NaN, NOW + 0.5, Number.POSITIVE_INFINITY, -1, `${NOW}`]) {
      const options = { at: at as number, root: keccak256(chain[0]!) };
      const error = await verifyNitro(document, options).catch((thrown: unknown) => thrown);
      expect(error, String(at)).to.be.instanceOf(FieldError).with.property("field", "at");
    }
  });

  it("show no name that might speak to a terminal", () => {
    const keys = makeKeys();
    const escape = name("\u001b[2J");
    for (const changes of [{ leaf: { issuer: escape } }, { leaf: { subject: escape } }]) {
      const inspect = () => inspectEvidence(documentWith(keys, chainWith(keys, changes)));
      expect(inspect).to.throw(AttestationError).with.property("reason", "DerValueInvalid");
    }
  });

  it("that are garbage are refused by name", async () => {
    expect(await verdict(new Uint8Array(), 1)).to.equal("CborTruncated");
    expect(await verdict(new Uint8Array(12_289), 1)).to.equal("EvidenceTooLong");
    expect(await verdict(Uint8Array.of(0x84, 0x44, 0xa1, 0x01, 0x38, 0x21, 0xa0), 1)).to.equal("HeaderUnsupported");
    expect(await verdict(Uint8Array.of(0x9f), 1)).to.equal("CborHeadInvalid");
    // A payload that claims 2^64 - 1 bytes.
    const huge = [0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0, 0x5b, ...new Array<number>(8).fill(0xff)];
    expect(await verdict(Uint8Array.from(huge), 1)).to.equal("CborTruncated");
  });
});
