import { OctetString } from "@peculiar/asn1-schema";
import { Extension } from "@peculiar/asn1-x509";
import { expect } from "chai";
import { hexlify } from "ethers";

import { DEVELOPMENT_ROOT } from "../../../nodes/shared/enclave/development/root.ts";
import {
  AUTHORITY,
  authorityWith,
  der,
  elementsOf,
  evidenceWith,
  LEAF,
  leafWith,
  patch,
  remade,
} from "../../support/development-evidence.ts";
import { development } from "./development.ts";

describe("DevelopmentVerifier, certificates", function () {
  const { answerTo, refusesLeaf } = development();
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
    expect(await answerTo(harmless)).to.equal("ok");
    const critical = evidenceWith({ chain: [authorityWith(), leafWith({ extensions: [of(true)] })] });
    expect(await answerTo(critical)).to.match(/^CertificateExtensionUnknown\(/);
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
      expect(await answerTo(evidenceWith({ chain: [authorityWith(), leaf] }))).to.match(
        /^(CertificateExtensionInvalid|DerValueInvalid|DerTagUnexpected)\(/,
      );
    }
    const spelled = changedLeaf(extensions(basic, extension(USAGE, "03020780"), extension("2a03", "00", "010100")));
    expect(await answerTo(evidenceWith({ chain: [authorityWith(), spelled] }))).to.match(/^DerValueInvalid/);
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
      expect(await answerTo(evidenceWith({ chain: [authority, leafWith()] }))).to.match(reason);
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
    expect(await answerTo(evidenceWith({ chain: [authorityWith(), changedLeaf({ 6: key("04", point) })] }))).to.equal(
      "ok",
    );
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
      expect(await answerTo(evidenceWith({ chain }))).to.equal("ok");
    }
    for (const serial of ["0200", "0201ff", "0202007f", "02020001"]) {
      expect(await answerTo(evidenceWith({ chain: [authorityWith(), changedLeaf({ 1: serial })] }))).to.match(
        /^DerValueInvalid\(/,
      );
    }
  });

  it("refuses anything around or inside that does not belong there", async function () {
    const leaf = leafWith();
    await refusesLeaf(Buffer.concat([leaf, Buffer.of(0)]), `DerTrailing(${leaf.length}, ${leaf.length + 1})`);
    await refusesLeaf(leaf.slice(0, -1), "DerTruncated(0)");
    const whole = { ...extensions(basic, usage) };
    expect(await answerTo(evidenceWith({ chain: [authorityWith(), changedLeaf(whole)] }))).to.equal("ok");
    for (const more of ["0500", "00", "3000"]) {
      const chain = [authorityWith(), changedLeaf({ 7: whole[7] + more })];
      expect(await answerTo(evidenceWith({ chain }))).to.match(/^DerTrailing\(/);
    }
    const validity = elementsOf(elementsOf(leaf)[0]!)[4]!;
    const [from, until] = elementsOf(validity).map((time) => hexlify(time).slice(2)) as [string, string];
    const longer = changedLeaf({ 4: der("30", from + until + until) });
    expect(await answerTo(evidenceWith({ chain: [authorityWith(), longer] }))).to.match(/^DerTrailing\(/);
    // issuerUniqueID.
    const unique = changedLeaf({ 7: `81020001${whole[7]}` });
    expect(await answerTo(evidenceWith({ chain: [authorityWith(), unique] }))).to.match(/^DerTagUnexpected\(/);
  });

  it("takes names of ASCII strings, and refuses names that are none", async function () {
    const attribute = (oid: string, value: string) => der("30", der("06", oid) + value);
    const name = (...attributes: string[]) => der("30", der("31", attributes.join("")));
    const [utf8, printable, oid] = ["0c0141", "130141", "550403"];
    const good = [name(attribute(oid, utf8)), name(attribute(oid, printable), attribute(oid, utf8)), "3000"];
    for (const subject of good) {
      const chain = [authorityWith(), changedLeaf({ 5: subject })];
      expect(await answerTo(evidenceWith({ chain })), subject).to.equal("ok");
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
      expect(await answerTo(evidenceWith({ chain })), subject).to.match(reason);
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
      expect(await answerTo(evidenceWith({ chain })), raw).to.match(reason);
    }
  });
});
