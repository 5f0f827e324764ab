import { X509Certificate } from "node:crypto";

import { expect } from "chai";
import { concat, keccak256 } from "ethers";

import {
  AUTHORITY_USAGE,
  extension,
  issueCrl,
  LEAF_USAGE,
} from "../../../../scripts/fixtures/intel-pki/certificate.ts";
import type { CrlOptions } from "../../../../scripts/fixtures/intel-pki/certificate.ts";
import { der, integer } from "../../../../scripts/fixtures/intel-pki/der.ts";
import { sgxExtension } from "../../../../scripts/fixtures/intel-pki/platform.ts";
import { toPem } from "../../../../scripts/fixtures/intel-pki/quote.ts";
import {
  KEYS,
  NOW,
  PLATFORM,
  PLATFORM_NAME,
  PROCESSOR_NAME,
  ROOT_NAME,
  rootCertificate,
  syntheticSet,
} from "../../../../scripts/fixtures/intel-pki/world.ts";
import { keyIdOf } from "../../../../scripts/support/dcap.ts";
import { answer, refusal } from "../answer.ts";
import { freshWorld, deployDcap, INTEL_ROOT_KEY_ID, putSet } from "./world.ts";

const DAY = 86_400;

describe("DcapCertificates", function () {
  const set = syntheticSet();
  const issuer = keyIdOf(set.pckAuthority);

  const ours = freshWorld(
    async (world) => await putSet(world, set, { without: ["pckAuthority", "pckCrl", "cachePck"] }),
  );

  const putAuthority = (bytes: Uint8Array) => answer(ours.world.certificates.putAuthority(bytes));
  const putCrl = (bytes: Uint8Array, of: string = issuer) => answer(ours.world.certificates.putCrl(of, bytes));

  it("says what the certificate says, and Node reads the same in it", async function () {
    await ours.world.certificates.putAuthority(set.pckAuthority);
    await ours.world.certificates.putCrl(issuer, set.pckCrl);
    await ours.world.certificates.cachePck(set.pck);
    const pckId = keccak256(set.pck);
    const [pck, notAfter] = await ours.world.certificates.pck(pckId);
    const node = new X509Certificate(set.pck);
    expect(pck.serial).to.equal(BigInt(`0x${node.serialNumber}`));
    expect(Number(pck.notBefore) * 1000).to.equal(node.validFromDate.getTime());
    expect(Number(pck.notAfter) * 1000).to.equal(node.validToDate.getTime());
    expect(concat([pck.x, pck.y])).to.equal(`0x${Buffer.from(KEYS.pck.point).toString("hex")}`);
    expect([pck.fmspc, pck.pceId, pck.pceSvn, pck.authority]).to.deep.equal(["0xb0c06f000000", "0x0000", 11n, issuer]);
    expect(pck.components).to.equal(`0x${Buffer.from(PLATFORM.components).toString("hex")}`);
    expect(notAfter).to.equal(NOW + 29 * DAY);
    const chain = [set.pck, set.pckAuthority, rootCertificate()].map(toPem).join("");
    expect(await ours.world.certificates.pckOfChain(keccak256(Buffer.from(chain)))).to.equal(pckId);
    expect(await refusal(ours.world.certificates.cachePck(set.pck))).to.equal("PckKnown");
  });

  it("has Intel's own root", async function () {
    const { certificates } = await deployDcap(NOW);
    expect(await certificates.rootKeyId()).to.equal(INTEL_ROOT_KEY_ID);
    // Nothing of another root's.
    expect(await refusal(certificates.putAuthority(set.pckAuthority))).to.equal("IssuerMismatch");
    // Our key under the name and the key identifier of Intel's.
    const issuerKey = { ...KEYS.root, id: Buffer.from(INTEL_ROOT_KEY_ID.slice(2), "hex") };
    const forged = syntheticSet({ authority: { issuerKey }, rootCrl: { issuerKey } });
    expect(await refusal(certificates.putAuthority(forged.pckAuthority))).to.equal("IssuerSignatureMismatch");
    expect(await refusal(certificates.putCrl(INTEL_ROOT_KEY_ID, forged.rootCrl))).to.equal("IssuerSignatureMismatch");
  });

  describe("authorities", function () {
    const cases: [string, Parameters<typeof syntheticSet>[0], RegExp][] = [
      ["has expired", { authority: { notAfter: NOW - 1 } }, /^CertificateNotCurrent/],
      ["is not valid yet", { authority: { notBefore: NOW + DAY } }, /^CertificateNotCurrent/],
      ["is no authority by its constraints", { authority: { usage: LEAF_USAGE } }, /^AuthorityUnfit/],
      ["may not sign CRLs", { authority: { usage: { bits: 0x04, unused: 2 } } }, /^AuthorityUnfit/],
      ["may have authorities below it", { authority: { pathLength: 1 } }, /^AuthorityUnfit/],
      ["has a name that Intel's do not", { authority: { subject: "Intel SGX PCK Cloud CA" } }, /^AuthorityUnfit/],
      ["was issued by another name", { authority: { issuer: PLATFORM_NAME } }, /^IssuerMismatch/],
      ["was issued by another key", { authority: { issuerKey: KEYS.signer } }, /^IssuerMismatch/],
      [
        "was signed by another key",
        { authority: { issuerKey: { ...KEYS.root, secret: KEYS.signer.secret } } },
        /^IssuerSignatureMismatch/,
      ],
      [
        "has a critical extension that is unknown",
        { authority: { extensions: [extension("2.5.29.36", true, der(0x30))] } },
        /^CertificateExtensionUnknown/,
      ],
      [
        "has a key identifier twice",
        { authority: { extensions: [extension("2.5.29.14", false, der(0x04, KEYS.authority.id))] } },
        /^IntelExtensionInvalid/,
      ],
    ];
    for (const [name, changes, expected] of cases) {
      it(`refuses one that ${name}`, async function () {
        expect(await putAuthority(syntheticSet(changes).pckAuthority)).to.match(expected);
      });
    }

    it("refuses one without the flag of authorities", async function () {
      const plain = syntheticSet({ signer: { subject: PLATFORM_NAME, usage: AUTHORITY_USAGE, key: KEYS.authority } });
      expect(new X509Certificate(set.pckAuthority).ca).to.equal(true);
      expect(new X509Certificate(plain.tcbSigner).ca).to.equal(false);
      expect(await putAuthority(plain.tcbSigner)).to.match(/^AuthorityUnfit\(.*false, 255, 6\)/);
    });

    it("refuses a TCB signer that is an authority, or that another key is known by", async function () {
      const authority = syntheticSet({ signer: { pathLength: 0, usage: AUTHORITY_USAGE } });
      expect(await putAuthority(authority.tcbSigner)).to.match(/^AuthorityUnfit/);
      const key = { ...KEYS.attestation, id: KEYS.signer.id };
      const changed = syntheticSet({ signer: { key, notBefore: NOW - DAY } });
      expect(await putAuthority(changed.tcbSigner)).to.match(/^AuthorityChanged/);
    });

    it("takes a successor, and nothing issued as early", async function () {
      expect(await putAuthority(set.pckAuthority)).to.equal("ok");
      expect(await putAuthority(set.pckAuthority)).to.match(/^CollateralNotNewer/);
      const successor = syntheticSet({ authority: { notBefore: NOW - 100 * DAY + 1 } });
      expect(await putAuthority(successor.pckAuthority)).to.equal("ok");
      expect(await putAuthority(set.pckAuthority)).to.match(/^CollateralNotNewer/);
    });

    it("refuses DER that ends early, goes on, or has a length that is too long, too great or indefinite", async function () {
      const good = set.pckAuthority;
      for (let length = 0; length < good.length; length += length < 8 ? 1 : 41) {
        expect(await putAuthority(good.slice(0, length)), `${length}`).to.match(/^DerTruncated/);
      }
      expect(await putAuthority(Buffer.concat([good, Buffer.alloc(1)]))).to.match(/^DerTrailing/);
      const body = good.slice(4);
      const bad = [
        [0x30, 0x80],
        [0x30, 0x83, 0, body.length >> 8, body.length & 0xff],
        [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        [0x30, 0xff],
      ];
      for (const head of bad) {
        expect(await putAuthority(Buffer.concat([Buffer.from(head), body]))).to.match(/^DerLengthInvalid/);
      }
      expect(await putAuthority(Buffer.concat([Buffer.of(0x30, 0x82, 0xff, 0xff), body]))).to.match(/^DerTruncated/);
      expect(await putAuthority(Buffer.alloc(2049, 0x30))).to.match(/^CertificateTooLong/);
    });
  });

  describe("PCK certificates", function () {
    const cases: [string, Parameters<typeof syntheticSet>[0], RegExp][] = [
      ["has expired", { pck: { notAfter: NOW - 1 } }, /^CertificateNotCurrent/],
      ["is not valid yet", { pck: { notBefore: NOW + DAY } }, /^CertificateNotCurrent/],
      ["another authority has issued", { pck: { issuerKey: KEYS.otherAuthority } }, /^AuthorityUnknown/],
      ["the TCB signer has issued", { pck: { issuerKey: KEYS.signer } }, /^AuthorityUnknown/],
      ["says another issuer", { pck: { issuer: PROCESSOR_NAME } }, /^IssuerMismatch/],
      [
        "another key has signed",
        { pck: { issuerKey: { ...KEYS.authority, secret: KEYS.root.secret } } },
        /^IssuerSignatureMismatch/,
      ],
      ["is an authority", { pck: { pathLength: 0 } }, /^PckUnfit/],
      ["may sign certificates", { pck: { usage: { bits: 0x84, unused: 2 } } }, /^PckUnfit/],
      ["may not sign", { pck: { usage: { bits: 0x40, unused: 6 } } }, /^PckUnfit/],
      ["has another subject", { pck: { subject: "Intel SGX TCB Signing" } }, /^PckUnfit/],
      ["has no SGX extension", { pck: { extensions: [] } }, /^SgxExtensionMissing/],
      [
        "has two SGX extensions",
        { pck: { extensions: [sgxExtension(PLATFORM), sgxExtension(PLATFORM)] } },
        /^IntelExtensionInvalid/,
      ],
      ["has a component above 255", { platform: { components: [256, ...Array<number>(15).fill(0)] } }, /^SgxExtension/],
      ["has 15 components", { platform: { components: Array<number>(15).fill(0) } }, /^SgxExtensionInvalid/],
      ["has a long PPID", { platform: { ppid: Buffer.alloc(17) } }, /^SgxExtensionInvalid/],
      ["has a short FMSPC", { platform: { fmspc: "0011223344" } }, /^SgxExtensionInvalid/],
      ["has a long PCE ID", { platform: { pceId: "000000" } }, /^SgxExtensionInvalid/],
      ["has a PCE SVN above 65,535", { platform: { pceSvn: 65_536 } }, /^SgxExtensionInvalid/],
    ];
    for (const [name, changes, expected] of cases) {
      it(`refuses one that ${name}`, async function () {
        await putSet(ours.world, set, { without: ["rootCrl", "tcbSigner", "tcbInfo", "qeIdentity", "cachePck"] });
        expect(await answer(ours.world.certificates.cachePck(syntheticSet(changes).pck))).to.match(expected);
      });
    }

    it("needs the authority and its CRL", async function () {
      expect(await refusal(ours.world.certificates.cachePck(set.pck))).to.equal("AuthorityUnknown");
      await ours.world.certificates.putAuthority(set.pckAuthority);
      expect(await answer(ours.world.certificates.cachePck(set.pck))).to.equal(`CrlUnknown("${issuer}")`);
    });
  });

  describe("CRLs", function () {
    const crl = (options: Partial<CrlOptions> = {}) =>
      issueCrl({
        issuer: PLATFORM_NAME,
        issuerKey: KEYS.authority,
        thisUpdate: NOW - DAY,
        nextUpdate: NOW + DAY,
        ...options,
      });

    beforeEach(async function () {
      await ours.world.certificates.putAuthority(set.pckAuthority);
    });

    it("takes them in the order of their dates, with as many entries as a blob holds", async function () {
      expect(await putCrl(crl({ serials: [1n, (1n << 159n) - 1n, 1n << 159n] }))).to.equal("ok");
      expect(await putCrl(crl())).to.match(/^CollateralNotNewer/);
      expect(await putCrl(crl({ thisUpdate: NOW - DAY - 1, nextUpdate: NOW + 90 * DAY }))).to.match(
        /^CollateralNotNewer/,
      );
      const many = Array.from({ length: 1228 }, (_, i) => (1n << 150n) + BigInt(i));
      const step = ours.world.certificates.putCrl(issuer, crl({ thisUpdate: NOW - DAY + 1, serials: many }), {
        gasLimit: 16_000_000,
      });
      expect(await answer(step)).to.equal("ok");
      expect(await putCrl(crl({ thisUpdate: NOW - DAY + 2, serials: [...many, 5n] }))).to.match(/^CrlEntriesTooMany/);
    });

    it("refuses those of other issuers, and the other way round", async function () {
      expect(await putCrl(set.rootCrl)).to.match(/^IssuerMismatch/);
      const root = await ours.world.certificates.rootKeyId();
      expect(await putCrl(set.pckCrl, root)).to.match(/^IssuerMismatch/);
      const processor = { issuer: PROCESSOR_NAME, issuerKey: KEYS.otherAuthority };
      expect(await putCrl(crl(processor))).to.match(/^IssuerMismatch/);
      expect(await putCrl(crl(processor), keyIdOf(syntheticSet().tcbSigner))).to.match(/^AuthorityUnknown/);
      expect(await putCrl(crl({ issuerKey: { ...KEYS.authority, secret: KEYS.root.secret } }))).to.match(
        /^IssuerSignatureMismatch/,
      );
      expect(await putCrl(crl({ issuer: ROOT_NAME }))).to.match(/^IssuerMismatch/);
    });

    it("refuses what is no CRL, or not now", async function () {
      expect(await putCrl(new Uint8Array())).to.match(/^DerTruncated/);
      expect(await putCrl(Buffer.alloc(300, 0x55))).to.match(/^DerTagUnexpected/);
      expect(await putCrl(set.pck)).to.match(/^Der/);
      expect(await putCrl(crl({ nextUpdate: NOW - 1 }))).to.match(/^CrlNotCurrent/);
      expect(await putCrl(crl({ thisUpdate: NOW + DAY / 2 }))).to.match(/^CrlNotCurrent/);
      const good = crl({ serials: [9n] });
      for (let length = 0; length < good.length; length += 17) {
        expect(await putCrl(good.slice(0, length)), `${length}`).to.match(/^DerTruncated/);
      }
      expect(await putCrl(Buffer.concat([good, Buffer.of(0)]))).to.match(/^DerTrailing/);
    });

    it("refuses entries and extensions that would change what a list means", async function () {
      for (const reason of [0, 7, 8, 11]) {
        expect(await putCrl(crl({ serials: [9n], reason })), `reason ${reason}`).to.match(/^CrlEntryInvalid/);
      }
      expect(await putCrl(crl({ serials: [1n << 160n] }))).to.match(/^CrlEntryInvalid/);
      expect(await putCrl(crl({ serials: [0n] }))).to.match(/^CrlEntryInvalid/);
      // issuingDistributionPoint and deltaCRLIndicator, which are critical, and a number too many.
      for (const one of [
        extension("2.5.29.28", true, der(0x30)),
        extension("2.5.29.27", true, integer(1)),
        extension("2.5.29.28", false, der(0x30)),
        extension("2.5.29.20", false, integer(1)),
      ]) {
        expect(await putCrl(crl({ extensions: [one] }))).to.match(/^(CrlExtensionInvalid|DerTagUnexpected)/);
      }
    });
  });
});
