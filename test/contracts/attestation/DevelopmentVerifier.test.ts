import { X509Certificate } from "node:crypto";

import { OctetString } from "@peculiar/asn1-schema";
import { Extension } from "@peculiar/asn1-x509";
import { decode } from "cborg";
import { expect } from "chai";
import { AbiCoder, hexlify, keccak256 } from "ethers";
import { network } from "hardhat";

import { encodeName, signCertificate } from "../../../nodes/shared/enclave/development/certificate.ts";
import { signDocument } from "../../../nodes/shared/enclave/development/document.ts";
import { developmentKey } from "../../../nodes/shared/enclave/development/keys.ts";
import {
  DEVELOPMENT_FORMAT,
  DEVELOPMENT_ROOT,
  developmentMeasurement,
  ROOT_NAME,
} from "../../../nodes/shared/enclave/development/root.ts";
import type { DevelopmentVerifier, FlipProbe } from "../../../types/ethers-contracts/index.ts";
import {
  AUTHORITY,
  authorityWith,
  der,
  elementsOf,
  evidenceWith,
  LEAF,
  leafWith,
  MEASUREMENT,
  NOW,
  patch,
  payloadWith,
  PUBLIC_KEY,
  remade,
  USER_DATA,
  VALIDITY,
} from "../../support/development-evidence.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A verifier on a fresh chain whose latest block has the time `now`, and what it answers to evidence there. */
async function deploy(now = NOW, hardfork: "default" | "prague" = "default") {
  const { ethers, networkHelpers } = await network.create(hardfork);
  const verifier = await ethers.deployContract("DevelopmentVerifier");
  const probe = await ethers.deployContract("FlipProbe");
  await networkHelpers.time.increaseTo(now);
  return { networkHelpers, probe, verifier };
}

/** "ok", or the error's name with its arguments, as the contract's ABI has it. */
async function answer(verifier: DevelopmentVerifier, evidence: Uint8Array, hints = "0x"): Promise<string> {
  try {
    await verifier.verify(evidence, hints);
    return "ok";
  } catch (error) {
    const { message } = error as Error;
    const custom = /custom error '([^']*)'/.exec(message);
    if (!custom) throw error;
    return custom[1]!;
  }
}

describe("DevelopmentVerifier", function () {
  let verifier: DevelopmentVerifier;
  let probe: FlipProbe;
  let setTime: (now: number) => Promise<void>;

  before(async function () {
    const deployment = await deploy();
    ({ probe, verifier } = deployment);
    setTime = async (now) => deployment.networkHelpers.time.increaseTo(now);
  });

  const refuses = async (evidence: Uint8Array, reason: string) => {
    expect(await answer(verifier, evidence)).to.equal(reason);
  };
  const refusesChain = (chain: Uint8Array[], reason: string) => refuses(evidenceWith({ chain }), reason);
  const refusesLeaf = (leaf: Uint8Array, reason: string) => refusesChain([authorityWith(), leaf], reason);

  describe("what it is", function () {
    it("pins the root that the toolkit derives", async function () {
      expect(await verifier.ROOT_X()).to.equal(hexlify(DEVELOPMENT_ROOT.publicKey.slice(1, 33)));
      expect(await verifier.ROOT_Y()).to.equal(hexlify(DEVELOPMENT_ROOT.publicKey.slice(33)));
      expect(await verifier.ROOT_NAME()).to.equal(keccak256(encodeName(ROOT_NAME)));
      expect(await verifier.format()).to.equal(DEVELOPMENT_FORMAT);
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
        const deployment = await deploy(NOW, hardfork);
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
        expect(await answer(deployment.verifier, forged)).to.equal("SignatureMismatch(2)");
      });
    }

    it("takes the least end of validity over the chain", async function () {
      const chain = [authorityWith({ notAfter: NOW + 7 }), leafWith()];
      expect((await verifier.verify(evidenceWith({ chain }), "0x")).notAfter).to.equal(NOW + 7);
    });

    it("takes no hints", async function () {
      expect(await answer(verifier, evidenceWith(), "0x00")).to.equal("HintsUnexpected(1)");
    });
  });

  describe("bytes", function () {
    it("refuses evidence with any byte changed", async function () {
      this.timeout(120_000);
      const evidence = evidenceWith();
      expect(await answer(verifier, evidence)).to.equal("ok");
      for (let from = 0; from < evidence.length; from += 64) {
        const until = Math.min(from + 64, evidence.length);
        const { accepted, position } = await probe.probe(verifier, evidence, from, until);
        expect(accepted, `byte ${position}`).to.equal(0);
      }
    });

    it("refuses evidence that is cut anywhere, or goes on", async function () {
      this.timeout(120_000);
      const evidence = evidenceWith();
      for (let length = 0; length < evidence.length; ++length) {
        expect(await answer(verifier, evidence.slice(0, length)), `${length} bytes`).to.not.equal("ok");
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
        if ((await answer(verifier, evidenceWith({ chain: [authorityWith(), leaf] }))) !== "ok") continue;
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

  describe("CBOR", function () {
    const refusesPayload = (payload: Uint8Array, reason: string) => refuses(signDocument(payload, LEAF), reason);
    const good = payloadWith();
    const hexOf = (text: string) => Buffer.from(text).toString("hex");

    it("refuses indefinite lengths", async function () {
      const evidence = evidenceWith();
      await refuses(Buffer.concat([Buffer.of(0x9f), evidence.slice(1), Buffer.of(0xff)]), "CborHeadInvalid(0)");
      await refusesPayload(Buffer.concat([Buffer.of(0xbf), good.slice(1), Buffer.of(0xff)]), "CborHeadInvalid(0)");
      await refusesPayload(patch(good, `65${hexOf("chain")}82`, `65${hexOf("chain")}9f`), "CborHeadInvalid(7)");
      await refusesPayload(patch(good, `65${hexOf("chain")}`, `7f65${hexOf("chain")}ff`), "CborHeadInvalid(1)");
    });

    it("refuses heads that are not the shortest", async function () {
      await refusesPayload(Buffer.concat([Buffer.of(0xb8, 7), good.slice(1)]), "CborHeadInvalid(0)");
      await refusesPayload(patch(good, `65${hexOf("chain")}82`, `65${hexOf("chain")}9802`), "CborHeadInvalid(7)");
      const time = NOW.toString(16);
      const at = Buffer.from(good).indexOf(`issuedAt`) + 8;
      await refusesPayload(patch(good, `1a${time}`, `1b00000000${time}`), `CborHeadInvalid(${at})`);
      for (const head of ["1c", "1d", "1e", "1f"]) {
        await refusesPayload(patch(good, `1a${time}`, head), `CborHeadInvalid(${at})`);
      }
    });

    it("refuses huge lengths", async function () {
      const at = Buffer.from(good).indexOf("measurement") + 11;
      const measurement = Buffer.from(MEASUREMENT).toString("hex");
      for (const head of ["5bffffffffffffffff", "5affffffff", "59ffff", "58ff"]) {
        await refusesPayload(patch(good, `5820${measurement}`, head + measurement), `CborTruncated(${at})`);
      }
      const [, , payload] = decode(evidenceWith(), { useMaps: true });
      const signature = "00".repeat(64);
      const head = `8443a10126a05bffffffffffffffff${Buffer.from(payload).toString("hex")}5840${signature}`;
      await refuses(Buffer.from(head, "hex"), "CborTruncated(6)");
    });

    it("refuses other types, sizes, keys and orders", async function () {
      await refuses(Buffer.concat([Buffer.of(0xd2), evidenceWith()]), "CborTypeUnexpected(0, 6, 4)");
      await refuses(Buffer.concat([Buffer.of(0x85), evidenceWith().slice(1)]), "CborSizeUnexpected(0, 5, 4)");
      await refuses(patch(evidenceWith(), "8443a10126", "8443a10127"), "HeaderUnsupported()");
      await refuses(patch(evidenceWith(), "8443a10126a0", "8443a10126a10126"), "CborSizeUnexpected(5, 1, 0)");
      await refusesPayload(Buffer.concat([Buffer.of(0xa8), good.slice(1)]), "CborSizeUnexpected(0, 8, 7)");
      const debug = `65${hexOf("debug")}f4`;
      const format = `66${hexOf("format")}6b${hexOf("assay.dev/1")}`;
      const at = Buffer.from(good).indexOf("debug") - 1;
      await refusesPayload(patch(good, debug + format, format + debug), `CborTextUnexpected(${at})`);
      await refusesPayload(patch(good, debug + format, debug + debug), `CborTextUnexpected(${at + 7})`);
      await refusesPayload(patch(good, hexOf("assay.dev/1"), hexOf("assay.dev/2")), `CborTextUnexpected(${at + 14})`);
      for (const value of ["f6", "f7", "00", "01", "f9"]) {
        await refusesPayload(patch(good, debug, `65${hexOf("debug")}${value}`), `CborBoolInvalid(${at + 6})`);
      }
      await refusesPayload(patch(good, `1a${NOW.toString(16)}`, "20"), `CborTypeUnexpected(${at + 35}, 1, 0)`);
      const measurement = Buffer.from(MEASUREMENT).toString("hex");
      const last = Buffer.from(good).indexOf("measurement") + 11;
      await refusesPayload(
        patch(good, `5820${measurement}`, `5821${measurement}00`),
        `CborSizeUnexpected(${last}, 33, 32)`,
      );
      await refusesPayload(Buffer.concat([good, Buffer.of(0)]), `EvidenceTrailing(${good.length}, ${good.length + 1})`);
    });
  });

  describe("the chain", function () {
    it("has two or three certificates", async function () {
      const inner = developmentKey("test inner authority");
      const chain = [
        authorityWith({ authority: { pathLength: 1 } }),
        authorityWith({ issuer: "Test Authority", subject: "Inner", publicKey: inner.publicKey, signer: AUTHORITY }),
        leafWith({ issuer: "Inner", signer: inner }),
      ];
      expect(await answer(verifier, evidenceWith({ chain }))).to.equal("ok");
      await refusesChain([authorityWith(), ...chain.slice(1)], "PathTooLong(0, 1, 0)");
      const unlimited = authorityWith({ authority: {} });
      expect(await answer(verifier, evidenceWith({ chain: [unlimited, ...chain.slice(1)] }))).to.equal("ok");
      await refusesChain([], "ChainLengthInvalid(0)");
      await refusesChain([leafWith({ issuer: ROOT_NAME, signer: DEVELOPMENT_ROOT })], "ChainLengthInvalid(1)");
      await refusesChain([chain[0]!, ...chain], "ChainLengthInvalid(4)");
    });

    it("begins at the root, by name and by key", async function () {
      await refusesChain([authorityWith({ issuer: "Assay Development root" }), leafWith()], "IssuerMismatch(0)");
      await refusesChain([authorityWith({ signer: developmentKey("other") }), leafWith()], "SignatureMismatch(0)");
    });

    it("goes on by name and by key", async function () {
      await refusesLeaf(leafWith({ issuer: "Test authority" }), "IssuerMismatch(1)");
      await refusesLeaf(leafWith({ signer: developmentKey("other") }), "SignatureMismatch(1)");
      await refuses(evidenceWith({ signer: developmentKey("other") }), "SignatureMismatch(2)");
      await refuses(evidenceWith({ signer: AUTHORITY }), "SignatureMismatch(2)");
      await refusesChain([leafWith(), authorityWith()], "IssuerMismatch(0)");
    });

    it("has authorities, and then a leaf that is none", async function () {
      await refusesChain(
        [leafWith({ issuer: ROOT_NAME, subject: "Test Authority", signer: DEVELOPMENT_ROOT }), leafWith()],
        "AuthorityUnexpected(0, false)",
      );
      await refusesLeaf(leafWith({ authority: {} }), "AuthorityUnexpected(1, true)");
    });

    it("has keys that may be used as they are", async function () {
      const [sign, certSign, crlSign] = [1, 32, 64];
      for (const keyUsage of [sign, crlSign, sign | crlSign]) {
        const chain = [authorityWith({ keyUsage }), leafWith()];
        expect(await answer(verifier, evidenceWith({ chain }))).to.match(/^KeyUsageInvalid\(0, /);
      }
      for (const keyUsage of [certSign, crlSign, sign | certSign]) {
        expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), leafWith({ keyUsage })] }))).to.match(
          /^KeyUsageInvalid\(1, /,
        );
      }
      await refusesChain([authorityWith({ keyUsage: 0 }), leafWith()], "KeyUsageInvalid(0, 0)");
      await refusesLeaf(leafWith({ keyUsage: 0 }), "KeyUsageInvalid(1, 0)");
    });

    it("has signatures with s in the lower half", async function () {
      const [tbs, algorithm, bits] = elementsOf(leafWith()) as [Uint8Array, Uint8Array, Uint8Array];
      const [r, s] = elementsOf(bits.slice(3)) as [Uint8Array, Uint8Array];
      const high = (ORDER - BigInt(hexlify(s.slice(2)))).toString(16);
      const value = der("30", hexlify(r).slice(2) + der("02", high.padStart(66, "0")));
      const body = hexlify(tbs).slice(2) + hexlify(algorithm).slice(2) + der("03", `00${value}`);
      const leaf = Buffer.from(`3082${(body.length / 2).toString(16).padStart(4, "0")}${body}`, "hex");
      expect(new X509Certificate(leaf).verify(new X509Certificate(authorityWith()).publicKey)).to.equal(true);
      await refusesLeaf(leaf, "SignatureMismatch(1)");

      const evidence = evidenceWith();
      const twin = (ORDER - BigInt(hexlify(evidence.slice(-32)))).toString(16).padStart(64, "0");
      await refuses(Buffer.concat([evidence.slice(0, -32), Buffer.from(twin, "hex")]), "SignatureMismatch(2)");
    });
  });

  describe("X.509", function () {
    const changedLeaf = (elements: Record<number, string>) => remade(leafWith(), elements, AUTHORITY);
    const BASIC = "551d13";
    const USAGE = "551d0f";
    const extension = (oid: string, value: string, critical = "0101ff") =>
      der("30", der("06", oid) + critical + der("04", value));
    const extensions = (...all: string[]) => ({ 7: der("a3", der("30", all.join(""))) });
    const usage = extension(USAGE, "03020780");
    const basic = extension(BASIC, "3000");

    it("refuses certificates of more than 2 KiB", async function () {
      const extnValue = new OctetString(new Uint8Array(1800));
      const long = leafWith({ extensions: [new Extension({ extnID: "1.2.3.4", critical: false, extnValue })] });
      await refusesLeaf(long, `CertificateTooLong(${long.length}, 2048)`);
    });

    it("ignores extensions that it does not know, unless they are critical", async function () {
      const of = (critical: boolean) =>
        new Extension({ extnID: "1.2.3.4", critical, extnValue: new OctetString(new Uint8Array(3)) });
      const harmless = evidenceWith({ chain: [authorityWith(), leafWith({ extensions: [of(false)] })] });
      expect(await answer(verifier, harmless)).to.equal("ok");
      const critical = evidenceWith({ chain: [authorityWith(), leafWith({ extensions: [of(true)] })] });
      expect(await answer(verifier, critical)).to.match(/^CertificateExtensionUnknown\(/);
    });

    it("refuses extensions that are known but wrong", async function () {
      const invalid = (oid: string) => `CertificateExtensionInvalid("0x${oid}")`;
      await refusesLeaf(changedLeaf(extensions(basic, usage, usage)), invalid(USAGE));
      await refusesLeaf(changedLeaf(extensions(basic, basic, usage)), invalid(BASIC));
      await refusesLeaf(changedLeaf(extensions(extension(BASIC, "3000", ""), usage)), invalid(BASIC));
      await refusesLeaf(changedLeaf(extensions(basic, extension(USAGE, "03020780", ""))), invalid(USAGE));
      // None set, eight and more unused, a zero at the end, an unused bit set, more bytes than there are bits for.
      for (const value of ["030100", "03020880", "03020680", "03020600", "030207c0", "030407800080"]) {
        await refusesLeaf(changedLeaf(extensions(basic, extension(USAGE, value))), invalid(USAGE));
      }
      // pathLen without cA, cA spelled out as false, cA that is neither.
      for (const value of ["3003020100", "3003010100", "3003010101"]) {
        const leaf = changedLeaf(extensions(extension(BASIC, value), usage));
        expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), leaf] }))).to.match(
          /^(CertificateExtensionInvalid|DerValueInvalid|DerTagUnexpected)\(/,
        );
      }
      const spelled = changedLeaf(extensions(basic, extension(USAGE, "03020780"), extension("2a03", "00", "010100")));
      expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), spelled] }))).to.match(/^DerValueInvalid/);
    });

    it("refuses a path length of 255 and more, and negative ones", async function () {
      const reasons = [
        ["020200ff", /^CertificateExtensionInvalid/],
        ["0209010000000000000000", /^CertificateExtensionInvalid/],
        ["0201ff", /^DerValueInvalid/],
        ["02020001", /^DerValueInvalid/],
        ["0200", /^DerValueInvalid/],
      ] as const;
      for (const [integer, reason] of reasons) {
        const constraints = extension(BASIC, der("30", `0101ff${integer}`));
        const authority = remade(
          authorityWith(),
          extensions(constraints, extension(USAGE, "03020106")),
          DEVELOPMENT_ROOT,
        );
        expect(await answer(verifier, evidenceWith({ chain: [authority, leafWith()] }))).to.match(reason);
      }
    });

    it("refuses other versions, algorithms and keys", async function () {
      await refusesLeaf(changedLeaf({ 0: "a003020101" }), "CertificateVersionInvalid(1)");
      await refusesLeaf(changedLeaf({ 0: "" }), "DerTagUnexpected(7, 2, 160)");
      // ecdsa-with-SHA384, and SHA-256 with a NULL that does not belong there.
      await refusesLeaf(changedLeaf({ 2: "300a06082a8648ce3d040303" }), "CertificateAlgorithmUnsupported()");
      await refusesLeaf(changedLeaf({ 2: "300c06082a8648ce3d0403020500" }), "CertificateAlgorithmUnsupported()");
      const outside = patch(leafWith(), "300a06082a8648ce3d0403020347", "300a06082a8648ce3d0403030347");
      await refusesLeaf(outside, "CertificateAlgorithmUnsupported()");
      const point = hexlify(LEAF.publicKey.slice(1)).slice(2);
      const key = (head: string, body: string) =>
        der("30", `301306072a8648ce3d020106082a8648ce3d030107${der("03", `00${head}${body}`)}`);
      expect(
        await answer(verifier, evidenceWith({ chain: [authorityWith(), changedLeaf({ 6: key("04", point) })] })),
      ).to.equal("ok");
      await refusesLeaf(changedLeaf({ 6: key("02", point.slice(0, 64)) }), "CertificateKeyUnsupported()");
      await refusesLeaf(changedLeaf({ 6: key("06", point) }), "CertificateKeyUnsupported()");
      const otherCurve = patch(Buffer.from(key("04", point), "hex"), "2a8648ce3d030107", "2a8648ce3d030106");
      await refusesLeaf(changedLeaf({ 6: hexlify(otherCurve).slice(2) }), "CertificateKeyUnsupported()");
      // Not on the curve.
      const off = key("04", point.slice(0, 127) + (point.endsWith("0") ? "1" : "0"));
      await refusesLeaf(changedLeaf({ 6: off }), "SignatureMismatch(2)");
    });

    it("refuses bad serial numbers", async function () {
      await refusesLeaf(changedLeaf({ 1: "020100" }), "CertificateSerialInvalid()");
      await refusesLeaf(changedLeaf({ 1: der("02", `01${"00".repeat(20)}`) }), "CertificateSerialInvalid()");
      await refusesLeaf(changedLeaf({ 1: der("02", `0080${"00".repeat(20)}`) }), "CertificateSerialInvalid()");
      for (const serial of [`7f${"00".repeat(19)}`, `0080${"00".repeat(19)}`]) {
        const chain = [authorityWith(), changedLeaf({ 1: der("02", serial) })];
        expect(await answer(verifier, evidenceWith({ chain }))).to.equal("ok");
      }
      for (const serial of ["0200", "0201ff", "0202007f", "02020001"]) {
        expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), changedLeaf({ 1: serial })] }))).to.match(
          /^DerValueInvalid\(/,
        );
      }
    });

    it("refuses anything around or inside that does not belong there", async function () {
      const leaf = leafWith();
      await refusesLeaf(Buffer.concat([leaf, Buffer.of(0)]), `DerTrailing(${leaf.length}, ${leaf.length + 1})`);
      await refusesLeaf(leaf.slice(0, -1), "DerTruncated(0)");
      const whole = { ...extensions(basic, usage) };
      expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), changedLeaf(whole)] }))).to.equal("ok");
      for (const more of ["0500", "00", "3000"]) {
        const chain = [authorityWith(), changedLeaf({ 7: whole[7] + more })];
        expect(await answer(verifier, evidenceWith({ chain }))).to.match(/^DerTrailing\(/);
      }
      const validity = elementsOf(elementsOf(leaf)[0]!)[4]!;
      const [from, until] = elementsOf(validity).map((time) => hexlify(time).slice(2)) as [string, string];
      const longer = changedLeaf({ 4: der("30", from + until + until) });
      expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), longer] }))).to.match(/^DerTrailing\(/);
      // issuerUniqueID.
      const unique = changedLeaf({ 7: `81020001${whole[7]}` });
      expect(await answer(verifier, evidenceWith({ chain: [authorityWith(), unique] }))).to.match(
        /^DerTagUnexpected\(/,
      );
    });

    it("takes names of ASCII strings, and refuses names that are none", async function () {
      const attribute = (oid: string, value: string) => der("30", der("06", oid) + value);
      const name = (...attributes: string[]) => der("30", der("31", attributes.join("")));
      const [utf8, printable, oid] = ["0c0141", "130141", "550403"];
      const good = [name(attribute(oid, utf8)), name(attribute(oid, printable), attribute(oid, utf8)), "3000"];
      for (const subject of good) {
        const chain = [authorityWith(), changedLeaf({ 5: subject })];
        expect(await answer(verifier, evidenceWith({ chain })), subject).to.equal("ok");
      }
      const bad = [
        ["30023100", /^DerTruncated/],
        [name(attribute(oid, "020141")), /^DerTagUnexpected/],
        [name(attribute(oid, utf8 + utf8)), /^DerTrailing/],
        [name(attribute(oid, "0c02c3a9")), /^DerValueInvalid/],
        [name(attribute(oid, "0c0100")), /^DerValueInvalid/],
        [name(attribute("", utf8)), /^DerValueInvalid/],
        [name(attribute("8055", utf8)), /^DerValueInvalid/],
        [name(attribute("5584", utf8)), /^DerValueInvalid/],
        [name(utf8), /^DerTagUnexpected/],
      ] as const;
      for (const [subject, reason] of bad) {
        const chain = [authorityWith(), changedLeaf({ 5: subject })];
        expect(await answer(verifier, evidenceWith({ chain })), subject).to.match(reason);
      }
    });

    it("refuses lengths that are not the one form of DER", async function () {
      const name = elementsOf(elementsOf(leafWith())[0]!)[5]!;
      const inside = hexlify(name.slice(2)).slice(2);
      const size = (name.length - 2).toString(16).padStart(2, "0");
      const reasons = [
        [`3081${size}${inside}`, /^DerLengthInvalid/],
        [`308200${size}${inside}`, /^DerLengthInvalid/],
        [`30830000${size}${inside}`, /^DerLengthInvalid/],
        [`30847fffffff${inside}`, /^DerLengthInvalid/],
        [`3080${inside}0000`, /^DerLengthInvalid/],
        [`3082ffff${inside}`, /^DerTruncated/],
        [`3082`, /^DerLengthInvalid|^DerTruncated/],
        [`30ff`, /^DerLengthInvalid/],
      ] as const;
      for (const [raw, reason] of reasons) {
        const chain = [authorityWith(), changedLeaf({ 5: raw })];
        expect(await answer(verifier, evidenceWith({ chain })), raw).to.match(reason);
      }
    });
  });

  describe("time", function () {
    it("holds a certificate's validity to the second, both ends included", async function () {
      const chain = (from: number, until: number) => [authorityWith(), leafWith({ notBefore: from, notAfter: until })];
      expect(await answer(verifier, evidenceWith({ chain: chain(NOW, NOW) }))).to.equal("ok");
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
      expect((await verifier.verify(evidenceWith({ chain }), "0x")).notAfter).to.equal(2_524_608_000n);
    });

    it("ends with the leaf", async function () {
      await setTime(NOW + VALIDITY);
      expect(await answer(verifier, evidenceWith())).to.equal("ok");
      await setTime(NOW + VALIDITY + 1);
      await refuses(evidenceWith(), `CertificateNotCurrent(1, ${NOW}, ${NOW + VALIDITY})`);
    });
  });
});
