import { expect } from "chai";

import { compareFigures } from "../../scripts/figures/compare.ts";

describe("comparison of figures", function () {
  const committed = { "gas.request.32": 57_950, "gas.fulfil.zkml": 267_280, "zk.digits.words": 4 };
  const differences = (changes: Record<string, number>) => compareFigures(committed, { ...committed, ...changes });

  it("finds nothing where nothing differs, and the smallest difference where figures are exact", function () {
    expect(differences({})).to.deep.equal([]);
    expect(differences({ "gas.request.32": 57_951 })).to.deep.equal(["gas.request.32: 57950 -> 57951 (+1)"]);
    expect(differences({ "zk.digits.words": 3 })).to.deep.equal(["zk.digits.words: 4 -> 3 (-1)"]);
  });

  it("lets figures with a random proof differ by 0.2 % and no more", function () {
    expect(differences({ "gas.fulfil.zkml": 267_280 + 534 })).to.deep.equal([]);
    expect(differences({ "gas.fulfil.zkml": 267_280 - 534 })).to.deep.equal([]);
    expect(differences({ "gas.fulfil.zkml": 267_280 + 535 })).to.have.length(1);
    expect(differences({ "gas.fulfil.zkml": 267_280 - 535 })).to.have.length(1);
  });

  it("tells what is new and what is gone", function () {
    expect(differences({ "gas.more": 1 })).to.deep.equal(["gas.more: 1 is new"]);
    expect(compareFigures(committed, {})).to.have.length(3);
  });
});
