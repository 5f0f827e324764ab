import { expect } from "chai";
import { keccak256 } from "ethers";

import { issueCrl } from "../../../../scripts/fixtures/intel-pki/certificate.ts";
import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import {
  KEYS,
  NOW,
  PLATFORM_NAME,
  ROOT_NAME,
  SERIALS,
  syntheticSet,
} from "../../../../scripts/fixtures/intel-pki/world.ts";
import { keyIdOf } from "../../../../scripts/support/dcap.ts";
import { answer, refusal } from "../answer.ts";
import { freshJudge } from "./judge.ts";
import { putSet } from "./world.ts";

const DAY = 86_400;

describe("DcapVerifier, what ends trust", function () {
  const ours = freshJudge();
  const later = { thisUpdate: NOW - 10, nextUpdate: NOW + 20 * DAY };

  it("refuses to cache a PCK that is revoked", async function () {
    for (const serials of [[SERIALS.pck], [1n, 2n, SERIALS.pck, 3n], [1n, SERIALS.pck]]) {
      await ours.renew();
      expect(await refusal(putSet(ours.world, syntheticSet({ pckCrl: { serials } })))).to.equal("CertificateRevoked");
    }
  });

  it("refuses a cached PCK from the moment a newer CRL names it, and not for another's serial number", async function () {
    const set = syntheticSet({ pckCrl: { serials: [5n] } });
    await putSet(ours.world, set);
    const put = (serials: bigint[], shift = 0) =>
      ours.world.certificates.putCrl(
        keyIdOf(set.pckAuthority),
        issueCrl({
          issuer: PLATFORM_NAME,
          issuerKey: KEYS.authority,
          thisUpdate: later.thisUpdate + shift,
          nextUpdate: later.nextUpdate,
          serials,
        }),
      );
    await put([SERIALS.pck - 1n, SERIALS.pck >> 8n]);
    expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
    await ours.world.certificates.checkPck(keccak256(set.pck));
    expect((await ours.world.certificates.pck(keccak256(set.pck))).platform.checked).to.equal(later.thisUpdate);
    expect((await ours.world.tdx.verify(set.quote, "0x")).notAfter).to.equal(later.nextUpdate);
    await put([1n, SERIALS.pck], 1);
    expect(await refusal(ours.world.tdx.verify(set.quote, "0x"))).to.equal("CertificateRevoked");
    expect(await refusal(ours.world.certificates.checkPck(keccak256(set.pck)))).to.equal("CertificateRevoked");
    expect(await refusal(ours.world.certificates.checkPck(keccak256("0x")))).to.equal("PckUnknown");
  });

  for (const [name, serial] of [
    ["PCK authority", SERIALS.authority],
    ["TCB signer", SERIALS.signer],
  ] as const) {
    it(`refuses everything of a ${name} that the root has revoked, then and before`, async function () {
      const revoked = syntheticSet({ rootCrl: { serials: [serial] } });
      expect(await refusal(putSet(ours.world, revoked))).to.equal("CertificateRevoked");
      const set = syntheticSet();
      await putSet(ours.world, set);
      const crl = issueCrl({ issuer: ROOT_NAME, issuerKey: KEYS.root, ...later, serials: [serial] });
      await ours.world.certificates.putCrl(await ours.world.certificates.rootKeyId(), crl);
      expect(await refusal(ours.world.tdx.verify(set.quote, "0x"))).to.equal("CertificateRevoked");
    });
  }

  it("refuses everything once a certificate or a CRL of the chain has expired, at that second", async function () {
    const soon = NOW + 1000;
    const cases: [Changes, string][] = [
      [{ authority: { notAfter: soon } }, "CertificateNotCurrent"],
      [{ signer: { notAfter: soon } }, "CertificateNotCurrent"],
      [{ pck: { notAfter: soon } }, "CertificateNotCurrent"],
      [{ rootCrl: { nextUpdate: soon } }, "CrlNotCurrent"],
      [{ pckCrl: { nextUpdate: soon } }, "CrlNotCurrent"],
      [{ tcbInfo: { nextUpdate: soon } }, "DocumentNotCurrent"],
      [{ qeIdentity: { nextUpdate: soon } }, "DocumentNotCurrent"],
    ];
    for (const [changes, expected] of cases) {
      await ours.renew();
      const set = syntheticSet(changes);
      await putSet(ours.world, set);
      await ours.world.networkHelpers.time.increaseTo(soon);
      expect((await ours.world.tdx.verify(set.quote, "0x")).notAfter, expected).to.equal(soon);
      await ours.world.networkHelpers.time.increaseTo(soon + 1);
      expect(await refusal(ours.world.tdx.verify(set.quote, "0x"))).to.equal(expected);
    }
  });
});
