import { expect } from "chai";
import { keccak256 } from "ethers";

import { issueCertificate, issueCrl, LEAF_USAGE } from "../../../../scripts/fixtures/intel-pki/certificate.ts";
import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import {
  KEYS,
  NOW,
  PLATFORM,
  PLATFORM_NAME,
  ROOT_NAME,
  rootCertificate,
  SERIALS,
  SIGNER_NAME,
  syntheticRoot,
  syntheticSet,
} from "../../../../scripts/fixtures/intel-pki/world.ts";
import { answer, refusal } from "../answer.ts";
import { STATUSES } from "./judge.ts";
import { shortenQuote } from "./shorten.ts";
import { twinOf } from "./twin.ts";
import { freshWorld, deployDcap, putSet } from "./world.ts";

const DAY = 86_400;
/** STOP; one word; the word 1, whatever is asked; the word 2; two words; a failure that returns the word 1. */
const PRECOMPILES = {
  nothing: "0x00",
  one: "0x60015f5260205ff3",
  two: "0x60025f5260205ff3",
  wide: "0x60015f5260405ff3",
  reverting: "0x60015f5260205ffd",
};

describe("Attacks on Intel's chain of trust", function () {
  const set = syntheticSet();
  const pckId = keccak256(set.pck);

  const ours = freshWorld();

  describe("twins: the same certificate with n - s for s", function () {
    const twin = twinOf(set.pckAuthority);

    it("of an authority, put first, keeps no chain out", async function () {
      await putSet(ours.world, { ...set, pckAuthority: twin });
      expect(await answer(ours.world.certificates.putAuthority(set.pckAuthority))).to.equal("ok");
      expect(await answer(ours.world.certificates.cachePck(set.pck))).to.equal("ok");
      expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
      // There are but two.
      for (const der of [twin, set.pckAuthority]) {
        expect(await refusal(ours.world.certificates.putAuthority(der))).to.equal("CollateralNotNewer");
      }
      expect(await refusal(ours.world.certificates.cachePck(set.pck))).to.equal("PckKnown");
    });

    it("of an authority, put later, changes nothing for the chain that is there", async function () {
      await putSet(ours.world, set);
      expect(await answer(ours.world.certificates.putAuthority(twin))).to.equal("ok");
      expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
      const other = syntheticSet({ pck: { key: KEYS.attestation } });
      expect(await answer(ours.world.certificates.cachePck(other.pck))).to.equal("ok");
      const chain = [other.pck, set.pckAuthority, rootCertificate()];
      const { quote } = syntheticSet({ quote: { chain, pckKey: KEYS.attestation } });
      expect(await answer(ours.world.tdx.verify(quote, "0x"))).to.equal("ok");
      // A successor has no twin yet.
      const successor = syntheticSet({ authority: { notBefore: NOW - 10 * DAY } }).pckAuthority;
      expect(await answer(ours.world.certificates.putAuthority(successor))).to.equal("ok");
      expect(await answer(ours.world.certificates.putAuthority(twinOf(successor)))).to.equal("ok");
      expect(await refusal(ours.world.certificates.putAuthority(set.pckAuthority))).to.equal("CollateralNotNewer");
    });

    it("of a TCB signer has no use, and of a PCK certificate stands beside it", async function () {
      await putSet(ours.world, set, { without: ["cachePck"] });
      expect(await refusal(ours.world.certificates.putAuthority(twinOf(set.tcbSigner)))).to.equal("CollateralNotNewer");
      expect(await answer(ours.world.certificates.cachePck(twinOf(set.pck)))).to.equal("ok");
      expect(await refusal(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ChainUnknown");
      expect(await answer(ours.world.certificates.cachePck(set.pck))).to.equal("ok");
      const claims = await ours.world.tdx.verify(set.quote, "0x");
      const short = shortenQuote(set.quote);
      expect(await ours.world.tdx.verify(short, keccak256(twinOf(set.pck)))).to.deep.equal(claims);
    });
  });

  it("takes quotes with the old and the new certificate of an authority, once both were there", async function () {
    await putSet(ours.world, set);
    const successor = syntheticSet({ authority: { notBefore: NOW - 10 * DAY, serial: 0x2001n } });
    await ours.world.certificates.putAuthority(successor.pckAuthority);
    expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
    expect(await refusal(ours.world.tdx.verify(successor.quote, "0x"))).to.equal("ChainUnknown");
    expect(await answer(ours.world.certificates.cachePck(set.pck))).to.equal("ok");
    expect(await answer(ours.world.tdx.verify(successor.quote, "0x"))).to.equal("ok");
    expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
    expect(await refusal(ours.world.certificates.cachePck(set.pck))).to.equal("PckKnown");
  });

  it("refuses to replace a good certificate by a later one that the root has revoked", async function () {
    await putSet(ours.world, set);
    const crl = issueCrl({
      issuer: ROOT_NAME,
      issuerKey: KEYS.root,
      thisUpdate: NOW - 10,
      nextUpdate: NOW + DAY,
      serials: [0x2001n, 0x2002n],
    });
    await ours.world.certificates.putCrl(await ours.world.certificates.rootKeyId(), crl);
    const later = { notBefore: NOW - 10 * DAY };
    const revoked = syntheticSet({ authority: { ...later, serial: 0x2001n }, signer: { ...later, serial: 0x2002n } });
    for (const der of [revoked.pckAuthority, revoked.tcbSigner]) {
      expect(await refusal(ours.world.certificates.putAuthority(der))).to.equal("CertificateRevoked");
    }
    expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("ok");
  });

  it("keeps a cached PCK refused after another CA's list, and an older or equal one of its own", async function () {
    await putSet(ours.world, set);
    const issuer = (await ours.world.certificates.pck(pckId)).platform.authority;
    const put = (thisUpdate: number, serials: bigint[], issuerKey = KEYS.authority) =>
      answer(
        ours.world.certificates.putCrl(
          issuer,
          issueCrl({ issuer: PLATFORM_NAME, issuerKey, thisUpdate, nextUpdate: NOW + DAY, serials }),
        ),
      );
    expect(await put(NOW - 10, [SERIALS.pck])).to.equal("ok");
    expect(await put(NOW - 10, [])).to.match(/^CollateralNotNewer/);
    expect(await put(NOW - 11, [])).to.match(/^CollateralNotNewer/);
    expect(await put(NOW - 9, [], KEYS.otherAuthority)).to.match(/^IssuerMismatch/);
    expect(await refusal(ours.world.tdx.verify(shortenQuote(set.quote), pckId))).to.equal("CertificateRevoked");
    expect(await refusal(ours.world.certificates.cachePck(set.pck))).to.equal("CertificateRevoked");
    // Past its end it is no list at all.
    await ours.world.networkHelpers.time.increaseTo(NOW + DAY + 1);
    expect(await refusal(ours.world.tdx.verify(shortenQuote(set.quote), pckId))).to.equal("CrlNotCurrent");
  });

  it("takes no key that is not on the curve, nor the zero key", async function () {
    const offCurve = { ...KEYS.pck, point: Buffer.alloc(64, 1) };
    const zero = { ...KEYS.pck, point: Buffer.alloc(64) };
    for (const hardfork of ["osaka", "prague"] as const) {
      const own = await deployDcap(NOW, { root: syntheticRoot(), hardfork });
      await putSet(own, set, { without: ["cachePck"] });
      for (const key of [offCurve, zero]) {
        const bad = syntheticSet({ pck: { key } });
        await own.certificates.cachePck(bad.pck);
        const short = shortenQuote(set.quote);
        expect(await refusal(own.tdx.verify(short, keccak256(bad.pck))), hardfork).to.equal("QeSignatureMismatch");
        const attestationKey = { ...KEYS.attestation, point: key.point };
        const { quote } = syntheticSet({ quote: { attestationKey } });
        await own.certificates.cachePck(set.pck).catch(() => undefined);
        expect(await refusal(own.tdx.verify(quote, "0x")), hardfork).to.equal("QuoteSignatureMismatch");
      }
    }
  });

  describe("statuses that Intel has not given modules and quoting enclaves so far", function () {
    /** By the platform's status and the part's: never better than either. */
    const JOINED = [
      [0, 1, 2, 3, 4, 5],
      [1, 1, 3, 3, 4, 5],
      [2, 3, 2, 3, 5, 5],
      [3, 3, 3, 3, 5, 5],
      [4, 4, 5, 5, 4, 5],
      [5, 5, 5, 5, 5, 5],
    ];
    const svns = [5, 1, 7, ...Array<number>(13).fill(0)];

    for (const part of ["quoting enclave", "module"]) {
      it(`are not passed over in a ${part}`, async function () {
        for (const [whole, row] of JOINED.entries()) {
          for (const [of, joined] of row.entries()) {
            await ours.renew();
            const tcbLevels = [{ sgx: PLATFORM.components, tdx: svns, pcesvn: 11, tcbStatus: STATUSES[whole] ?? "" }];
            const levels = [{ isvsvn: 4, tcbStatus: STATUSES[of] ?? "" }];
            const changes: Changes =
              part === "module"
                ? { tcbInfo: { tcbLevels, modules: [{ id: "TDX_01", tcbLevels: levels }] } }
                : { tcbInfo: { tcbLevels }, qeIdentity: { tcbLevels: levels } };
            const changed = syntheticSet(changes);
            await putSet(ours.world, changed);
            const { tcbStatus } = await ours.world.tdx.verify(changed.quote, "0x");
            expect(tcbStatus, `${STATUSES[whole]} with ${STATUSES[of]}`).to.equal(joined);
          }
        }
      });
    }
  });

  describe("something else at 0x100", function () {
    for (const name of ["nothing", "two", "wide", "reverting"] as const) {
      it(`that answers with ${name} is passed over`, async function () {
        const own = await deployDcap(NOW, { root: syntheticRoot(), hardfork: "prague", at256: PRECOMPILES[name] });
        await putSet(own, set);
        expect(await answer(own.tdx.verify(set.quote, "0x"))).to.equal("ok");
        const quote = Buffer.from(set.quote);
        quote[600] = (quote[600] ?? 0) ^ 1;
        expect(await refusal(own.tdx.verify(quote, "0x"))).to.equal("QuoteSignatureMismatch");
      });
    }

    it("that says yes to everything keeps the contracts from being deployed", async function () {
      const deployed = deployDcap(NOW, { root: syntheticRoot(), hardfork: "prague", at256: PRECOMPILES.one });
      expect(await refusal(deployed)).to.equal("PrecompileUnsound");
    });
  });

  it("takes no document signed by a leaf that is no TCB signer, or by a PCK authority", async function () {
    await putSet(ours.world, set, { without: ["tcbInfo"] });
    const leaf = issueCertificate({
      serial: 7n,
      subject: SIGNER_NAME,
      key: KEYS.attestation,
      issuer: PLATFORM_NAME,
      issuerKey: KEYS.authority,
      notBefore: NOW - DAY,
      notAfter: NOW + DAY,
      usage: LEAF_USAGE,
    });
    expect(await refusal(ours.world.certificates.putAuthority(leaf))).to.equal("IssuerMismatch");
  });
});
