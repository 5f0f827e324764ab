import { X509Certificate } from "node:crypto";

import { decode } from "cborg";
import { expect } from "chai";
import { hexlify } from "ethers";

import { signDocument } from "../../../nodes/shared/enclave/development/document.ts";
import { developmentKey } from "../../../nodes/shared/enclave/development/keys.ts";
import { DEVELOPMENT_ROOT, ROOT_NAME } from "../../../nodes/shared/enclave/development/root.ts";
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
} from "../../support/development-evidence.ts";
import { development } from "./development.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

describe("DevelopmentVerifier, documents and their chain", function () {
  const { answerTo, refuses, refusesChain, refusesLeaf } = development();

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
      expect(await answerTo(evidenceWith({ chain }))).to.equal("ok");
      await refusesChain([authorityWith(), ...chain.slice(1)], "PathTooLong(0, 1, 0)");
      const unlimited = authorityWith({ authority: {} });
      expect(await answerTo(evidenceWith({ chain: [unlimited, ...chain.slice(1)] }))).to.equal("ok");
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
        expect(await answerTo(evidenceWith({ chain }))).to.match(/^KeyUsageInvalid\(0, /);
      }
      for (const keyUsage of [certSign, crlSign, sign | certSign]) {
        expect(await answerTo(evidenceWith({ chain: [authorityWith(), leafWith({ keyUsage })] }))).to.match(
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
});
