import { expect } from "chai";

import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, chainOf, flip, hintsOf, open } from "./support.ts";
import { isThere, readVector, VECTORS } from "./vectors.ts";

/** What `@0xsequence/tee-verifier` offers of a document. */
interface SignedAttestation {
  verifySignature(): Promise<boolean>;
  verifyRootOfTrust(date: Date): Promise<boolean>;
  rootCertFingerprint(): Promise<string>;
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
}

interface Oracle {
  readonly SignedAttestation: { fromDocument(base64: string): Promise<SignedAttestation> | SignedAttestation };
}

describe("NitroVerifier and @0xsequence/tee-verifier", function () {
  this.timeout(120_000);
  let oracle: Oracle;

  before(async function () {
    // It is made for browsers.
    Object.assign(globalThis, { window: globalThis });
    oracle = (await import("@0xsequence/tee-verifier")) as unknown as Oracle;
  });

  after(function () {
    Reflect.deleteProperty(globalThis, "window");
  });

  /** Whether it accepts `document` at `time`. */
  async function accepts(document: Uint8Array, time: number): Promise<boolean> {
    try {
      const attestation = await oracle.SignedAttestation.fromDocument(Buffer.from(document).toString("base64"));
      const isSigned = await attestation.verifySignature();
      return isSigned && (await attestation.verifyRootOfTrust(new Date(time * 1000)));
    } catch {
      return false;
    }
  }

  for (const { file, issuedAt, until } of VECTORS.filter(({ file: name }) => isThere(name))) {
    it(`agree about ${file}, its window, and changes of what is signed`, async function () {
      const document = readVector(file);
      const { certificates, ethers, networkHelpers, prove, verifier } = await deployNitro(issuedAt - 100);
      const hints = hintsOf(document, prove);
      const chain = chainOf(document);
      await networkHelpers.time.increaseTo(issuedAt);
      await certificates.cacheCertificates(chain.slice(1), chainHints(chain, prove));
      const { parts, payload, signature } = open(document);
      const positions = parts.filter(({ start, end }) => end > start).map(({ start }) => start);
      positions.push(payload.start, signature.start, signature.end - 1);
      const probe = await ethers.deployContract("EvidenceProbe");
      const reasons = await probe.probe(verifier, document, hints, positions, { gasLimit: 900_000_000 });
      const now = await networkHelpers.time.latest();
      expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
      expect(await accepts(document, now)).to.equal(true);
      for (const [i, at] of positions.entries()) {
        expect(reasons[i], `byte ${at}`).to.not.equal("0x00000000");
        expect(await accepts(flip(document, at), now), `byte ${at}`).to.equal(false);
      }
      await networkHelpers.time.increaseTo(until);
      expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
      expect(await accepts(document, until)).to.equal(true);
      await networkHelpers.time.increaseTo(until + 1);
      expect(await answerOf(verifier.verify(document, hints))).to.match(/^CertificateNotCurrent\(/u);
      expect(await accepts(document, until + 1)).to.equal(false);
    });
  }
});
