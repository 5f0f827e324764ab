import { expect } from "chai";

import { measureAccuracy } from "../../scripts/accuracy.ts";
import { calibrationImages, heldOut } from "../support/digits.ts";

describe("digits on the held-out split", () => {
  it("is as accurate in integers as in floats, within one percentage point", async () => {
    const { float, integer, samples } = await measureAccuracy();
    expect(samples, "the whole split").to.equal(360);
    expect(float, "float").to.be.above(0.97);
    expect(float - integer, "what integers lose").to.be.at.most(0.01);
  });

  it("keeps calibration and held-out images apart", () => {
    const seen = new Set(calibrationImages.map(({ row }) => row));
    expect(heldOut.filter(({ row }) => seen.has(row))).to.deep.equal([]);
    expect(new Set(heldOut.map(({ row }) => row)).size).to.equal(heldOut.length);
  });
});
