import { readFileSync } from "node:fs";

import { expect } from "chai";
import { concat, keccak256, toBeHex, ZeroHash } from "ethers";

import { assembleSet, keyIdOf, documentArguments } from "../../../../scripts/support/dcap.ts";
import { answer, refusal } from "../answer.ts";
import { findVector, readCollateral, readQuote, readRow, ROWS } from "./rows.ts";
import { shortenQuote } from "./shorten.ts";
import type { Dcap } from "./world.ts";
import { deployDcap, putSet } from "./world.ts";

const verifierOf = (world: Dcap, isTdx: boolean) => (isTdx ? world.tdx : world.sgx);
const hashAdvisories = (numbers: readonly number[]) => keccak256(concat(numbers.map((n) => toBeHex(n, 32))));

describe("Genuine quotes", function () {
  for (const row of ROWS) {
    const set = readRow(row);
    const { window, isTdx, refused } = row;

    it(`${row.name}: ${refused === undefined ? "accepted within its window only" : `refused: ${refused}`}`, async function () {
      if (set === undefined) {
        console.log(`      skipped: ${row.quote} or its collateral is not here`);
        this.skip();
      }
      const world = await deployDcap(window[0] - 100);
      const { time } = world.networkHelpers;
      const verifier = verifierOf(world, isTdx);
      const before = await world.networkHelpers.takeSnapshot();
      // Something is not valid yet, so not all of it can be put.
      expect(await refusal(putSet(world, set, { at: window[0] - 1 }))).to.match(
        /^(DocumentNotCurrent|CrlNotCurrent|CertificateNotCurrent)$/,
      );
      await before.restore();
      await putSet(world, set, { at: window[0] });
      const short = shortenQuote(set.quote);
      const pckId = keccak256(set.pck);

      for (const now of window) {
        if ((await time.latest()) < now) await time.increaseTo(now);
        expect(await time.latest()).to.equal(now);
        if (refused !== undefined) {
          expect(await refusal(verifier.verify(set.quote, "0x"))).to.equal(refused);
          expect(await refusal(verifier.verify(short, pckId))).to.equal(refused);
          continue;
        }
        const claims = await verifier.verify(set.quote, "0x");
        expect(claims.tcbStatus, "status").to.equal(row.status);
        expect(claims.advisories, "advisories").to.equal(
          row.advisories === undefined ? ZeroHash : hashAdvisories(row.advisories),
        );
        expect(claims.flags, "flags").to.equal(row.flags ?? 0);
        expect(claims.tcbEval, "evaluation").to.equal(row.evaluation ?? 17);
        expect(claims.notAfter, "end").to.equal(window[1]);
        expect(await verifier.verify(short, pckId)).to.deep.equal(claims);
      }
      await time.increaseTo(window[1] + 1);
      expect(await refusal(verifier.verify(set.quote, "0x"))).to.match(
        /^(DocumentNotCurrent|CrlNotCurrent|CertificateNotCurrent)$/,
      );
      expect(await refusal(verifier.verify(short, pckId))).to.match(
        /^(DocumentNotCurrent|CrlNotCurrent|CertificateNotCurrent)$/,
      );
    });
  }

  it("refuses a PCK that is not valid yet, though all else is", async function () {
    const quote = findVector("intel-tdx/dstack_tdx_lite_getquote.json");
    const collateral = findVector("intel-tdx/phala_tdx_v5_td15_outdated_collateral.json");
    if (quote === undefined || collateral === undefined) {
      console.log("      skipped: the quote is not here");
      this.skip();
    }
    const set = assembleSet(readQuote(quote), readCollateral(collateral));
    const world = await deployDcap(1772000000);
    await putSet(world, set, { without: ["cachePck"] });
    expect(await answer(world.certificates.cachePck(set.pck))).to.match(/^CertificateNotCurrent\(.*1776\d{6}, /);
    expect(await refusal(world.tdx.verify(set.quote, "0x"))).to.equal("ChainUnknown");
    expect(await refusal(world.tdx.verify(shortenQuote(set.quote), keccak256(set.pck)))).to.equal("PckUnknown");
  });

  it("refuses a quote whose platform has no TCB Info", async function () {
    const file = findVector("intel-tdx/dstack_guest_agent_attestation.scale.bin");
    const collateral = findVector("intel-tdx/phala_tdx_v5_td15_outdated_collateral.json");
    if (file === undefined || collateral === undefined) {
      console.log("      skipped: the quote is not here");
      this.skip();
    }
    const bytes = readQuote(file).slice(4);
    // Header, body, size, and as much as that says; the file goes on with other things.
    const end = 636 + Buffer.from(bytes).readUInt32LE(632);
    const set = assembleSet(bytes.slice(0, end), readCollateral(collateral));
    const world = await deployDcap(1772000000);
    await putSet(world, set);
    expect(await answer(world.tdx.verify(set.quote, "0x"))).to.equal('TcbInfoUnknown(true, "0xb0c06f000000")');
    expect(await refusal(world.tdx.verify(bytes, "0x"))).to.match(/^Quote(Trailing|TooLong)$/);
  });

  it("keeps what the rollback pairs bring in the order of their dates, whatever the CRL's number", async function () {
    const read = (name: string) => findVector(`intel-collateral/rollback/${name}`);
    const names = ["old_pck_crl.der", "new_pck_crl.der", "oldTcbInfoObj.json", "newTcbInfoObj.json", "oldQeIdObj.json"];
    const files = [...names, "newQeIdObj.json", "pcs_rootCrlDer.der", "pcs_signingDer.der"].map(read);
    const platform = findVector("intel-collateral/automata-solana/platform.der");
    if (files.includes(undefined) || platform === undefined) {
      console.log("      skipped: the rollback pairs are not here");
      this.skip();
    }
    const [oldCrl, newCrl, oldTcb, newTcb, oldQe, newQe, rootCrl, signer] = files.map((file) => readFileSync(file!));
    const authority = readFileSync(platform);
    // 2024-12-19, when all six are valid.
    const world = await deployDcap(1734566400);
    const { certificates, collateral } = world;
    await certificates.putCrl(await certificates.rootKeyId(), rootCrl!);
    await certificates.putAuthority(authority);
    await certificates.putAuthority(signer!);
    const issuer = keyIdOf(authority);
    const documents = [oldTcb!, newTcb!, oldQe!, newQe!].map((bytes) => splitDocument(bytes, keyIdOf(signer!)));
    const putBoth = [
      [certificates.putCrl.bind(null, issuer, oldCrl!), certificates.putCrl.bind(null, issuer, newCrl!)],
      [collateral.putTcbInfo.bind(null, ...documents[0]!), collateral.putTcbInfo.bind(null, ...documents[1]!)],
      [collateral.putQeIdentity.bind(null, ...documents[2]!), collateral.putQeIdentity.bind(null, ...documents[3]!)],
    ] as const;
    const fresh = await world.networkHelpers.takeSnapshot();
    for (const [putOld, putNew] of putBoth) {
      expect(await answer(putOld())).to.equal("ok");
      expect(await answer(putNew())).to.equal("ok");
      expect(await refusal(putOld())).to.match(/^(CollateralNotNewer|DocumentNotNewer)$/);
      expect(await refusal(putNew())).to.match(/^(CollateralNotNewer|DocumentNotNewer)$/);
    }
    await fresh.restore();
    for (const [putOld, putNew] of putBoth) {
      expect(await answer(putNew())).to.equal("ok");
      expect(await refusal(putOld())).to.match(/^(CollateralNotNewer|DocumentNotNewer)$/);
    }
  });

  it("replaces the TCB signer's certificate by its successor with the same key, and not the other way", async function () {
    const old = findVector("intel-collateral/rollback/pcs_signingDer.der");
    const successor = findVector("intel-collateral/automata-solana/signing.der");
    if (old === undefined || successor === undefined) {
      console.log("      skipped: the certificates are not here");
      this.skip();
    }
    // 2025-05-10, when both are valid; the old one ends on 2025-05-21.
    const world = await deployDcap(1746835200);
    const { certificates, networkHelpers } = world;
    const keyId = keyIdOf(readFileSync(old));
    expect(keyId).to.equal(keyIdOf(readFileSync(successor)));
    expect(await answer(certificates.putAuthority(readFileSync(old)))).to.equal("ok");
    expect(await answer(certificates.putAuthority(readFileSync(successor)))).to.equal("ok");
    expect(await refusal(certificates.putAuthority(readFileSync(old)))).to.equal("CollateralNotNewer");
    await networkHelpers.time.increaseTo(1747900000);
    expect(await refusal(certificates.putAuthority(readFileSync(old)))).to.equal("CertificateNotCurrent");
    expect((await certificates.authorities(keyId)).notAfter).to.equal(1967448300);
  });
});

/** What Intel's service sends, `{"tcbInfo":{…},"signature":"…"}`, as the arguments that put it. */
function splitDocument(bytes: Uint8Array, signer: string): [Uint8Array, Uint8Array, Uint8Array, string] {
  const match = /^\{"\w+":(\{.*\}),"signature":"([0-9a-f]{128})"\}\s*$/.exec(Buffer.from(bytes).toString("utf8"));
  if (match === null) throw new Error("not a signed document");
  return documentArguments({ text: match[1]!, signature: Buffer.from(match[2]!, "hex") }, signer);
}
