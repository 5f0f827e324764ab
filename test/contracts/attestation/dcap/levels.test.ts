import { expect } from "chai";
import { concat, keccak256, toBeHex } from "ethers";

import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { PLATFORM, syntheticSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { answer } from "../answer.ts";
import { at, freshJudge, level, SVNS, ZEROS, STATUSES } from "./judge.ts";
import { putSet } from "./world.ts";

const hashAdvisories = (numbers: readonly number[]) => keccak256(concat(numbers.map((n) => toBeHex(n, 32))));

describe("DcapVerifier, levels of trust", function () {
  const ours = freshJudge();

  describe("quoting enclave", function () {
    const qe = (isvsvn: number, tcbStatus: string, advisoryIDs?: readonly string[]) => ({
      isvsvn,
      tcbStatus,
      ...(advisoryIDs === undefined ? {} : { advisoryIDs }),
    });

    for (const isTdx of [true, false]) {
      it(`refuses one that is revoked, or below all levels (${isTdx ? "TDX" : "SGX"})`, async function () {
        const revoked = { tcbLevels: [qe(8, "UpToDate"), qe(6, "Revoked")] };
        expect(await ours.judge({ isTdx, qeIdentity: revoked })).to.equal("QeRevoked(6)");
        await ours.renew();
        expect(await ours.judge({ isTdx, qeIdentity: { tcbLevels: [qe(7, "UpToDate")] } })).to.equal(
          "QeLevelUnknown(6)",
        );
      });
    }

    it("says when it is out of date, with its advisories", async function () {
      const tcbLevels = [qe(8, "UpToDate"), qe(6, "OutOfDate", ["INTEL-SA-00477", "INTEL-SA-00334"])];
      const claims = await ours.claimsOf({ qeIdentity: { tcbLevels } });
      expect(claims.tcbStatus).to.equal(4);
      expect(claims.advisories).to.equal(hashAdvisories([334, 477]));
    });

    it("refuses one that is not the one Intel has named", async function () {
      const fields = { 16: at([1]), 48: at([0x17]), 128: at([0]), 256: at([1]) };
      await putSet(ours.world, syntheticSet());
      for (const [offset, value] of Object.entries(fields)) {
        const { quote } = syntheticSet({ qeReport: { [offset]: value } });
        expect(await answer(ours.world.tdx.verify(quote, "0x"))).to.equal(`QeIdentityMismatch(${offset})`);
      }
    });

    it("refuses to take the identity of the other kind", async function () {
      const { qeIdentity } = syntheticSet({ isTdx: false });
      const set = { ...syntheticSet(), qeIdentity };
      await putSet(ours.world, set);
      expect(await answer(ours.world.tdx.verify(set.quote, "0x"))).to.equal("QeIdentityUnknown(true)");
    });
  });

  describe("state of the platform", function () {
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
        expect((await ours.claimsOf({ tcbInfo: { tcbLevels } })).tcbStatus).to.equal(status);
        for (const changes of [{ qeIdentity: old }, { tcbInfo: { modules } }, { isTdx: false, qeIdentity: old }]) {
          await ours.renew();
          const sgxOnly = changes.isTdx === false ? [{ sgx: PLATFORM.components, pcesvn: 11, tcbStatus }] : tcbLevels;
          const all = { ...changes, tcbInfo: { ...changes.tcbInfo, tcbLevels: sgxOnly } };
          expect((await ours.claimsOf(all)).tcbStatus, JSON.stringify(changes)).to.equal(CONVERGED[status]);
        }
      });
    }

    it("refuses a platform that is revoked", async function () {
      const revoked = { tcbLevels: [level({ tdx: SVNS.map(() => 255) }), level({ tcbStatus: "Revoked" })] };
      expect(await ours.judge({ tcbInfo: revoked })).to.match(
        /^TcbRevoked\("0x07070202030100030000000000000000", 11\)/,
      );
      const sgx = [{ sgx: ZEROS, pcesvn: 0, tcbStatus: "Revoked" }];
      await ours.renew();
      expect(await ours.judge({ isTdx: false, tcbInfo: { tcbLevels: sgx } })).to.match(/^TcbRevoked/);
    });

    it("takes the first level whose every part is reached, and none where one part is not", async function () {
      const bump = (svns: readonly number[], i: number) => svns.map((svn, j) => (i === j ? svn + 1 : svn));
      for (let i = 0; i < 16; i++) {
        await ours.renew();
        const above = [level({ sgx: bump(PLATFORM.components, i) }), level({ tcbStatus: "OutOfDate" })];
        expect((await ours.claimsOf({ tcbInfo: { tcbLevels: above } })).tcbStatus, `SGX ${i}`).to.equal(4);
        await ours.renew();
        // Components 0 and 1 are the module's, as it has a version.
        const status = i < 2 ? "ok" : "TcbLevelUnknown";
        const tcbLevels = [level({ tdx: bump(SVNS, i) })];
        expect((await ours.judge({ tcbInfo: { tcbLevels } })).replace(/\(.*/, ""), `TDX ${i}`).to.equal(status);
      }
      await ours.renew();
      expect(await ours.judge({ tcbInfo: { tcbLevels: [level({ pcesvn: 12 })] } })).to.match(/^TcbLevelUnknown/);
    });

    it("compares all components where the module has no version", async function () {
      const body = { 1: at([0]) };
      const ok = { body, tcbInfo: { tcbLevels: [level({ tdx: [5, 0, 7, ...ZEROS.slice(3)] })] } };
      expect(await ours.judge(ok)).to.equal("ok");
      await ours.renew();
      const bad = { body, tcbInfo: { tcbLevels: [level({ tdx: [6, 0, 7, ...ZEROS.slice(3)] })] } };
      expect(await ours.judge(bad)).to.match(/^TcbLevelUnknown/);
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
        await ours.renew();
        expect(await ours.judge(changes)).to.equal(expected);
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
        await ours.renew();
        const tcbLevels = [level({ tdx: high, tcbStatus: top }), level({ tcbStatus: below })];
        const now = { 584: at([5, 1, svn, ...ZEROS.slice(3)]) };
        const claims = await ours.claimsOf({ quote, body: { ...body, ...now }, tcbInfo: { tcbLevels } });
        expect(claims.tcbStatus, `${top}, ${below}, ${svn}`).to.equal(status);
      }
    });

    it("refuses TCB Info for other platforms or another PCE", async function () {
      expect(await ours.judge({ tcbInfo: { fmspc: "b0c06f000001" } })).to.equal(
        'TcbInfoUnknown(true, "0xb0c06f000000")',
      );
      await ours.renew();
      expect(await ours.judge({ tcbInfo: { pceId: "0001" } })).to.equal('PceMismatch("0x0000", "0x0001")');
    });

    it("joins the advisories of all parts, each once, in rising order", async function () {
      const ids = (...numbers: number[]) => numbers.map((n) => `INTEL-SA-${String(n).padStart(5, "0")}`);
      const module = { isvsvn: 4, tcbStatus: "OutOfDate", advisoryIDs: ids(99_999, 7) };
      const claims = await ours.claimsOf({
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
});
