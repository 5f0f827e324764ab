import { readFileSync } from "node:fs";

import { expect } from "chai";

import type { SignedText } from "../../../../scripts/fixtures/intel-pki/documents.ts";
import { signText } from "../../../../scripts/fixtures/intel-pki/documents.ts";
import { KEYS, NOW, syntheticSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { keyIdOf, documentArguments } from "../../../../scripts/support/dcap.ts";
import { answer, refusal } from "../answer.ts";
import { findVector } from "./rows.ts";
import { freshWorld, deployDcap, putSet } from "./world.ts";

const DAY = 86_400;

/** Documents of the collection whose signer's certificate is that of 2025, by a time when they are valid. */
const LOOSE: readonly [number, readonly string[]][] = [
  [1748000000, ["automata-solana/tcb_info_v3_sgx.json"]],
  [1749099999, ["pccs-eval19/identity_eval19.json"]],
  [
    1749100000,
    [
      "automata-0625/identity.json",
      "automata-0625/qe_td.json",
      "automata-0625/tcbinfov3_00806f050000.json",
      "automata-0625/tcbinfov3_90C06F000000.json",
    ],
  ],
  [1752000000, ["automata-solana/tcb_info_v3_with_tdx_module.json", "automata-solana/qe_identity.json"]],
  [1755300000, ["automata-0825/sgx_qeidentity_v4.json", "automata-0825/sgx_tcbinfov3_00606a000000.json"]],
  [1761000000, ["automata-1025/tcb_info.json", "automata-1025/identity.json"]],
];

/** What is signed in what Intel's service sends, `{"tcbInfo":{…},"signature":"…"}`. */
function readLoose(file: string): { kind: string; document: SignedText } {
  const path = findVector(`intel-collateral/${file}`);
  const text = path === undefined ? "" : readFileSync(path, "utf8");
  const match = /^\{"(\w+)":(\{.*\}),"signature":"([0-9a-f]{128})"\}\s*$/.exec(text);
  if (match === null) throw new Error(`${file} is not a signed document`);
  const [, kind = "", signed = "", signature = ""] = match;
  return { kind, document: { text: signed, signature: Buffer.from(signature, "hex") } };
}

describe("DcapCollateral", function () {
  const set = syntheticSet();
  const signer = keyIdOf(set.tcbSigner);
  const sgx = syntheticSet({ isTdx: false });

  const ours = freshWorld(async (world) => await putSet(world, set, { without: ["tcbInfo", "qeIdentity"] }));

  const putTcbInfo = (document: SignedText, by = signer) =>
    answer(ours.world.collateral.putTcbInfo(...documentArguments(document, by)));
  const putQeIdentity = (document: SignedText, by = signer) =>
    answer(ours.world.collateral.putQeIdentity(...documentArguments(document, by)));
  /** The text with `from` replaced by `to`, signed again. */
  const edited = ({ text }: SignedText, from: string | RegExp, to: string) => {
    const changed = text.replace(from, to);
    expect(changed).to.not.equal(text);
    return signText(KEYS.signer, changed);
  };

  it("keeps what the documents say", async function () {
    expect(await putTcbInfo(set.tcbInfo)).to.equal("ok");
    expect(await putQeIdentity(set.qeIdentity)).to.equal("ok");
    const record = await ours.world.collateral.tcbInfoRecord(true, "0xb0c06f000000");
    expect([record.issueDate, record.nextUpdate, record.evaluation]).to.deep.equal([
      BigInt(NOW - DAY),
      BigInt(NOW + 29 * DAY),
      17n,
    ]);
    const { data } = await ours.world.collateral.tcbInfo(true, "0xb0c06f000000");
    const module = `${"00".repeat(48 + 8)}${"ff".repeat(8)}`;
    const svns = "05010700000000000000000000000000";
    expect(data).to.equal(
      `0x0000${module}0101${module}0100040000` + `0107070202030100030000000000000000${svns}000b0000`,
    );
    const identity = await ours.world.collateral.qeIdentity(true);
    expect(identity.data).to.match(/^0x00000000ffffffff110{30}fbf{14}0{16}dc9e.{60}00020100040000$/);
    expect(await refusal(ours.world.collateral.qeIdentity(false))).to.equal("QeIdentityUnknown");
    expect(await refusal(ours.world.collateral.tcbInfo(false, "0xb0c06f000000"))).to.equal("TcbInfoUnknown");
  });

  it("refuses a text or a signature with any change, and other signers", async function () {
    const { text, signature } = set.qeIdentity;
    for (let i = 0; i < text.length; i += 5) {
      const changed = `${text.slice(0, i)}${String.fromCharCode(text.charCodeAt(i) ^ 1)}${text.slice(i + 1)}`;
      expect(await putQeIdentity({ text: changed, signature })).to.match(/^DocumentSignatureMismatch/);
    }
    for (const i of [0, 31, 32, 63]) {
      const changed = Buffer.from(signature);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await putQeIdentity({ text, signature: changed })).to.match(/^DocumentSignatureMismatch/);
    }
    expect(await putQeIdentity({ text, signature: Buffer.alloc(64) })).to.match(/^DocumentSignatureMismatch/);
    expect(await putQeIdentity(set.qeIdentity, keyIdOf(set.pckAuthority))).to.match(/^AuthorityUnknown/);
    expect(await putQeIdentity(signText(KEYS.pck, text))).to.match(/^DocumentSignatureMismatch/);
    expect(await putTcbInfo(signText(KEYS.signer, "x".repeat(24_001)))).to.equal("DocumentTooLong(24001, 24000)");
  });

  it("takes documents in the order of their dates, and of their evaluation numbers", async function () {
    const dates = { issueDate: NOW - DAY + 1, nextUpdate: NOW + DAY };
    const later = syntheticSet({ tcbInfo: dates, qeIdentity: dates });
    const earlier = syntheticSet({ tcbInfo: { issueDate: NOW - DAY - 1 }, qeIdentity: { issueDate: NOW - DAY - 1 } });
    const less = { issueDate: NOW - DAY + 2, evaluation: 16 };
    const lesser = syntheticSet({ tcbInfo: less, qeIdentity: less });
    for (const [put, name] of [
      [putTcbInfo, "tcbInfo"],
      [putQeIdentity, "qeIdentity"],
    ] as const) {
      expect(await put(set[name])).to.equal("ok");
      expect(await put(set[name])).to.match(/^DocumentNotNewer/);
      expect(await put(earlier[name])).to.match(/^DocumentNotNewer/);
      expect(await put(lesser[name])).to.match(/^DocumentNotNewer\(\d+, \d+, 16, 17\)/);
      expect(await put(later[name])).to.equal("ok");
      expect(await put(set[name])).to.match(/^DocumentNotNewer/);
    }
  });

  it("refuses documents that are not valid now", async function () {
    for (const dates of [{ nextUpdate: NOW - 1 }, { issueDate: NOW + DAY }]) {
      const bad = syntheticSet({ tcbInfo: dates, qeIdentity: dates });
      expect(await putTcbInfo(bad.tcbInfo)).to.match(/^DocumentNotCurrent/);
      expect(await putQeIdentity(bad.qeIdentity)).to.match(/^DocumentNotCurrent/);
    }
  });

  it("refuses text that is signed, but not what Intel writes", async function () {
    const time = "2030-03-16T17:46:40Z";
    expect(set.tcbInfo.text).to.contain(time);
    const forms: [string | RegExp, string][] = [
      [/^\{/, " {"],
      [/\}$/, "} "],
      [/\}$/, ""],
      [/^\{/, '{"a":1,'],
      ['"version":3', '"version":2'],
      ['"id":"TDX"', '"id":"TDY"'],
      ['"tcbType":0', '"tcbType":1'],
      [time, "2030-02-29T17:46:40Z"],
      [time, "2030-03-16T24:46:40Z"],
      [time, "2030-03-16t17:46:40Z"],
      [time, "2030-03-16T17:46:60Z"],
      [time, "2030-00-16T17:46:40Z"],
      [time, "2030-03-00T17:46:40Z"],
      [time, "2030-03-1:T17:46:40Z"],
      [time, "1969-03-16T17:46:40Z"],
      ['"B0C06F000000"', '"B0C06F00000"'],
      ['"B0C06F000000"', '"B0C06F00000G"'],
      ['"B0C06F000000"', '"B0C06F0000000"'],
      ['"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":017'],
      ['"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":-1'],
      ['"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":1e1'],
      ['"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":65536'],
      ['"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":'],
      ['{"svn":7}', '{"svn":256}'],
      ['{"svn":7}', '{"svn":7.0}'],
      ['{"svn":7}', '{"svn":"7"}'],
      ['{"svn":7},', ""],
      ['{"svn":7}', '{"svn":7},{"svn":7}'],
      ['{"svn":7}', '{"svn":7,"category":"BI\\"OS"}'],
      ['{"svn":7}', '{"svn":7,"category":"é"}'],
      ['{"svn":7}', `{"svn":7,"type":"${"x".repeat(65)}"}`],
      ['{"svn":7}', '{"svn":7,"kind":"BIOS"}'],
      ['"pcesvn":11', '"pcesvn":65536'],
      [/"tcbLevels":\[\{"tcb":\{"sgx.*$/, '"tcbLevels":[]}'],
      ['"id":"TDX_01"', '"id":"TDX_1"'],
      ['"tdxModule":', '"tdxmodule":'],
      [/"tcbStatus":"UpToDate"\}\]\}$/, '"tcbStatus":"UpToDate","advisoryIDs":[]}]}'],
      [/"tcbStatus":"UpToDate"\}\]\}$/, '"tcbStatus":"UpToDate","advisoryIDs":["INTEL-SA-0061"]}]}'],
      [/"tcbStatus":"UpToDate"\}\]\}$/, '"tcbStatus":"UpToDate","advisoryIDs":["INTEL-DC-00615"]}]}'],
      [/"tcbStatus":"UpToDate"\}\]\}$/, '"tcbStatus":"UpToDate","x":1}]}'],
    ];
    for (const [from, to] of forms) {
      expect(await putTcbInfo(edited(set.tcbInfo, from, to)), `${String(from)} to ${to}`).to.match(
        /^Json(Unexpected|Trailing)/,
      );
    }
    expect(await putTcbInfo(edited(set.tcbInfo, /"UpToDate"\}\]\}$/, '"Uptodate"}]}'))).to.match(/^StatusUnknown/);
    const advisories = Array<string>(65).fill('"INTEL-SA-00001"').join(",");
    const many = edited(set.tcbInfo, /"UpToDate"\}\]\}$/, `"UpToDate","advisoryIDs":[${advisories}]}]}`);
    expect(await putTcbInfo(many)).to.match(/^DocumentListTooLong\(\d+, 64\)/);
    const one = '{"tcb":{"isvsvn":1},"tcbDate":"2025-01-01T00:00:00Z","tcbStatus":"UpToDate"}';
    const levels = edited(
      set.qeIdentity,
      /"tcbLevels":\[.*$/,
      `"tcbLevels":[${Array<string>(65).fill(one).join(",")}]}`,
    );
    expect(await putQeIdentity(levels)).to.match(/^DocumentListTooLong\(\d+, 64\)/);
    expect(await putTcbInfo(set.qeIdentity)).to.match(/^JsonUnexpected/);
    expect(await putQeIdentity(set.tcbInfo)).to.match(/^JsonUnexpected/);
    expect(await putTcbInfo(signText(KEYS.signer, ""))).to.match(/^JsonUnexpected/);
  });

  it("takes labels that are new, and both kinds of documents side by side", async function () {
    const labelled = edited(set.tcbInfo, '{"svn":7}', '{"svn":7,"category":"Fan","type":"New, {better}"}');
    expect(await putTcbInfo(labelled)).to.equal("ok");
    expect(await putTcbInfo(sgx.tcbInfo)).to.equal("ok");
    expect(await putQeIdentity(sgx.qeIdentity)).to.equal("ok");
    expect(await putQeIdentity(set.qeIdentity)).to.equal("ok");
  });

  it("reads every document of Intel's in the collection", async function () {
    const rootCrl = findVector("intel-collateral/automata-solana/intel_root_ca_crl.der");
    const certificate = findVector("intel-collateral/automata-solana/signing.der");
    if (rootCrl === undefined || certificate === undefined) {
      console.log("      skipped: the collection is not here");
      this.skip();
    }
    const by = keyIdOf(readFileSync(certificate));
    for (const [time, files] of LOOSE) {
      const intel = await deployDcap(time);
      await intel.certificates.putCrl(await intel.certificates.rootKeyId(), readFileSync(rootCrl));
      await intel.certificates.putAuthority(readFileSync(certificate));
      for (const file of files) {
        const { kind, document } = readLoose(file);
        const put = kind === "tcbInfo" ? intel.collateral.putTcbInfo : intel.collateral.putQeIdentity;
        expect(await answer(put(...documentArguments(document, by))), file).to.equal("ok");
      }
      if (time !== 1749100000) continue;
      // Version 2, of an interface that is no more.
      const { document } = readLoose("automata-0625/tcbinfo.json");
      const old = intel.collateral.putTcbInfo(...documentArguments(document, by));
      expect(await answer(old)).to.equal("JsonUnexpected(0)");
    }
  });
});
