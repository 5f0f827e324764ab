import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import * as snarkjs from "snarkjs";

import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { power as exponent } from "../../compiler/src/setup/field.ts";
import { buildThreadedFixedBase } from "../../compiler/src/setup/fixed-base-threads.ts";
import { buildFixedBase } from "../../compiler/src/setup/fixed-base.ts";
import { powersSecrets, writePowers } from "../../compiler/src/setup/powers.ts";
import { makePtau, sectionsOf } from "../support/ptau.ts";
import { codeOf } from "../support/tiny-model.ts";

const { powersOfTau } = snarkjs as unknown as {
  powersOfTau: { preparePhase2(from: string, to: string): Promise<unknown> };
};

describe("compiler/setup/powers", function () {
  this.timeout(60_000);
  const power = 4;
  const secrets = powersSecrets("a test of powers");
  let folder: string;
  let whole: ReadonlyMap<number, Uint8Array>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-test-powers-"));
    await writePowers(join(folder, "whole.ptau"), secrets, { power });
    whole = sectionsOf(await readFile(join(folder, "whole.ptau")));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const same = (one: Uint8Array | undefined, two: Uint8Array | undefined): boolean =>
    Buffer.from(one as Uint8Array).equals(two as Uint8Array);

  it("writes what a twin writes that works each power out by itself", async () => {
    const curve = await borrowCurve();
    try {
      const twin = sectionsOf(await makePtau(secrets, power, (k) => curve.Fr.toObject(curve.Fr.w[k] as Uint8Array)));
      expect([...whole.keys()].sort()).to.deep.equal([...twin.keys()].sort());
      // The twin leaves nothing out of the bases above 2^power; what snarkjs makes is compared below.
      const common = 64 * (2 ** (power + 1) - 1);
      for (const [id, content] of twin) {
        const [ours, theirs] = [
          whole.get(id)?.subarray(0, id === 12 ? common : undefined),
          content.subarray(0, id === 12 ? common : undefined),
        ];
        expect(same(ours, theirs), `section ${id}`).to.equal(true);
      }
    } finally {
      await returnCurve();
    }
  });

  it("has the Lagrange bases that snarkjs makes of its powers", async () => {
    const parts: Uint8Array[] = [Buffer.from("ptau"), word(1), word(7)];
    for (const id of [1, 2, 3, 4, 5, 6, 7]) {
      const content = whole.get(id) as Uint8Array;
      parts.push(word(id), word(content.length), word(0), content);
    }
    await writeFile(join(folder, "raw.ptau"), Buffer.concat(parts));
    await borrowCurve();
    try {
      await powersOfTau.preparePhase2(join(folder, "raw.ptau"), join(folder, "theirs.ptau"));
    } finally {
      await returnCurve();
    }
    const theirs = sectionsOf(await readFile(join(folder, "theirs.ptau")));
    for (const id of [2, 3, 4, 5, 6, 12, 13, 14, 15])
      expect(same(whole.get(id), theirs.get(id)), `section ${id}`).to.equal(true);
  });

  it("writes what universal setups read, and the same for the same seed only", async () => {
    const universal = { points: 22, domain: 3 };
    const sections = async (seed: string, name: string) => {
      await writePowers(join(folder, name), powersSecrets(seed), { power, universal });
      return sectionsOf(await readFile(join(folder, name)));
    };
    const one = await sections("a test of powers", "one.ptau");
    expect(same(one.get(2), whole.get(2)?.subarray(0, 22 * 64))).to.equal(true);
    expect(same(one.get(3), whole.get(3)?.subarray(0, 2 * 128))).to.equal(true);
    expect(same(one.get(12), whole.get(12)?.subarray(0, 15 * 64))).to.equal(true);
    const other = await sections("another seed", "other.ptau");
    expect(same(one.get(2), other.get(2))).to.equal(false);
  });

  it("refuses powers, seeds and sizes that cannot be, and never writes over a file", async () => {
    const path = join(folder, "refused.ptau");
    for (const options of [
      { power: 0 },
      { power: 21 },
      { power: 1.5 },
      { power, universal: { points: 32, domain: 3 } },
      { power, universal: { points: 8, domain: 5 } },
    ])
      expect(await codeOf(writePowers(path, secrets, options))).to.equal("ASY-ZKML-005");
    expect(await codeOf(writePowers(path, { ...secrets, tau: 0n }, { power }))).to.equal("ASY-ZKML-005");
    expect(() => powersSecrets(""))
      .to.throw()
      .with.property("code", "ASY-ZKML-005");
    expect(await codeOf(writePowers(join(folder, "whole.ptau"), secrets, { power }))).to.equal("EEXIST");
  });

  it("multiplies in threads as it does alone", async () => {
    const scalars = Array.from({ length: 9_000 }, (_, i) => exponent(5n, BigInt(i)));
    scalars[77] = 0n;
    const threaded = await buildThreadedFixedBase({ threads: 2 });
    try {
      const done: number[] = [];
      const points = await threaded.multiply("g1", scalars, (count) => void done.push(count));
      expect(same(points, await (await buildFixedBase()).multiply("g1", scalars))).to.equal(true);
      expect(done.at(-1)).to.equal(scalars.length);
    } finally {
      await threaded.close();
    }
  });
});

function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
