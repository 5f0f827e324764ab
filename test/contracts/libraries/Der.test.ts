import { expect } from "chai";
import { network } from "hardhat";

import { encodeUnsigned } from "../../../nodes/shared/enclave/development/der.ts";
import type { DerHarness } from "../../../types/ethers-contracts/index.ts";
import { der } from "../../support/development-evidence.ts";

const two = (value: number) => String(value).padStart(2, "0");

/** `date` as RFC 5280 writes it: UTCTime to 2049, GeneralizedTime from 2050. */
function encodeTime(date: Date): string {
  const rest =
    two(date.getUTCMonth() + 1) +
    two(date.getUTCDate()) +
    two(date.getUTCHours()) +
    two(date.getUTCMinutes()) +
    two(date.getUTCSeconds());
  const year = date.getUTCFullYear();
  const [tag, text] = year < 2050 ? ["17", two(year % 100) + rest] : ["18", String(year) + rest];
  return `0x${der(tag, Buffer.from(`${text}Z`).toString("hex"))}`;
}

describe("Der", function () {
  let harness: DerHarness;

  before(async function () {
    const { ethers } = await network.create();
    harness = await ethers.deployContract("DerHarness");
  });

  it("reads the last and the first second of months from 1970 to 9999 as JavaScript does", async function () {
    const dates: Date[] = [];
    // Every month to 2051, then those around the ends of centuries, where leap days are left out or not.
    const months = Array.from({ length: 82 * 12 }, (_, month) => month);
    for (let year = 2100; year < 10_000; year += year < 2900 ? 100 : 1775) {
      months.push(...Array.from({ length: 16 }, (_, month) => (year - 1970) * 12 + month));
    }
    for (const month of months) {
      const first = new Date(Date.UTC(1970, month, 1));
      dates.push(first, new Date(Date.UTC(1970, month + 1, 1) - 1000));
    }
    for (let at = 0; at < dates.length; at += 500) {
      const part = dates.slice(at, at + 500);
      const values = await harness.readTimes(part.map(encodeTime));
      expect([...values]).to.deep.equal(part.map((date) => BigInt(date.getTime() / 1000)));
    }
  });

  it("refuses times that are none", async function () {
    const bad = {
      "17": [
        "300229000000Z",
        "300431000000Z",
        "300001000000Z",
        "301301000000Z",
        "300100000000Z",
        "300101240000Z",
        "300101006000Z",
        "300101000060Z",
        "300101000000z",
        "3001010000Z",
        "300101000000+0000",
        "30010100000:Z",
        "3001010000/0Z",
        "691231235959Z",
        "",
      ],
      "18": ["20491231235959Z", "21000229000000Z", "20500101000000.5Z", "500101000000Z", "0x500101000000Z"],
      "16": ["300101000000Z"],
    };
    for (const [tag, texts] of Object.entries(bad)) {
      for (const text of texts) {
        const time = `0x${der(tag, Buffer.from(text).toString("hex"))}`;
        await expect(harness.readTimes([time]), `${tag} ${text}`).to.be.revertedWithCustomError(
          harness,
          tag === "16" ? "DerTagUnexpected" : "DerValueInvalid",
        );
      }
    }
  });

  it("reads integers of up to 256 bits, in their one form", async function () {
    for (const value of [0n, 1n, 127n, 128n, 255n, 256n, (1n << 255n) - 1n, 1n << 255n, (1n << 256n) - 1n]) {
      const contents = Buffer.from(encodeUnsigned(value)).toString("hex");
      expect(await harness.readUint(`0x${der("02", contents)}`)).to.equal(value);
      await expect(harness.readUint(`0x${der("02", `00${contents}`)}`), `00${contents}`).to.be.revertedWithCustomError(
        harness,
        "DerValueInvalid",
      );
    }
    for (const contents of ["", "80", "ff", `01${"00".repeat(32)}`]) {
      await expect(harness.readUint(`0x${der("02", contents)}`), contents).to.be.revertedWithCustomError(
        harness,
        "DerValueInvalid",
      );
    }
  });

  it("opens elements of 0 to 65,535 bytes, and no others", async function () {
    const head = { 0: "0400", 127: "047f", 128: "048180", 255: "0481ff", 256: "04820100", 2000: "048207d0" };
    for (const [length, start] of Object.entries(head)) {
      const contents = "ab".repeat(Number(length));
      expect(await harness.open(`0x${start}${contents}`, 4)).to.equal(`0x${contents}`);
      await expect(harness.open(`0x${start}${contents}00`, 4)).to.be.revertedWithCustomError(harness, "DerTrailing");
      if (length === "0") continue;
      const cut = contents.slice(2);
      await expect(harness.open(`0x${start}${cut}`, 4)).to.be.revertedWithCustomError(harness, "DerTruncated");
    }
    for (const start of ["", "04", "0481", "0482", "048201"]) {
      await expect(harness.open(`0x${start}`, 4)).to.be.revertedWithCustomError(harness, "DerTruncated");
    }
    for (const start of ["0480", "048100", "04817f", "0482007f", "048200ff", "0483000100", "0484", "04ff"]) {
      await expect(harness.open(`0x${start}${"00".repeat(300)}`, 4), start).to.be.revertedWithCustomError(
        harness,
        "DerLengthInvalid",
      );
    }
  });
});
