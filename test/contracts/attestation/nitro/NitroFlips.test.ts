import { expect } from "chai";

import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, chainOf, cut, elementAt, flip, hintsOf, leavesOf, open, sdkAnswer } from "./support.ts";
import { isThere, readVector, VECTORS } from "./vectors.ts";

/** A field of a document, and where it begins. */
interface Field {
  readonly path: string;
  readonly at: number;
}

/** Every field of a document: header, keys, values, each PCR, and each element of each certificate. */
function fieldsOf(document: Uint8Array): Field[] {
  const { header, parts, chain, payload, signature } = open(document);
  const certificates = chain.flatMap(({ path, start, end }) =>
    leavesOf(cut(document, { start, end }), elementAt(cut(document, { start, end }), 0, path)).map((element) => ({
      path: `${element.path} (tag ${element.tag})`,
      start: start + element.contents,
      end: start + element.end,
    })),
  );
  const heads = [
    { path: "array", start: 0, end: 1 },
    { path: "head of the header", start: header.start - 1, end: header.start },
    { path: "unprotected header", start: header.end, end: header.end + 1 },
    { path: "head of the payload", start: header.end + 1, end: payload.start },
    { path: "map", start: payload.start, end: payload.start + 1 },
    { path: "head of the signature", start: signature.start - 2, end: signature.start },
  ];
  return [...heads, header, ...parts, ...certificates, signature]
    .filter(({ start, end }) => end > start)
    .map(({ path, start }) => ({ path, at: start }));
}

/** How many changes one call makes. */
const BATCH = 64;

describe("NitroVerifier on documents of AWS with one bit changed", function () {
  this.timeout(120_000);

  for (const { file, issuedAt } of VECTORS.filter(({ file: name }) => isThere(name))) {
    it(`refuses ${file} after a change of any field`, async function () {
      const document = readVector(file);
      const { certificates, ethers, networkHelpers, prove, verifier } = await deployNitro(issuedAt - 100);
      const probe = await ethers.deployContract("EvidenceProbe");
      await networkHelpers.time.increaseTo(issuedAt + 100);
      const hints = hintsOf(document, prove);
      const chain = chainOf(document);
      await certificates.cacheCertificates(chain.slice(1), chainHints(chain, prove));
      expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
      const fields = fieldsOf(document);
      // Nine keys, their values, 16 PCRs and their numbers, and some thirty elements of each of five certificates.
      expect(fields.length).to.be.greaterThan(180);
      const seen = new Set<string>();
      for (let from = 0; from < fields.length; from += BATCH) {
        const batch = fields.slice(from, from + BATCH);
        const positions = batch.map(({ at }) => at);
        const reasons = await probe.probe(verifier, document, hints, positions, { gasLimit: 900_000_000 });
        for (const [i, { path, at }] of batch.entries()) {
          const selector = reasons[i]!;
          const error = verifier.interface.getError(selector) ?? certificates.interface.getError(selector);
          expect(error?.name, `${path}, byte ${at}`).to.be.a("string");
          seen.add(error!.name);
        }
      }
      expect([...seen]).to.include.members([
        "DocumentSignatureMismatch",
        "SignatureMismatch",
        "RootMismatch",
        "FieldUnknown",
      ]);
    });
  }

  it("refuses each with the error that the SDK has for it, nothing being remembered", async function () {
    const { file, issuedAt } = VECTORS.at(-1)!;
    const document = readVector(file);
    const { certificates, ethers, networkHelpers, prove, verifier } = await deployNitro(issuedAt - 100);
    const probe = await ethers.deployContract("EvidenceProbe");
    await networkHelpers.time.increaseTo(issuedAt + 100);
    const hints = hintsOf(document, prove);
    const [root] = chainOf(document);
    // Each costs millions of gas, so every second one.
    const fields = fieldsOf(document).filter((_, i) => i % 2 === 0);
    for (let from = 0; from < fields.length; from += BATCH) {
      const batch = fields.slice(from, from + BATCH);
      const positions = batch.map(({ at }) => at);
      const reasons = await probe.probe(verifier, document, hints, positions, { gasLimit: 900_000_000 });
      const now = await networkHelpers.time.latest();
      for (const [i, { path, at }] of batch.entries()) {
        const error = verifier.interface.getError(reasons[i]!) ?? certificates.interface.getError(reasons[i]!);
        expect(error?.name, `${path}, byte ${at}`).to.equal(await sdkAnswer(flip(document, at), now, root!));
      }
    }
  });

  it("refuses the document with three bytes missing", async function () {
    if (!isThere("base_fixture_20260103_as_committed_CORRUPT.bin")) {
      console.log("        skipped: the document is kept beside the repository");
      this.skip();
    }
    const document = readVector("base_fixture_20260103_as_committed_CORRUPT.bin");
    const { networkHelpers, verifier } = await deployNitro(1767472800);
    await networkHelpers.time.increaseTo(1767472867);
    expect(await answerOf(verifier.verify(document, "0x"))).to.match(/^Cbor\w+\(/u);
  });
});
