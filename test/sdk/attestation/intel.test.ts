import {
  AttestationError,
  CLAIM_DEBUG,
  collateralValidity,
  FieldError,
  type IntelCollateral,
  verifyQuote,
} from "@assay/sdk";
import { expect } from "chai";

import { toPem } from "../../../scripts/fixtures/intel-pki/quote.ts";
import { KEYS, NOW, rootCertificate, SIGNER_NAME, syntheticSet } from "../../../scripts/fixtures/intel-pki/world.ts";
import { crl, der, makeKey, name } from "../../../scripts/fixtures/nitro-pki.ts";
import { decodeCrl } from "../../../sdk/src/attestation/crl.ts";
import { QUOTES, recorded, recordedCollateral } from "./vectors.ts";

/** The status, or the name of the error. */
async function verdict(quote: Uint8Array, collateral: IntelCollateral, at: number): Promise<string> {
  try {
    return (await verifyQuote(quote, collateral, { at })).status;
  } catch (error) {
    if (error instanceof AttestationError) return error.reason;
    throw error;
  }
}

/** Flips the last bit of a hexadecimal text at `byte`. */
function flipHex(hex: string, byte: number): string {
  const bytes = Buffer.from(hex, "hex");
  bytes[byte] = (bytes[byte] ?? 0) ^ 1;
  return bytes.toString("hex");
}

describe("Intel quotes", () => {
  for (const { quote: file, collateral: set, from, until, answer, advisories, debug } of QUOTES) {
    describe(`${file} with ${set}`, () => {
      let quote: Uint8Array;
      let collateral: IntelCollateral;
      before(function () {
        const found = recorded(file);
        const judged = recordedCollateral(set);
        if (found === undefined || judged === undefined) {
          console.log(`      skipped: ${file} or ${set} is not in this checkout`);
          this.skip();
        }
        quote = found;
        collateral = judged;
      });

      it(`answers ${answer} at both edges of its window, and nothing outside`, async () => {
        expect(await verdict(quote, collateral, from)).to.equal(answer);
        expect(await verdict(quote, collateral, until)).to.equal(answer);
        if (from === until) return;
        expect(await verdict(quote, collateral, from - 1)).to.match(/NotCurrent$/);
        expect(await verdict(quote, collateral, until + 1)).to.match(/NotCurrent$/);
      });

      if (answer === "TcbLevelUnknown") return;

      it("says what Intel advises, and whether it is in debug mode", async () => {
        const { advisories: received, claims } = await verifyQuote(quote, collateral, { at: from });
        expect(received).to.deep.equal(advisories ?? []);
        expect(claims.flags).to.equal(debug === true ? CLAIM_DEBUG : 0);
        expect(claims.notAfter).to.equal(until);
      });

      it("falls with any byte of the quote changed", async () => {
        const end = quote.findLastIndex((byte) => byte !== 0) + 1;
        for (let position = 0; position < end; position += position < 1200 ? 7 : 97) {
          const changed = quote.slice();
          changed[position] = (changed[position] ?? 0) ^ 0x04;
          expect(await verdict(changed, collateral, from), `byte ${position}`).to.not.equal(answer);
        }
      });

      it("falls with any part of the collateral changed", async () => {
        const changes: readonly (readonly [Partial<IntelCollateral>, string])[] = [
          [{ tcb_info: collateral.tcb_info.replace('"version":3', '"version":4') }, "TcbInfoInvalid"],
          [{ tcb_info: collateral.tcb_info.replace(/"pcesvn":\d+/, '"pcesvn":0') }, "DocumentSignatureMismatch"],
          [{ tcb_info_signature: flipHex(collateral.tcb_info_signature, 63) }, "DocumentSignatureMismatch"],
          [{ qe_identity: collateral.qe_identity.replace(/"isvsvn":\d+/, '"isvsvn":0') }, "DocumentSignatureMismatch"],
          [{ qe_identity_signature: flipHex(collateral.qe_identity_signature, 0) }, "DocumentSignatureMismatch"],
          [
            { root_ca_crl: flipHex(collateral.root_ca_crl, collateral.root_ca_crl.length / 2 - 1) },
            "IssuerSignatureMismatch",
          ],
          [{ pck_crl: flipHex(collateral.pck_crl, collateral.pck_crl.length / 2 - 1) }, "IssuerSignatureMismatch"],
          [{ pck_crl: collateral.root_ca_crl }, "IssuerMismatch"],
          [{ root_ca_crl: collateral.pck_crl }, "IssuerMismatch"],
          [{ pck_crl: "" }, "DerTruncated"],
          [{ pck_crl: "00".repeat(100) }, "DerTagUnexpected"],
          [{ pck_crl: `${collateral.pck_crl}00` }, "DerTrailing"],
          [{ tcb_info_issuer_chain: collateral.pck_crl_issuer_chain }, "AuthorityUnfit"],
          [
            { qe_identity: collateral.tcb_info, qe_identity_signature: collateral.tcb_info_signature },
            "QeIdentityInvalid",
          ],
        ];
        for (const [change, reason] of changes) {
          const received = await verdict(quote, { ...collateral, ...change }, from);
          expect(received, Object.keys(change).join()).to.equal(reason);
        }
      });
    });
  }

  describe("of one kind, judged by the other's collateral", () => {
    it("are refused", async () => {
      const tdx = recorded("intel-tdx/phala_tdx_v4_quote.bin") ?? expect.fail("committed");
      const ofTdx = recordedCollateral("intel-tdx/phala_tdx_v4_collateral.json") ?? expect.fail("committed");
      const ofSgx = recordedCollateral("intel-sgx/phala_sgx_v3_collateral.json") ?? expect.fail("committed");
      const at = 1751000000;
      const identity = {
        qe_identity: ofSgx.qe_identity,
        qe_identity_signature: ofSgx.qe_identity_signature,
        qe_identity_issuer_chain: ofSgx.qe_identity_issuer_chain,
      };
      expect(await verdict(tdx, { ...ofTdx, ...identity }, at)).to.equal("QeIdentityUnknown");
      const info = {
        tcb_info: ofSgx.tcb_info,
        tcb_info_signature: ofSgx.tcb_info_signature,
        tcb_info_issuer_chain: ofSgx.tcb_info_issuer_chain,
      };
      expect(await verdict(tdx, { ...ofTdx, ...info }, at)).to.equal("TcbInfoUnknown");
      expect(await verdict(tdx, { ...ofTdx, pck_crl: ofSgx.pck_crl }, at)).to.equal("IssuerMismatch");
    });
  });

  it("say which part of the collateral is out of time, as that part says it", async () => {
    const collateral = recordedCollateral("intel-tdx/phala_tdx_v4_collateral.json") ?? expect.fail("committed");
    const quote = recorded("intel-tdx/phala_tdx_v4_quote.bin") ?? expect.fail("committed");
    const parts = collateralValidity(collateral);
    const verdicts = new Set<string>();
    for (const { until } of Object.values(parts)) {
      const error = await verifyQuote(quote, collateral, { at: until + 1 }).catch((thrown: unknown) => thrown);
      const { reason, validity } = error as AttestationError;
      expect(reason).to.match(/NotCurrent$/);
      expect(validity?.until).to.be.at.most(until);
      if (validity !== undefined && !validity.what.includes("certificate")) {
        expect(Object.values(parts)).to.deep.include(validity);
      }
      verdicts.add(validity?.what ?? "none");
    }
    expect([...verdicts]).to.include.members(["the root's revocation list", "the revocation list of machines"]);
    expect(() => collateralValidity({ ...collateral, pck_crl: "0x" }))
      .to.throw(AttestationError)
      .with.property("reason", "HexInvalid");
  });

  it("hold at no time that is none", async function () {
    const { quote: file, collateral: set } = QUOTES[1]!;
    const [quote, collateral] = [recorded(file), recordedCollateral(set)];
    if (quote === undefined || collateral === undefined) {
      console.log(`      skipped: ${file} or ${set} is not in this checkout`);
      this.skip();
    }
    for (const at of [undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await verifyQuote(quote, collateral, { at: at as number }).catch((thrown: unknown) => thrown);
      expect(error, String(at)).to.be.instanceOf(FieldError).with.property("field", "at");
    }
  });

  it("need the root's list in the root's name", async () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    for (const [changes, expected] of [
      [{}, "accepted"],
      [{ rootCrl: { issuer: SIGNER_NAME } }, "IssuerMismatch"],
    ] as const) {
      const set = syntheticSet(changes);
      const root = toPem(rootCertificate());
      const signer = toPem(set.tcbSigner) + root;
      const collateral: IntelCollateral = {
        pck_crl_issuer_chain: toPem(set.pckAuthority) + root,
        root_ca_crl: hex(set.rootCrl),
        pck_crl: hex(set.pckCrl),
        tcb_info_issuer_chain: signer,
        tcb_info: set.tcbInfo.text,
        tcb_info_signature: hex(set.tcbInfo.signature),
        qe_identity_issuer_chain: signer,
        qe_identity: set.qeIdentity.text,
        qe_identity_signature: hex(set.qeIdentity.signature),
      };
      const options = { at: NOW, rootKey: hex(KEYS.root.point) };
      const reason = await verifyQuote(set.quote, collateral, options).then(
        () => "accepted",
        (error: unknown) => (error as AttestationError).reason,
      );
      expect(reason).to.equal(expected);
    }
  });

  it("have revocation lists as long as the contract takes, and no longer", () => {
    const signer = makeKey();
    const listOf = (count: number, entriesDer?: Uint8Array) =>
      crl({
        signer,
        issuer: name("issuer.test"),
        thisUpdate: 1_751_000_000,
        nextUpdate: 1_752_000_000,
        serials: Array.from({ length: count }, (_, i) => (1n << 159n) + BigInt(i)),
        ...(entriesDer && { entriesDer }),
      });
    // Such a list has 48 KB.
    expect(decodeCrl(listOf(1228), "p384").revoked.at(-1)).to.equal((1n << 159n) + 1227n);
    expect(decodeCrl(listOf(0), "p384").revoked).to.deep.equal([]);
    for (const [list, reason] of [
      [listOf(1229), "CrlEntriesTooMany"],
      [listOf(0, der(0x30)), "CrlEntryInvalid"],
      [new Uint8Array(65_536), "CrlTooLong"],
      [new Uint8Array(65_535), "DerTagUnexpected"],
    ] as const) {
      expect(() => decodeCrl(list, "p384"))
        .to.throw(AttestationError)
        .with.property("reason", reason);
    }
  });

  it("that are garbage are refused by name", async () => {
    const collateral = recordedCollateral("intel-tdx/phala_tdx_v4_collateral.json") ?? expect.fail("committed");
    const quote = recorded("intel-tdx/phala_tdx_v4_quote.bin") ?? expect.fail("committed");
    const at = 1751000000;
    expect(await verdict(new Uint8Array(), collateral, at)).to.equal("QuoteTruncated");
    expect(await verdict(new Uint8Array(20_000), collateral, at)).to.equal("QuoteTooLong");
    expect(await verdict(new Uint8Array(600), collateral, at)).to.equal("QuoteVersionUnsupported");
    expect(await verdict(Uint8Array.from([...quote, 1]), collateral, at)).to.equal("QuoteTrailing");
    expect(await verdict(Uint8Array.from([...quote, 0, 0]), collateral, at)).to.equal("UpToDate");
    expect(await verdict(quote.subarray(0, 4000), collateral, at)).to.equal("QuoteTruncated");
  });
});
