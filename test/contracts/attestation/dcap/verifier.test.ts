import { expect } from "chai";
import { keccak256 } from "ethers";

import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { KEYS, NOW, PLATFORM, syntheticSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { answer, refusal } from "../answer.ts";
import { at, freshJudge, SVNS } from "./judge.ts";
import { shortenQuote } from "./shorten.ts";
import { putSet } from "./world.ts";

const DAY = 86_400;

describe("DcapVerifier, under a root of our own", function () {
  const ours = freshJudge();

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
        await putSet(ours.world, set);
        const verifier = ours.verifierOf({ isTdx });
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
      await putSet(ours.world, set);
      const short = shortenQuote(set.quote);
      const pckId = keccak256(set.pck);
      for (let length = 0; length < short.length; length += length < 48 ? 1 : 37) {
        expect(await refusal(ours.world.tdx.verify(short.slice(0, length), pckId)), `${length}`).to.match(
          /^Quote(Truncated|SizeMismatch)$/,
        );
      }
      for (const zeros of [1, 31, 32, 33, 70, 3065]) {
        const padded = Buffer.concat([short, Buffer.alloc(zeros)]);
        expect(await answer(ours.world.tdx.verify(padded, pckId)), `${zeros}`).to.equal("ok");
        for (const place of new Set([0, zeros >> 1, zeros - 1])) {
          const bad = Buffer.from(padded);
          bad[short.length + place] = 1;
          expect(await answer(ours.world.tdx.verify(bad, pckId))).to.equal(`QuoteTrailing(${short.length})`);
        }
      }
      expect(await answer(ours.world.tdx.verify(Buffer.alloc(16_385), "0x"))).to.equal("QuoteTooLong(16385, 16384)");
    });

    it("refuses headers and sizes that are not what they should be", async function () {
      const set = syntheticSet({ quote: { version: 5, bodyType: 2 } });
      await putSet(ours.world, set);
      const patched = (offset: number, ...bytes: number[]) => {
        const quote = Buffer.from(set.quote);
        quote.set(bytes, offset);
        return answer(ours.world.tdx.verify(quote, "0x"));
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
      expect(await answer(ours.world.sgx.verify(set.quote, "0x"))).to.equal("QuoteTeeTypeUnexpected(129)");
    });
  });

  describe("signatures", function () {
    it("refuses a report that another PCK signed", async function () {
      expect(await ours.judge({ quote: { pckKey: KEYS.attestation } })).to.equal("QeSignatureMismatch()");
    });

    it("refuses another attestation key than the one in the report", async function () {
      expect(await ours.judge({ qeReport: { 320: Buffer.alloc(32, 1) } })).to.match(/^QeReportDataMismatch/);
      expect(await judge2({ qeReport: { 383: at([1]) } })).to.match(/^QeReportDataMismatch/);
    });

    it("refuses a body that the attestation key did not sign", async function () {
      const set = syntheticSet();
      await putSet(ours.world, set);
      const quote = Buffer.from(set.quote);
      quote[48 + 520] = (quote[48 + 520] ?? 0) ^ 1;
      expect(await answer(ours.world.tdx.verify(quote, "0x"))).to.equal("QuoteSignatureMismatch()");
    });

    /** As `judge`, where all is put already. */
    function judge2(changes: Changes): Promise<string> {
      return answer(ours.verifierOf(changes).verify(syntheticSet(changes).quote, "0x"));
    }
  });

  describe("flags and measurements", function () {
    it("flags debug, migratable and served TDs, and refuses reserved attributes", async function () {
      const quote = { version: 5, bodyType: 3 } as const;
      await putSet(ours.world, syntheticSet());
      const flags = async (body: Record<number, Uint8Array>) =>
        (await ours.world.tdx.verify(syntheticSet({ quote, body }).quote, "0x")).flags;
      expect(await flags({ 120: at([1]) })).to.equal(1);
      expect(await flags({ 123: at([0x30]) })).to.equal(4);
      expect(await flags({ 600: at([1]) })).to.equal(2);
      expect(await flags({ 647: at([1]) })).to.equal(2);
      expect(await flags({ 120: at([1]), 123: at([0x30]), 640: at([9]) })).to.equal(7);
      const known = new Set([0, 27, 28, 29, 30, 31, 63]);
      for (let bit = 0; bit < 64; bit++) {
        const body = { [120 + (bit >> 3)]: at([1 << (bit & 7)]) };
        const call = ours.world.tdx.verify(syntheticSet({ quote, body }).quote, "0x");
        expect(await refusal(call), `bit ${bit}`).to.equal(known.has(bit) ? "ok" : "AttributesInvalid");
      }
    });

    it("flags debug enclaves of SGX, and refuses reserved attributes", async function () {
      await putSet(ours.world, syntheticSet({ isTdx: false }));
      const known = new Set([0, 1, 2, 4, 5, 6, 7, 10]);
      for (let bit = 0; bit < 64; bit++) {
        const attributes = [1, 0, 0, 0, 0, 0, 0, 0];
        attributes[bit >> 3] = (attributes[bit >> 3] ?? 0) | (1 << (bit & 7));
        const call = ours.world.sgx.verify(syntheticSet({ isTdx: false, body: { 48: at(attributes) } }).quote, "0x");
        expect(await refusal(call), `bit ${bit}`).to.equal(known.has(bit) ? "ok" : "AttributesInvalid");
        if (bit === 1) expect((await call).flags).to.equal(1);
      }
      const lacking = syntheticSet({ isTdx: false, body: { 48: at([4]) } });
      expect(await refusal(ours.world.sgx.verify(lacking.quote, "0x"))).to.equal("AttributesInvalid");
    });

    it("has every byte that is measured in one of the claims, and none that is not", async function () {
      for (const isTdx of [true, false]) {
        await ours.renew();
        await putSet(ours.world, syntheticSet({ isTdx }));
        const verifier = ours.verifierOf({ isTdx });
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
      const claims = await ours.claimsOf({ platform: { ppid: Buffer.alloc(16) } });
      expect(claims.platform).to.equal(keccak256(KEYS.pck.point));
    });
  });
});

/** 16 bytes, to the left of a word. */
function zeroPadBytes(bytes: Uint8Array): string {
  return `0x${Buffer.concat([bytes, Buffer.alloc(16)]).toString("hex")}`;
}
