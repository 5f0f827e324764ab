import { X509Certificate } from "node:crypto";

import { decode } from "cborg";
import { expect } from "chai";
import { AbiCoder, hexlify, keccak256 } from "ethers";

import { encodeName, signCertificate } from "../../../nodes/shared/enclave/development/certificate.ts";
import {
  DEVELOPMENT_FORMAT,
  DEVELOPMENT_ROOT,
  developmentMeasurement,
  ROOT_NAME,
} from "../../../nodes/shared/enclave/development/root.ts";
import {
  AUTHORITY,
  authorityWith,
  elementsOf,
  evidenceWith,
  LEAF,
  leafWith,
  MEASUREMENT,
  NOW,
  PUBLIC_KEY,
  USER_DATA,
  VALIDITY,
} from "../../support/development-evidence.ts";
import { answer } from "./answer.ts";
import { deployDevelopment, development } from "./development.ts";

describe("DevelopmentVerifier", function () {
  const ours = development();
  const { answerTo, refuses, refusesChain } = ours;

  describe("what it is", function () {
    it("pins the root that the toolkit derives", async function () {
      expect(await ours.verifier.ROOT_X()).to.equal(hexlify(DEVELOPMENT_ROOT.publicKey.slice(1, 33)));
      expect(await ours.verifier.ROOT_Y()).to.equal(hexlify(DEVELOPMENT_ROOT.publicKey.slice(33)));
      expect(await ours.verifier.ROOT_NAME()).to.equal(keccak256(encodeName(ROOT_NAME)));
      expect(await ours.verifier.format()).to.equal(DEVELOPMENT_FORMAT);
    });

    it("takes evidence that Node's own X.509 and a CBOR decoder read the same way", async function () {
      const [header, unprotected, payload, signature] = decode(evidenceWith(), { useMaps: true, strict: true });
      expect(hexlify(header)).to.equal("0xa10126");
      expect(unprotected.size).to.equal(0);
      expect(signature.length).to.equal(64);
      const document = decode(payload);
      expect(hexlify(document.userData)).to.equal(hexlify(USER_DATA));
      const [authority, leaf] = document.chain.map((bytes: Uint8Array) => new X509Certificate(bytes));
      expect(leaf.checkIssued(authority)).to.equal(true);
      expect(leaf.verify(authority.publicKey)).to.equal(true);
      expect(authority.ca).to.equal(true);
      expect(leaf.ca).to.equal(false);
      expect(leaf.validToDate.getTime()).to.equal((NOW + VALIDITY) * 1000);
    });

    for (const hardfork of ["default", "prague"] as const) {
      it(`answers with every claim (network ${hardfork})`, async function () {
        const deployment = await deployDevelopment(hardfork);
        const claims = await deployment.verifier.verify(evidenceWith({ debug: true }), "0x");
        expect(claims.format).to.equal(DEVELOPMENT_FORMAT);
        expect(claims.measurement).to.equal(developmentMeasurement(hexlify(MEASUREMENT)));
        expect(claims.config).to.equal(`0x${"00".repeat(32)}`);
        const point = [LEAF.publicKey.slice(1, 33), LEAF.publicKey.slice(33)];
        const platform = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], point));
        expect(claims.platform).to.equal(platform);
        expect(claims.bind0).to.equal(hexlify(USER_DATA.slice(0, 32)));
        expect(claims.bind1).to.equal(hexlify(USER_DATA.slice(32)));
        expect(claims.keyHash).to.equal(keccak256(PUBLIC_KEY));
        expect(claims.issuedAt).to.equal(NOW);
        expect(claims.notAfter).to.equal(NOW + VALIDITY);
        expect(claims.flags).to.equal(1);
        const zeros = [claims.tcbEval, claims.tcbStatus, BigInt(claims.advisories)];
        expect(zeros).to.deep.equal([0n, 0n, 0n]);
        expect((await deployment.verifier.verify(evidenceWith(), "0x")).flags).to.equal(0);
        const forged = evidenceWith();
        forged[forged.length - 1]! ^= 1;
        expect(await answer(deployment.verifier.verify(forged, "0x"))).to.equal("SignatureMismatch(2)");
      });
    }

    it("takes the least end of validity over the chain", async function () {
      const chain = [authorityWith({ notAfter: NOW + 7 }), leafWith()];
      expect((await ours.verifier.verify(evidenceWith({ chain }), "0x")).notAfter).to.equal(NOW + 7);
    });

    it("takes no hints", async function () {
      expect(await answerTo(evidenceWith(), "0x00")).to.equal("HintsUnexpected(1)");
    });
  });

  describe("bytes", function () {
    it("refuses evidence with any byte changed", async function () {
      this.timeout(120_000);
      const evidence = evidenceWith();
      expect(await answerTo(evidence)).to.equal("ok");
      for (let from = 0; from < evidence.length; from += 64) {
        const until = Math.min(from + 64, evidence.length);
        const { accepted, position } = await ours.probe.probe(ours.verifier, evidence, from, until);
        expect(accepted, `byte ${position}`).to.equal(0);
      }
    });

    it("refuses evidence that is cut anywhere, or goes on", async function () {
      this.timeout(120_000);
      const evidence = evidenceWith();
      for (let length = 0; length < evidence.length; ++length) {
        expect(await answerTo(evidence.slice(0, length)), `${length} bytes`).to.not.equal("ok");
      }
      const longer = Buffer.concat([evidence, Buffer.of(0)]);
      await refuses(longer, `EvidenceTrailing(${evidence.length}, ${longer.length})`);
    });

    it("refuses more than 8 KiB before it reads any of it", async function () {
      await refuses(new Uint8Array(8193), "EvidenceTooLong(8193, 8192)");
      await refuses(new Uint8Array(8192), "CborTypeUnexpected(0, 0, 4)");
    });

    it("agrees with Node's X.509 on every leaf with a changed byte that the authority signed", async function () {
      this.timeout(120_000);
      const tbs = elementsOf(leafWith())[0]!;
      const authority = new X509Certificate(authorityWith());
      let accepted = 0;
      for (let i = 0; i < tbs.length; ++i) {
        const changed = Uint8Array.from(tbs);
        changed[i]! ^= 1 << (i % 8);
        const leaf = signCertificate(changed, AUTHORITY);
        if ((await answerTo(evidenceWith({ chain: [authorityWith(), leaf] }))) !== "ok") continue;
        ++accepted;
        const oracle = new X509Certificate(leaf);
        expect(oracle.verify(authority.publicKey), `byte ${i}`).to.equal(true);
        expect(oracle.checkIssued(authority), `byte ${i}`).to.equal(true);
        expect(oracle.ca, `byte ${i}`).to.equal(false);
        expect(oracle.validFromDate.getTime(), `byte ${i}`).to.be.at.most(NOW * 1000);
        expect(oracle.validToDate.getTime(), `byte ${i}`).to.be.at.least(NOW * 1000);
      }
      // The serial number, the subject's name and digits of the end of validity may differ.
      expect(accepted).to.be.within(8, 30);
    });
  });

  describe("time", function () {
    it("holds a certificate's validity to the second, both ends included", async function () {
      const chain = (from: number, until: number) => [authorityWith(), leafWith({ notBefore: from, notAfter: until })];
      expect(await answerTo(evidenceWith({ chain: chain(NOW, NOW) }))).to.equal("ok");
      await refusesChain(chain(NOW + 1, NOW + 9), `CertificateNotCurrent(1, ${NOW + 1}, ${NOW + 9})`);
      await refusesChain(chain(NOW - 9, NOW - 1), `CertificateNotCurrent(1, ${NOW - 9}, ${NOW - 1})`);
      const early = authorityWith({ notBefore: NOW - 9, notAfter: NOW - 1 });
      await refusesChain([early, leafWith()], `CertificateNotCurrent(0, ${NOW - 9}, ${NOW - 1})`);
    });

    it("refuses documents of the future, and from before their leaf", async function () {
      await refuses(evidenceWith({ issuedAt: NOW + 1 }), `IssuedAtInvalid(${NOW + 1}, ${NOW}, ${NOW})`);
      await refuses(evidenceWith({ issuedAt: NOW - 1 }), `IssuedAtInvalid(${NOW - 1}, ${NOW}, ${NOW})`);
    });

    it("reads times past 2049", async function () {
      const chain = [authorityWith({ notAfter: 2_524_608_000 }), leafWith({ notAfter: 4_107_542_400 })];
      expect(Buffer.from(chain[0]!).includes("20500101000000Z")).to.equal(true);
      expect((await ours.verifier.verify(evidenceWith({ chain }), "0x")).notAfter).to.equal(2_524_608_000n);
    });

    it("ends with the leaf", async function () {
      await ours.setTime(NOW + VALIDITY);
      expect(await answerTo(evidenceWith())).to.equal("ok");
      await ours.setTime(NOW + VALIDITY + 1);
      await refuses(evidenceWith(), `CertificateNotCurrent(1, ${NOW}, ${NOW + VALIDITY})`);
    });
  });
});
