import { expect } from "chai";

import type { Step } from "../../../../scripts/support/dcap.ts";
import { stepsOf } from "../../../../scripts/support/dcap.ts";
import type { CallProbe } from "../../../../types/ethers-contracts/index.ts";
import { readRow, ROWS } from "./rows.ts";
import type { Dcap } from "./world.ts";
import { deployDcap, putSet } from "./world.ts";

/** A quote costs at most this much when it is refused; so do its parts. */
const MOST_GAS = 600_000n;

/** Offsets of every tag, every length, and the first and last byte of every value in DER. */
function derFields(der: Uint8Array, start = 0, end = der.length, into = new Set<number>()): Set<number> {
  for (let at = start; at < end;) {
    const first = der[at + 1] ?? 0;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const body = at + 2 + size;
    const length = size === 0 ? first : Buffer.from(der).readUIntBE(at + 2, size);
    for (let i = at; i < body; i++) into.add(i);
    if (length > 0) into.add(body).add(body + length - 1);
    const tag = der[at] ?? 0;
    // What is in an extension is DER again, in an OCTET STRING.
    const isOuter = tag === 0x04 && length > 2 && der[body] === 0x30;
    if ((tag & 0x20) !== 0 || isOuter) derFields(der, body, body + length, into);
    at = body + length;
  }
  return into;
}

describe("Genuine evidence with one bit changed", function () {
  const row = ROWS.find(({ name }) => name === "TDX v4")!;
  const set = readRow(row)!;
  let world: Dcap;
  let probe: CallProbe;
  let steps: Step[];
  let fresh: { restore: () => Promise<void> };

  before(async function () {
    world = await deployDcap(row.window[0]);
    probe = await world.ethers.deployContract("CallProbe");
    steps = await stepsOf(world, set);
    fresh = await world.networkHelpers.takeSnapshot();
  });

  /** Flips in `data`, from byte `from` to before `until`, are all refused with a reason. */
  async function refusesAll(to: string, data: string, from: number, until: number, every = 50): Promise<void> {
    for (let at = from; at < until; at += every) {
      const end = Math.min(at + every, until);
      const [accepted, silent, last, dearest] = await probe.probe.staticCall(to, data, at, end, {
        gasLimit: 16_000_000,
      });
      expect([accepted, silent], `byte ${String(last)}`).to.deep.equal([0n, 0n]);
      expect(dearest < MOST_GAS, `gas ${dearest}`).to.equal(true);
    }
  }

  it("is refused whichever byte of the quote it is in", async function () {
    await putSet(world, set);
    const data = world.tdx.interface.encodeFunctionData("verify", [set.quote, "0x"]);
    // Selector, two offsets, length.
    const head = 4 + 96;
    await refusesAll(await world.tdx.getAddress(), data, head, head + set.quote.length);
    await fresh.restore();
  });

  // What is needed before each of these is put, and where in the call its bytes begin.
  for (const [name, head] of [
    ["rootCrl", 100],
    ["pckAuthority", 68],
    ["tcbSigner", 68],
    ["pckCrl", 100],
    ["cachePck", 68],
  ] as const) {
    it(`is refused in every field of ${name}`, async function () {
      const index = steps.findIndex((step) => step.name === name);
      const step = steps[index]!;
      await putSet(world, set, { without: steps.slice(index).map((later) => later.name) });
      const bytes = name === "cachePck" ? set.pck : set[name];
      // Entries of a list are all of one form: the first and the last stand for it.
      const fields = [...derFields(bytes)].filter((at) => name !== "pckCrl" || at < 300 || at > bytes.length - 240);
      expect(fields.length > 60, `${fields.length} fields`).to.equal(true);
      const runs = toRuns(fields);
      for (const [from, until] of runs) await refusesAll(step.to, step.data, head + from, head + until, 24);
      fresh = await restored(fresh);
    });
  }

  for (const name of ["tcbInfo", "qeIdentity"] as const) {
    it(`is refused whichever byte of ${name} it is in`, async function () {
      const index = steps.findIndex((step) => step.name === name);
      const step = steps[index]!;
      await putSet(world, set, { without: steps.slice(index).map((later) => later.name) });
      // Selector, offset, r, s, signer, length.
      const head = 4 + 160;
      await refusesAll(step.to, step.data, head, head + set[name].text.length, 200);
      await refusesAll(step.to, step.data, 4 + 32, 4 + 96, 64);
      fresh = await restored(fresh);
    });
  }

  async function restored(snapshot: { restore: () => Promise<void> }) {
    await snapshot.restore();
    return world.networkHelpers.takeSnapshot();
  }
});

/** Numbers in rising order, as runs of neighbours: first, and one past the last. */
function toRuns(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === number) last[1] = number + 1;
    else runs.push([number, number + 1]);
  }
  return runs;
}
