import { expect } from "chai";
import { concat, keccak256, toBeHex } from "ethers";

import { issueCrl } from "../../../../scripts/fixtures/intel-pki/certificate.ts";
import type { PlatformLevel } from "../../../../scripts/fixtures/intel-pki/documents.ts";
import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import {
  KEYS,
  NOW,
  PLATFORM,
  PLATFORM_NAME,
  ROOT_NAME,
  SERIALS,
  syntheticRoot,
  syntheticSet,
} from "../../../../scripts/fixtures/intel-pki/world.ts";
import { answer, refusal } from "./answer.ts";
import { keyIdOf, shortenQuote } from "./collateral.ts";
import type { Dcap } from "./world.ts";
import { deployDcap, putSet } from "./world.ts";

const DAY = 86_400;
const at = (bytes: readonly number[]) => Buffer.from(bytes);
const SVNS = [5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const ZEROS = SVNS.map(() => 0);
const hashAdvisories = (numbers: readonly number[]) => keccak256(concat(numbers.map((n) => toBeHex(n, 32))));

const level = (changes: Partial<PlatformLevel>): PlatformLevel => ({
  sgx: PLATFORM.components,
  tdx: SVNS,
  pcesvn: 11,
  tcbStatus: "UpToDate",
  ...changes,
});

describe("DcapVerifier, under a root of our own", function () {
  let world: Dcap;
  let fresh: { restore: () => Promise<void> };

  before(async function () {
    world = await deployDcap(NOW, { root: syntheticRoot() });
  });

  beforeEach(async function () {
    fresh = await world.networkHelpers.takeSnapshot();
  });

  afterEach(async function () {
    await fresh.restore();
  });

  const verifierOf = (changes: Changes) => (changes.isTdx === false ? world.sgx : world.tdx);

  /** What is said of a world with `changes`, all of which can be put. */
  async function judge(changes: Changes): Promise<string> {
    const set = syntheticSet(changes);
    await putSet(world, set);
    return answer(verifierOf(changes).verify(set.quote, "0x"));
  }

  async function claimsOf(changes: Changes) {
    const set = syntheticSet(changes);
    await putSet(world, set);
    return verifierOf(changes).verify(set.quote, "0x");
  }

  describe("forms of quotes", function () {
    const forms = [
      [3, 1],
      [4, 1],
      [5, 1],
      [4, 2],
      [5, 2],
      [5, 3],
    ] as const;
    for (const [version, bodyType] of forms) {
      const isTdx = bodyType !== 1;
      it(`takes version ${version}, body ${bodyType}, whole and shortened, and says the same of both`, async function () {
        const set = syntheticSet({ isTdx, quote: { version, bodyType } });
        await putSet(world, set);
        const verifier = verifierOf({ isTdx });
        const claims = await verifier.verify(set.quote, "0x");
        expect(claims.format).to.equal(await verifier.format());
        expect(claims.bind0).to.equal(`0x${Buffer.from(SVNS.concat(SVNS).map((_, i) => i + 1)).toString("hex")}`);
        expect(claims.notAfter).to.equal(NOW + 29 * DAY);
        expect([claims.tcbEval, claims.tcbStatus, claims.flags, claims.issuedAt]).to.deep.equal([17n, 0n, 0n, 0n]);
        expect(claims.platform).to.equal(keccak256(zeroPadBytes(PLATFORM.ppid)));
        const short = shortenQuote(set.quote);
        const pckId = keccak256(set.pck);
        expect(await verifier.verify(short, pckId)).to.deep.equal(claims);
        expect(await refusal(verifier.verify(short, "0x"))).to.equal("ChainUnexpected");
        expect(await refusal(verifier.verify(set.quote, pckId))).to.equal("ChainUnexpected");
        expect(await refusal(verifier.verify(short, `${pckId}00`))).to.equal("HintsInvalid");
        expect(await refusal(verifier.verify(short, keccak256("0x")))).to.equal("PckUnknown");
      });
    }

    it("refuses each byte cut off the end, and anything but zeros after it", async function () {
      const set = syntheticSet();
      await putSet(world, set);
      const short = shortenQuote(set.quote);
      const pckId = keccak256(set.pck);
      for (let length = 0; length < short.length; length += length < 48 ? 1 : 37) {
        expect(await refusal(world.tdx.verify(short.slice(0, length), pckId)), `${length}`).to.match(
          /^Quote(Truncated|SizeMismatch)$/,
        );
      }
      for (const zeros of [1, 31, 32, 33, 70, 3065]) {
        const padded = Buffer.concat([short, Buffer.alloc(zeros)]);
        expect(await answer(world.tdx.verify(padded, pckId)), `${zeros}`).to.equal("ok");
        for (const place of new Set([0, zeros >> 1, zeros - 1])) {
          const bad = Buffer.from(padded);
          bad[short.length + place] = 1;
          expect(await answer(world.tdx.verify(bad, pckId))).to.equal(`QuoteTrailing(${short.length})`);
        }
      }
      expect(await answer(world.tdx.verify(Buffer.alloc(16_385), "0x"))).to.equal("QuoteTooLong(16385, 16384)");
    });

    it("refuses headers and sizes that are not what they should be", async function () {
      const set = syntheticSet({ quote: { version: 5, bodyType: 2 } });
      await putSet(world, set);
      const patched = (offset: number, ...bytes: number[]) => {
        const quote = Buffer.from(set.quote);
        quote.set(bytes, offset);
        return answer(world.tdx.verify(quote, "0x"));
      };
      expect(await patched(0, 6)).to.equal("QuoteVersionUnsupported(6)");
      expect(await patched(0, 3)).to.equal("QuoteVersionUnsupported(3)");
      expect(await patched(2, 3)).to.equal("QuoteKeyTypeUnsupported(3)");
      expect(await patched(4, 0)).to.equal("QuoteTeeTypeUnexpected(0)");
      expect(await patched(12, 0)).to.match(/^QuoteVendorUnknown/);
      expect(await patched(48, 1)).to.equal("QuoteBodyUnsupported(1, 584)");
      expect(await patched(48, 3)).to.equal("QuoteBodyUnsupported(3, 584)");
      expect(await patched(48, 4)).to.equal("QuoteBodyUnsupported(4, 584)");
      expect(await patched(48, 0)).to.equal("QuoteBodyUnsupported(0, 584)");
      expect(await patched(50, 0xff, 0xff, 0xff, 0xff)).to.equal("QuoteBodyUnsupported(2, 4294967295)");
      expect(await patched(638, 0xff, 0xff, 0xff, 0xff)).to.equal("QuoteTruncated(642)");
      expect(await patched(770, 5)).to.equal("QuoteCertificationUnsupported(770, 5)");
      expect(await patched(772, 0xff, 0xff, 0xff, 0xff)).to.match(/^QuoteSizeMismatch\(772, /);
      // Authentication data that reach past the end.
      expect(await patched(776 + 448, 0xff, 0xff)).to.match(/^Quote(Truncated|SizeMismatch)/);
      expect(await answer(world.sgx.verify(set.quote, "0x"))).to.equal("QuoteTeeTypeUnexpected(129)");
    });
  });

  describe("signatures", function () {
    it("refuses a report that another PCK signed", async function () {
      expect(await judge({ quote: { pckKey: KEYS.attestation } })).to.equal("QeSignatureMismatch()");
    });

    it("refuses another attestation key than the one in the report", async function () {
      expect(await judge({ qeReport: { 320: Buffer.alloc(32, 1) } })).to.match(/^QeReportDataMismatch/);
      expect(await judge2({ qeReport: { 383: at([1]) } })).to.match(/^QeReportDataMismatch/);
    });

    it("refuses a body that the attestation key did not sign", async function () {
      const set = syntheticSet();
      await putSet(world, set);
      const quote = Buffer.from(set.quote);
      quote[48 + 520] = (quote[48 + 520] ?? 0) ^ 1;
      expect(await answer(world.tdx.verify(quote, "0x"))).to.equal("QuoteSignatureMismatch()");
    });

    /** As `judge`, where all is put already. */
    function judge2(changes: Changes): Promise<string> {
      return answer(verifierOf(changes).verify(syntheticSet(changes).quote, "0x"));
    }
  });

  describe("quoting enclave", function () {
    const qe = (isvsvn: number, tcbStatus: string, advisoryIDs?: readonly string[]) => ({
      isvsvn,
      tcbStatus,
      ...(advisoryIDs === undefined ? {} : { advisoryIDs }),
    });

    for (const isTdx of [true, false]) {
      it(`refuses one that is revoked, or below all levels (${isTdx ? "TDX" : "SGX"})`, async function () {
        const revoked = { tcbLevels: [qe(8, "UpToDate"), qe(6, "Revoked")] };
        expect(await judge({ isTdx, qeIdentity: revoked })).to.equal("QeRevoked(6)");
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        expect(await judge({ isTdx, qeIdentity: { tcbLevels: [qe(7, "UpToDate")] } })).to.equal("QeLevelUnknown(6)");
      });
    }

    it("says when it is out of date, with its advisories", async function () {
      const tcbLevels = [qe(8, "UpToDate"), qe(6, "OutOfDate", ["INTEL-SA-00477", "INTEL-SA-00334"])];
      const claims = await claimsOf({ qeIdentity: { tcbLevels } });
      expect(claims.tcbStatus).to.equal(4);
      expect(claims.advisories).to.equal(hashAdvisories([334, 477]));
    });

    it("refuses one that is not the one Intel has named", async function () {
      const fields = { 16: at([1]), 48: at([0x17]), 128: at([0]), 256: at([1]) };
      await putSet(world, syntheticSet());
      for (const [offset, value] of Object.entries(fields)) {
        const { quote } = syntheticSet({ qeReport: { [offset]: value } });
        expect(await answer(world.tdx.verify(quote, "0x"))).to.equal(`QeIdentityMismatch(${offset})`);
      }
    });

    it("refuses to take the identity of the other kind", async function () {
      const { qeIdentity } = syntheticSet({ isTdx: false });
      const set = { ...syntheticSet(), qeIdentity };
      await putSet(world, set);
      expect(await answer(world.tdx.verify(set.quote, "0x"))).to.equal("QeIdentityUnknown(true)");
    });
  });

  describe("state of the platform", function () {
    const STATUSES = [
      "UpToDate",
      "SWHardeningNeeded",
      "ConfigurationNeeded",
      "ConfigurationAndSWHardeningNeeded",
      "OutOfDate",
      "OutOfDateConfigurationNeeded",
    ];
    // By status of the platform: what it becomes where the quoting enclave or the module is out of date.
    const CONVERGED = [4, 4, 5, 5, 4, 5];
    const old = {
      tcbLevels: [
        { isvsvn: 8, tcbStatus: "UpToDate" },
        { isvsvn: 1, tcbStatus: "OutOfDate" },
      ],
    };

    for (const [status, tcbStatus] of STATUSES.entries()) {
      it(`${tcbStatus}: alone, with an old quoting enclave, with an old module`, async function () {
        const tcbLevels = [level({ tcbStatus })];
        const modules = [{ id: "TDX_01", ...old }];
        expect((await claimsOf({ tcbInfo: { tcbLevels } })).tcbStatus).to.equal(status);
        for (const changes of [{ qeIdentity: old }, { tcbInfo: { modules } }, { isTdx: false, qeIdentity: old }]) {
          await fresh.restore();
          fresh = await world.networkHelpers.takeSnapshot();
          const sgxOnly = changes.isTdx === false ? [{ sgx: PLATFORM.components, pcesvn: 11, tcbStatus }] : tcbLevels;
          const all = { ...changes, tcbInfo: { ...changes.tcbInfo, tcbLevels: sgxOnly } };
          expect((await claimsOf(all)).tcbStatus, JSON.stringify(changes)).to.equal(CONVERGED[status]);
        }
      });
    }

    it("refuses a platform that is revoked", async function () {
      const revoked = { tcbLevels: [level({ tdx: SVNS.map(() => 255) }), level({ tcbStatus: "Revoked" })] };
      expect(await judge({ tcbInfo: revoked })).to.match(/^TcbRevoked\("0x07070202030100030000000000000000", 11\)/);
      const sgx = [{ sgx: ZEROS, pcesvn: 0, tcbStatus: "Revoked" }];
      await fresh.restore();
      fresh = await world.networkHelpers.takeSnapshot();
      expect(await judge({ isTdx: false, tcbInfo: { tcbLevels: sgx } })).to.match(/^TcbRevoked/);
    });

    it("takes the first level whose every part is reached, and none where one part is not", async function () {
      const bump = (svns: readonly number[], i: number) => svns.map((svn, j) => (i === j ? svn + 1 : svn));
      for (let i = 0; i < 16; i++) {
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        const above = [level({ sgx: bump(PLATFORM.components, i) }), level({ tcbStatus: "OutOfDate" })];
        expect((await claimsOf({ tcbInfo: { tcbLevels: above } })).tcbStatus, `SGX ${i}`).to.equal(4);
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        // Components 0 and 1 are the module's, as it has a version.
        const status = i < 2 ? "ok" : "TcbLevelUnknown";
        const tcbLevels = [level({ tdx: bump(SVNS, i) })];
        expect((await judge({ tcbInfo: { tcbLevels } })).replace(/\(.*/, ""), `TDX ${i}`).to.equal(status);
      }
      await fresh.restore();
      fresh = await world.networkHelpers.takeSnapshot();
      expect(await judge({ tcbInfo: { tcbLevels: [level({ pcesvn: 12 })] } })).to.match(/^TcbLevelUnknown/);
    });

    it("compares all components where the module has no version", async function () {
      const body = { 1: at([0]) };
      const ok = { body, tcbInfo: { tcbLevels: [level({ tdx: [5, 0, 7, ...ZEROS.slice(3)] })] } };
      expect(await judge(ok)).to.equal("ok");
      await fresh.restore();
      fresh = await world.networkHelpers.takeSnapshot();
      const bad = { body, tcbInfo: { tcbLevels: [level({ tdx: [6, 0, 7, ...ZEROS.slice(3)] })] } };
      expect(await judge(bad)).to.match(/^TcbLevelUnknown/);
    });

    it("refuses a module that is unknown, another's, too old or revoked", async function () {
      const cases: [Changes, string][] = [
        [{ body: { 1: at([2]) } }, "TdxModuleUnknown(2)"],
        [{ body: { 64: at([1]) } }, "TdxModuleMismatch(1)"],
        [{ body: { 111: at([1]) } }, "TdxModuleMismatch(1)"],
        [{ body: { 112: at([1]) } }, "TdxModuleMismatch(1)"],
        [
          { body: { 1: at([0]), 119: at([1]) }, tcbInfo: { tcbLevels: [level({ tdx: ZEROS })] } },
          "TdxModuleMismatch(0)",
        ],
        [{ body: { 0: at([3]) } }, "TdxModuleLevelUnknown(1, 3)"],
        [
          { tcbInfo: { modules: [{ id: "TDX_01", tcbLevels: [{ isvsvn: 5, tcbStatus: "Revoked" }] }] } },
          "TdxModuleRevoked(1, 5)",
        ],
      ];
      for (const [changes, expected] of cases) {
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        expect(await judge(changes)).to.equal(expected);
      }
    });

    it("advises a relaunch where only the TD's launch is out of date", async function () {
      const high = [5, 1, 9, ...ZEROS.slice(3)];
      const quote = { version: 5, bodyType: 3 } as const;
      const body = { 584: at(high) };
      const cases: [string, string, number, number][] = [
        ["UpToDate", "OutOfDate", 9, 7],
        ["SWHardeningNeeded", "OutOfDate", 9, 7],
        ["ConfigurationNeeded", "OutOfDate", 9, 8],
        ["UpToDate", "OutOfDateConfigurationNeeded", 9, 8],
        ["OutOfDate", "OutOfDate", 9, 4],
        ["UpToDate", "OutOfDate", 8, 4],
        ["UpToDate", "SWHardeningNeeded", 9, 1],
      ];
      for (const [top, below, svn, status] of cases) {
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        const tcbLevels = [level({ tdx: high, tcbStatus: top }), level({ tcbStatus: below })];
        const now = { 584: at([5, 1, svn, ...ZEROS.slice(3)]) };
        const claims = await claimsOf({ quote, body: { ...body, ...now }, tcbInfo: { tcbLevels } });
        expect(claims.tcbStatus, `${top}, ${below}, ${svn}`).to.equal(status);
      }
    });

    it("refuses TCB Info for other platforms or another PCE", async function () {
      expect(await judge({ tcbInfo: { fmspc: "b0c06f000001" } })).to.equal('TcbInfoUnknown(true, "0xb0c06f000000")');
      await fresh.restore();
      fresh = await world.networkHelpers.takeSnapshot();
      expect(await judge({ tcbInfo: { pceId: "0001" } })).to.equal('PceMismatch("0x0000", "0x0001")');
    });

    it("joins the advisories of all parts, each once, in rising order", async function () {
      const ids = (...numbers: number[]) => numbers.map((n) => `INTEL-SA-${String(n).padStart(5, "0")}`);
      const module = { isvsvn: 4, tcbStatus: "OutOfDate", advisoryIDs: ids(99_999, 7) };
      const claims = await claimsOf({
        qeIdentity: { tcbLevels: [{ isvsvn: 6, tcbStatus: "UpToDate", advisoryIDs: ids(500, 7, 1) }] },
        tcbInfo: {
          modules: [{ id: "TDX_01", tcbLevels: [module] }],
          tcbLevels: [level({ advisoryIDs: ids(615, 500, 289) })],
        },
      });
      expect(claims.advisories).to.equal(hashAdvisories([1, 7, 289, 500, 615, 99_999]));
      expect(claims.tcbStatus).to.equal(4);
    });
  });

  describe("flags and measurements", function () {
    it("flags debug, migratable and served TDs, and refuses reserved attributes", async function () {
      const quote = { version: 5, bodyType: 3 } as const;
      await putSet(world, syntheticSet());
      const flags = async (body: Record<number, Uint8Array>) =>
        (await world.tdx.verify(syntheticSet({ quote, body }).quote, "0x")).flags;
      expect(await flags({ 120: at([1]) })).to.equal(1);
      expect(await flags({ 123: at([0x30]) })).to.equal(4);
      expect(await flags({ 600: at([1]) })).to.equal(2);
      expect(await flags({ 647: at([1]) })).to.equal(2);
      expect(await flags({ 120: at([1]), 123: at([0x30]), 640: at([9]) })).to.equal(7);
      const known = new Set([0, 27, 28, 29, 30, 31, 63]);
      for (let bit = 0; bit < 64; bit++) {
        const body = { [120 + (bit >> 3)]: at([1 << (bit & 7)]) };
        const call = world.tdx.verify(syntheticSet({ quote, body }).quote, "0x");
        expect(await refusal(call), `bit ${bit}`).to.equal(known.has(bit) ? "ok" : "AttributesInvalid");
      }
    });

    it("flags debug enclaves of SGX, and refuses reserved attributes", async function () {
      await putSet(world, syntheticSet({ isTdx: false }));
      const known = new Set([0, 1, 2, 4, 5, 6, 7, 10]);
      for (let bit = 0; bit < 64; bit++) {
        const attributes = [1, 0, 0, 0, 0, 0, 0, 0];
        attributes[bit >> 3] = (attributes[bit >> 3] ?? 0) | (1 << (bit & 7));
        const call = world.sgx.verify(syntheticSet({ isTdx: false, body: { 48: at(attributes) } }).quote, "0x");
        expect(await refusal(call), `bit ${bit}`).to.equal(known.has(bit) ? "ok" : "AttributesInvalid");
        if (bit === 1) expect((await call).flags).to.equal(1);
      }
      const lacking = syntheticSet({ isTdx: false, body: { 48: at([4]) } });
      expect(await refusal(world.sgx.verify(lacking.quote, "0x"))).to.equal("AttributesInvalid");
    });

    it("has every byte that is measured in one of the claims, and none that is not", async function () {
      for (const isTdx of [true, false]) {
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        await putSet(world, syntheticSet({ isTdx }));
        const verifier = verifierOf({ isTdx });
        const base = await verifier.verify(syntheticSet({ isTdx }).quote, "0x");
        const moved = async (offset: number, value = 0x77) => {
          const claims = await verifier.verify(syntheticSet({ isTdx, body: { [offset]: at([value]) } }).quote, "0x");
          return ["measurement", "config", "bind0", "bind1"].filter(
            (_, i) => claims[i + 1 + (i > 1 ? 1 : 0)] !== base[i + 1 + (i > 1 ? 1 : 0)],
          );
        };
        const parts: [number, number, string[]][] = isTdx
          ? [
              [2, 15, []],
              [16, 63, ["measurement"]],
              [128, 471, ["measurement"]],
              [472, 519, ["config"]],
              [520, 551, ["bind0"]],
              [552, 583, ["bind1"]],
            ]
          : [
              [0, 31, []],
              [32, 47, ["measurement"]],
              [56, 63, []],
              [64, 95, ["measurement"]],
              [96, 127, []],
              [128, 159, ["measurement"]],
              [160, 191, []],
              [192, 255, ["config"]],
              [256, 259, ["measurement"]],
              [260, 261, ["config"]],
              [262, 303, []],
              [304, 319, ["measurement"]],
              [320, 351, ["bind0"]],
              [352, 383, ["bind1"]],
            ];
        for (const [first, last, claims] of parts) {
          for (const offset of new Set([first, (first + last) >> 1, last])) {
            expect(await moved(offset), `${isTdx ? "TDX" : "SGX"} ${offset}`).to.deep.equal(claims);
          }
        }
      }
    });

    it("tells platforms by their PPID, or by their key where that is zero", async function () {
      const claims = await claimsOf({ platform: { ppid: Buffer.alloc(16) } });
      expect(claims.platform).to.equal(keccak256(KEYS.pck.point));
    });
  });

  describe("revocation", function () {
    const later = { thisUpdate: NOW - 10, nextUpdate: NOW + 20 * DAY };

    it("refuses to cache a PCK that is revoked", async function () {
      for (const serials of [[SERIALS.pck], [1n, 2n, SERIALS.pck, 3n], [1n, SERIALS.pck]]) {
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        expect(await refusal(putSet(world, syntheticSet({ pckCrl: { serials } })))).to.equal("CertificateRevoked");
      }
    });

    it("refuses a cached PCK from the moment a newer CRL names it, and not for another's serial number", async function () {
      const set = syntheticSet({ pckCrl: { serials: [5n] } });
      await putSet(world, set);
      const put = (serials: bigint[], shift = 0) =>
        world.certificates.putCrl(
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
      expect(await answer(world.tdx.verify(set.quote, "0x"))).to.equal("ok");
      await world.certificates.checkPck(keccak256(set.pck));
      expect((await world.certificates.pck(keccak256(set.pck))).platform.checked).to.equal(later.thisUpdate);
      expect((await world.tdx.verify(set.quote, "0x")).notAfter).to.equal(later.nextUpdate);
      await put([1n, SERIALS.pck], 1);
      expect(await refusal(world.tdx.verify(set.quote, "0x"))).to.equal("CertificateRevoked");
      expect(await refusal(world.certificates.checkPck(keccak256(set.pck)))).to.equal("CertificateRevoked");
      expect(await refusal(world.certificates.checkPck(keccak256("0x")))).to.equal("PckUnknown");
    });

    for (const [name, serial] of [
      ["PCK authority", SERIALS.authority],
      ["TCB signer", SERIALS.signer],
    ] as const) {
      it(`refuses everything of a ${name} that the root has revoked, then and before`, async function () {
        const revoked = syntheticSet({ rootCrl: { serials: [serial] } });
        expect(await refusal(putSet(world, revoked))).to.equal("CertificateRevoked");
        const set = syntheticSet();
        await putSet(world, set);
        const crl = issueCrl({ issuer: ROOT_NAME, issuerKey: KEYS.root, ...later, serials: [serial] });
        await world.certificates.putCrl(await world.certificates.rootKeyId(), crl);
        expect(await refusal(world.tdx.verify(set.quote, "0x"))).to.equal("CertificateRevoked");
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
        await fresh.restore();
        fresh = await world.networkHelpers.takeSnapshot();
        const set = syntheticSet(changes);
        await putSet(world, set);
        await world.networkHelpers.time.increaseTo(soon);
        expect((await world.tdx.verify(set.quote, "0x")).notAfter, expected).to.equal(soon);
        await world.networkHelpers.time.increaseTo(soon + 1);
        expect(await refusal(world.tdx.verify(set.quote, "0x"))).to.equal(expected);
      }
    });
  });
});

/** 16 bytes, to the left of a word. */
function zeroPadBytes(bytes: Uint8Array): string {
  return `0x${Buffer.concat([bytes, Buffer.alloc(16)]).toString("hex")}`;
}
